//! Capacity units of load balancers: of several dimensions, the one that takes the most units is
//! charged.

use super::HOURS_PER_MONTH;
use super::bill::Unit;
use super::ledger::{Ledger, price};
use super::meters::{CapacityKind, Use};
use super::traffic::Transport;
use crate::units::{Bytes, Usd};

/// A kind of capacity unit, with its price.
#[derive(Debug, Clone, Copy)]
pub(super) struct Capacity {
    pub(super) unit: Unit,
    /// What an hour of it costs.
    pub(super) price: Usd,
    new_connections_per_second: u32,
    active_connections: u32,
    processed_per_hour: Bytes,
}

/// What a load balancer is charged for in a month.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Charged {
    /// The dimension that takes the most units.
    pub(super) dimension: &'static str,
    /// Hours of units, in billionths.
    pub(super) billionths: u128,
    /// The part of each use, in the same unit.
    pub(super) parts: Vec<u128>,
}

impl Capacity {
    /// The capacity units of a load balancer in a Region.
    pub(super) fn of(ledger: &mut Ledger<'_>, region: &str, kind: CapacityKind) -> Self {
        let list = ledger.prices_of(region);
        let (unit, price, capacity) = match kind {
            CapacityKind::Application { .. } => (
                Unit::LcuHours,
                price!(ledger, region, application_load_balancer.lcu_hour),
                &list.application_load_balancer.lcu,
            ),
            CapacityKind::Network(transport) => (
                Unit::NlcuHours,
                price!(ledger, region, network_load_balancer.nlcu_hour),
                match transport {
                    Transport::Tcp => &list.network_load_balancer.tcp,
                    Transport::Tls => &list.network_load_balancer.tls,
                    Transport::Udp => &list.network_load_balancer.udp,
                },
            ),
            CapacityKind::Gateway => (
                Unit::GlcuHours,
                price!(ledger, region, gateway_load_balancer.glcu_hour),
                &list.gateway_load_balancer.glcu,
            ),
        };
        let processed_per_hour = match kind {
            CapacityKind::Application { functions: true } => {
                list.application_load_balancer
                    .lambda_processed_per_hour
                    .value
            }
            CapacityKind::Application { functions: false }
            | CapacityKind::Network(_)
            | CapacityKind::Gateway => capacity.processed_per_hour.value,
        };
        Self {
            unit,
            price: *price,
            new_connections_per_second: capacity.new_connections_per_second.value,
            active_connections: capacity.active_connections.value,
            processed_per_hour,
        }
    }

    /// What `uses`, spread evenly over the month, are charged for together.
    pub(super) fn charged(&self, uses: &[Use]) -> Charged {
        let dimension = |dimension, part: &dyn Fn(&Use) -> u128| {
            let parts: Vec<u128> = uses.iter().map(part).collect();
            Charged {
                dimension,
                billionths: parts.iter().sum(),
                parts,
            }
        };
        let processed = dimension("processed bytes", &|one| self.bytes(one.bytes));
        let others = [
            dimension("new connections", &|one| {
                hours(
                    one.new_connections_per_second,
                    self.new_connections_per_second,
                )
            }),
            dimension("active connections", &|one| {
                hours(one.active_connections, self.active_connections)
            }),
        ];
        others.into_iter().fold(processed, |most, other| {
            if other.billionths > most.billionths {
                other
            } else {
                most
            }
        })
    }

    /// Billionths of hours of units that so many bytes of a month take, rounded to the nearest.
    pub(super) fn bytes(&self, bytes: u128) -> u128 {
        let per_hour = u128::from(self.processed_per_hour.get()).max(1);
        (bytes.saturating_mul(1_000_000_000) + per_hour / 2) / per_hour
    }
}

/// Billionths of hours of units that a steady `load` takes in a month, if a unit carries so much.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
fn hours(load: f64, per_unit: u32) -> u128 {
    let units = load / f64::from(per_unit.max(1));
    (units * HOURS_PER_MONTH as f64 * 1e9).round() as u128
}
