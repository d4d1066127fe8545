//! What a gigabyte costs on a way, part by part.

use std::fmt;

use super::bill::{Quantity, Term};
use super::capacity::Capacity;
use super::ledger::{Ledger, price};
use super::meters::{Line, LineMeter, line};
use super::traffic::Transport;
use super::volume::cross_region;
use crate::path::Meter;
use crate::profile::Prices;
use crate::topology::Topology;
use crate::units::Usd;

/// What a gigabyte costs on a way, before any tier has been used up and beyond what is free.
#[derive(Debug, Clone, PartialEq)]
pub struct GigabytePrice {
    /// What charges for it, in the order of the way.
    pub parts: Vec<GigabytePart>,
    /// The sum of the parts.
    pub total: Usd,
}

/// One thing that charges for a gigabyte.
#[derive(Debug, Clone, PartialEq)]
pub struct GigabytePart {
    /// What it charges for.
    pub what: String,
    /// The charge.
    pub price: Usd,
}

/// What a gigabyte costs that passes `meters` on one way. A load balancer is taken to be charged by
/// processed bytes.
#[must_use]
pub fn price_of_gigabyte(topology: &Topology, meters: &[Meter]) -> GigabytePrice {
    let mut ledger = Ledger::new(&topology.profile.price);
    let lines = meters
        .iter()
        .filter_map(|&meter| line(topology, meter, Transport::Tcp));
    let parts: Vec<GigabytePart> = lines
        .map(|(line, through)| part(&mut ledger, &line, &through))
        .collect();
    GigabytePrice {
        total: parts.iter().map(|part| part.price).sum(),
        parts,
    }
}

fn part(ledger: &mut Ledger<'_>, line: &Line, through: &str) -> GigabytePart {
    let region = line.region.as_str();
    let (what, price) = match &line.meter {
        LineMeter::NatGateway(_) => (
            format!("{through} processing"),
            *price!(ledger, region, nat_gateway.gb),
        ),
        LineMeter::GatewayEndpoint(_) => (
            format!("{through} processing"),
            *price!(ledger, Prices::BASE, gateway_endpoint.gb),
        ),
        LineMeter::InterfaceEndpoints => {
            let tiers = price!(ledger, region, interface_endpoint.gb);
            (format!("{through} processing"), tiers.first_price())
        }
        LineMeter::GatewayLoadBalancerEndpoint(_) => {
            let price = price!(ledger, region, gateway_load_balancer_endpoint.gb);
            (format!("{through} processing"), *price)
        }
        LineMeter::TransitGateway { .. } => {
            let price = price!(ledger, region, transit_gateway.gb);
            (format!("transit gateway from {through}"), *price)
        }
        LineMeter::LoadBalancer { kind, .. } => {
            let capacity = Capacity::of(ledger, region, *kind);
            let quantity = Quantity {
                billionths: capacity.bytes(1_000_000_000),
                unit: capacity.unit,
            };
            let price = Term::of(quantity, capacity.price).amount();
            (format!("{through} capacity"), price)
        }
        LineMeter::CrossZone { .. } => {
            let price = price!(ledger, region, cross_zone.gb);
            (format!("between zones {through}, out and in"), *price * 2)
        }
        LineMeter::CrossRegion { to } => (
            format!("between Regions {through}"),
            cross_region(ledger, region, to),
        ),
        LineMeter::InternetEgress => {
            let tiers = price!(ledger, region, internet_egress.gb);
            (
                format!("out of {region} to the internet"),
                tiers.first_price(),
            )
        }
    };
    GigabytePart { what, price }
}

impl fmt::Display for GigabytePrice {
    /// `$0.065: nat_gateway.a processing $0.045, between zones … $0.02`, or `nothing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.parts.is_empty() {
            return f.write_str("nothing");
        }
        write!(f, "{}: ", self.total)?;
        for (index, part) in self.parts.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{} {}", part.what, part.price)?;
        }
        Ok(())
    }
}
