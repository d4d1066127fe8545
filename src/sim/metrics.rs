//! What resources count, by the names that AWS gives to it: the ENA driver's counters of instances,
//! and `CloudWatch`'s metrics of gateways, load balancers and endpoints.
//!
//! Everything is an integer that merges over replications to the same value in any order: sums, and
//! the most or least at any time of any replication. The warm-up is counted.

use super::station::Station;
use super::tracking::{Limit, Table, TableCounters};
use crate::units::Time;

/// A resource with something to count.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// As the scenario names it: `kind.name`.
    pub(super) name: String,
    pub(super) meters: Vec<Meter>,
}

/// Something that counts for a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meter {
    /// The card of an instance, by its station.
    Card(u32),
    /// The link-local allowance of an interface, by its station.
    LinkLocal(u32),
    /// What a gateway or endpoint carries in all, by its station.
    Carrier(u32),
    /// A connection table.
    Table(u32, TableKind),
}

/// Whose a connection table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TableKind {
    Card,
    NatGateway,
    NetworkLoadBalancer,
    GatewayLoadBalancer,
    InterfaceEndpoint,
    LambdaInterface,
    Server,
}

/// How values of a metric merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    /// They add up.
    Sum,
    /// The greatest.
    Maximum,
    /// The least.
    Minimum,
}

impl Statistic {
    /// The name in reports, as `CloudWatch` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sum => "Sum",
            Self::Maximum => "Maximum",
            Self::Minimum => "Minimum",
        }
    }

    fn merge(self, a: u64, b: u64) -> u64 {
        match self {
            Self::Sum => a + b,
            Self::Maximum => a.max(b),
            Self::Minimum => a.min(b),
        }
    }
}

/// One metric of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// AWS's name for it.
    pub name: &'static str,
    /// How it merges.
    pub statistic: Statistic,
    /// Its value.
    pub value: u64,
}

/// What a resource counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceResults {
    /// As the scenario names it: `kind.name`.
    pub name: String,
    /// Whether a packet came by.
    pub used: bool,
    /// Its metrics, in an order that is the same for all of its kind.
    pub metrics: Vec<Metric>,
}

impl ResourceResults {
    /// Adds the counts of another replication.
    pub(super) fn merge(&mut self, other: &Self) {
        self.used |= other.used;
        for (into, from) in self.metrics.iter_mut().zip(&other.metrics) {
            into.value = into.statistic.merge(into.value, from.value);
        }
    }

    /// Adds a value; of several with one name and statistic there is one.
    fn add(&mut self, name: &'static str, statistic: Statistic, value: u64) {
        let known = self.metrics.iter_mut().find(|metric| metric.name == name);
        match known {
            // Tables of one resource fill up side by side.
            Some(metric) if statistic == Statistic::Minimum => {
                metric.value = metric.value.min(value);
            }
            Some(metric) => metric.value += value,
            None => self.metrics.push(Metric {
                name,
                statistic,
                value,
            }),
        }
    }
}

impl Resource {
    /// What it counted until `now`, at the end of a run.
    pub(super) fn read(
        &self,
        now: Time,
        stations: &[Station],
        tables: &mut [Table],
    ) -> ResourceResults {
        let mut results = ResourceResults {
            name: self.name.clone(),
            used: false,
            metrics: Vec::new(),
        };
        for meter in &self.meters {
            match *meter {
                Meter::Card(station) => card(&mut results, &stations[station as usize]),
                Meter::LinkLocal(station) => {
                    let counters = stations[station as usize].counters();
                    results.used |= counters.admitted + counters.dropped > 0;
                    let name = "linklocal_allowance_exceeded";
                    results.add(name, Statistic::Sum, counters.dropped);
                }
                Meter::Carrier(station) => carrier(&mut results, &stations[station as usize]),
                Meter::Table(index, kind) => {
                    let table = &mut tables[index as usize];
                    let limit = table.rules().limit;
                    let rules = *table.rules();
                    let counters = *table.counters(now);
                    results.used |= counters.packets_in != [0, 0];
                    let interfaces = rules.interfaces(counters.peak_entries);
                    read_table(&mut results, kind, limit, interfaces, &counters);
                }
            }
        }
        results
    }
}

fn card(results: &mut ResourceResults, station: &Station) {
    let Station::Card(card) = station else {
        unreachable!("the meter of a card is at a card");
    };
    let counters = station.counters();
    results.used |= counters.admitted + counters.dropped > 0;
    let exceeded = card.exceeded();
    for (name, value) in [
        (
            "bw_in_allowance_exceeded",
            exceeded.bw_in_allowance_exceeded,
        ),
        (
            "bw_out_allowance_exceeded",
            exceeded.bw_out_allowance_exceeded,
        ),
        ("pps_allowance_exceeded", exceeded.pps_allowance_exceeded),
    ] {
        results.add(name, Statistic::Sum, value);
    }
}

fn carrier(results: &mut ResourceResults, station: &Station) {
    let counters = station.counters();
    results.used |= counters.admitted + counters.dropped > 0;
    let name = if results.name.starts_with("nat_gateway.") {
        "PacketsDropCount"
    } else {
        "PacketsDropped"
    };
    results.add(name, Statistic::Sum, counters.dropped);
}

fn read_table(
    results: &mut ResourceResults,
    kind: TableKind,
    limit: Limit,
    interfaces: u64,
    counters: &TableCounters,
) {
    use Statistic::{Maximum, Minimum, Sum};
    let both = |pair: [u64; 2]| pair[0] + pair[1];
    let opened = counters.attempts - counters.refused;
    let metrics: Vec<(&'static str, Statistic, u64)> = match kind {
        TableKind::Card => {
            let allowance = match limit {
                Limit::Total { most, .. } => most,
                Limit::None
                | Limit::PerDestination { .. }
                | Limit::Accepted(_)
                | Limit::Each(_) => u64::MAX,
            };
            let available = allowance.saturating_sub(counters.peak_entries);
            vec![
                ("conntrack_allowance_exceeded", Sum, counters.refused),
                ("conntrack_allowance_available", Minimum, available),
            ]
        }
        TableKind::NatGateway => vec![
            ("ActiveConnectionCount", Maximum, counters.peak_active),
            ("ConnectionAttemptCount", Sum, counters.attempts),
            ("ConnectionEstablishedCount", Sum, counters.established),
            ("ErrorPortAllocation", Sum, counters.refused),
            ("IdleTimeoutCount", Sum, counters.idle_timeouts),
            ("BytesInFromSource", Sum, counters.bytes_in[0]),
            ("BytesOutToDestination", Sum, counters.bytes_out[0]),
            ("BytesInFromDestination", Sum, counters.bytes_in[1]),
            ("BytesOutToSource", Sum, counters.bytes_out[1]),
            ("PacketsInFromSource", Sum, counters.packets_in[0]),
            ("PacketsOutToDestination", Sum, counters.packets_out[0]),
            ("PacketsInFromDestination", Sum, counters.packets_in[1]),
            ("PacketsOutToSource", Sum, counters.packets_out[1]),
        ],
        TableKind::NetworkLoadBalancer => vec![
            ("ActiveFlowCount", Maximum, counters.peak_active),
            ("NewFlowCount", Sum, opened),
            ("ProcessedBytes", Sum, both(counters.bytes_out)),
            ("TCP_Client_Reset_Count", Sum, counters.resets_passed[0]),
            ("TCP_Target_Reset_Count", Sum, counters.resets_passed[1]),
            ("TCP_ELB_Reset_Count", Sum, both(counters.resets)),
            ("PortAllocationErrorCount", Sum, counters.refused),
        ],
        TableKind::GatewayLoadBalancer => vec![
            ("ActiveFlowCount", Maximum, counters.peak_active),
            ("NewFlowCount", Sum, opened),
            ("ProcessedBytes", Sum, both(counters.bytes_out)),
        ],
        TableKind::InterfaceEndpoint => vec![
            ("ActiveConnections", Maximum, counters.peak_active),
            ("NewConnections", Sum, opened),
            ("BytesProcessed", Sum, both(counters.bytes_out)),
            ("RstPacketsReceived", Sum, both(counters.resets_passed)),
        ],
        TableKind::LambdaInterface => vec![
            ("NetworkInterfaces", Maximum, interfaces),
            ("ActiveConnections", Maximum, counters.peak_active),
            ("NewConnections", Sum, opened),
        ],
        TableKind::Server => vec![
            ("DatabaseConnections", Maximum, counters.peak_active),
            ("RejectedConnectionCount", Sum, counters.refused),
        ],
    };
    for (name, statistic, value) in metrics {
        results.add(name, statistic, value);
    }
}
