//! What is charged by volume: what workloads move past the meters on their ways.

use super::bill::{Quantity, Section, Share, Term};
use super::capacity::Capacity;
use super::ledger::{Ledger, price};
use super::meters::{CapacityKind, Line, LineMeter, Use, between};
use super::traffic::Transport;
use crate::profile::{Prices, Tiers};
use crate::units::Usd;

/// What is left of the volume to the internet that is free in a month.
#[derive(Debug, Clone, Copy)]
pub(super) struct FreeEgress(u128);

impl FreeEgress {
    /// All of it, at the start of a month.
    pub(super) fn new(ledger: &Ledger<'_>) -> Self {
        let free = ledger.prices_of(Prices::BASE).internet_egress.free.value;
        Self(u128::from(free.get()))
    }
}

/// Charges what passes a meter.
pub(super) fn charge(ledger: &mut Ledger<'_>, line: &Line, uses: &[Use], free: &mut FreeEgress) {
    let region = line.region.as_str();
    let bytes: u128 = uses.iter().map(|one| one.bytes).sum();
    let (resource, what, terms) = match &line.meter {
        LineMeter::LoadBalancer { name, kind } => {
            return load_balancer(ledger, region, name, *kind, uses);
        }
        LineMeter::NatGateway(name) => {
            let price = price!(ledger, region, nat_gateway.gb);
            (name.clone(), "data processed", at(*price, bytes))
        }
        LineMeter::GatewayEndpoint(name) => {
            let price = price!(ledger, Prices::BASE, gateway_endpoint.gb);
            (name.clone(), "data processed", at(*price, bytes))
        }
        LineMeter::InterfaceEndpoints => {
            let tiers = price!(ledger, region, interface_endpoint.gb);
            let (first, others) = uses.split_first().map_or((None, uses), |(first, others)| {
                (Some(&first.through), others)
            });
            let resource = match first {
                Some(first) if others.iter().all(|one| one.through == *first) => first.clone(),
                Some(_) | None => "interface endpoints".to_owned(),
            };
            (resource, "data processed", tiered(tiers, bytes))
        }
        LineMeter::GatewayLoadBalancerEndpoint(name) => {
            let price = price!(ledger, region, gateway_load_balancer_endpoint.gb);
            (name.clone(), "data processed", at(*price, bytes))
        }
        LineMeter::TransitGateway { attachment } => {
            let price = price!(ledger, region, transit_gateway.gb);
            let what = "data sent into the transit gateway";
            (attachment.clone(), what, at(*price, bytes))
        }
        LineMeter::CrossZone { from, to } => {
            let price = price!(ledger, region, cross_zone.gb);
            // Once to the sender, once to the receiver.
            let term = Term {
                count: 2,
                quantity: Quantity::bytes(bytes),
                price: *price,
            };
            (
                between(from, to),
                "transfer between zones, out and in",
                vec![term],
            )
        }
        LineMeter::CrossRegion { to } => {
            let price = cross_region(ledger, region, to);
            (
                between(region, to),
                "transfer between Regions",
                at(price, bytes),
            )
        }
        LineMeter::InternetEgress => {
            let tiers = price!(ledger, region, internet_egress.gb);
            let gratis = bytes.min(free.0);
            free.0 -= gratis;
            let mut terms = Vec::new();
            if gratis > 0 {
                terms.extend(at(Usd::ZERO, gratis));
            }
            if bytes > gratis || terms.is_empty() {
                terms.extend(tiered(tiers, bytes - gratis));
            }
            (between(region, "internet"), "transfer out", terms)
        }
    };
    ledger.charge(Section::Traffic, region, resource, what, terms);
    let weights: Vec<u128> = uses.iter().map(|one| one.bytes).collect();
    let shares = uses
        .iter()
        .map(|one| share(one, Quantity::bytes(one.bytes)));
    ledger.divide(shares.collect(), &weights);
}

/// The price of a gigabyte from one Region to another.
pub(super) fn cross_region(ledger: &mut Ledger<'_>, from: &str, to: &str) -> Usd {
    let pair = format!("cross_region.to.{to}");
    let known = ledger.prices_of(from).cross_region.to.contains_key(to);
    let name = if known {
        pair.as_str()
    } else {
        "cross_region.gb"
    };
    *ledger.price(from, name, |list| {
        let prices = &list.cross_region;
        prices.to.get(to).unwrap_or(&prices.gb)
    })
}

/// Charges the capacity units of a load balancer.
fn load_balancer(
    ledger: &mut Ledger<'_>,
    region: &str,
    name: &str,
    kind: CapacityKind,
    uses: &[Use],
) {
    let capacity = Capacity::of(ledger, region, kind);
    let charged = capacity.charged(uses);
    let of = match kind {
        CapacityKind::Application { .. } | CapacityKind::Gateway => "",
        CapacityKind::Network(Transport::Tcp) => " of TCP",
        CapacityKind::Network(Transport::Tls) => " of TLS",
        CapacityKind::Network(Transport::Udp) => " of UDP",
    };
    let what = format!("capacity units{of}, by {}", charged.dimension);
    let quantity = |billionths| Quantity {
        billionths,
        unit: capacity.unit,
    };
    let terms = vec![Term::of(quantity(charged.billionths), capacity.price)];
    ledger.charge(Section::Traffic, region, name, what, terms);
    let shares = uses
        .iter()
        .zip(&charged.parts)
        .map(|(one, &part)| share(one, quantity(part)));
    ledger.divide(shares.collect(), &charged.parts);
    ledger.note(
        "capacity units of load balancers are those of a load spread evenly over the month: peaks \
         take more",
    );
}

/// The share of a use, its amount to be filled in.
fn share(one: &Use, quantity: Quantity) -> Share {
    Share {
        workload: one.workload.clone(),
        through: one.through.clone(),
        quantity,
        amount: Usd::ZERO,
    }
}

/// So many bytes at one price.
fn at(price: Usd, bytes: u128) -> Vec<Term> {
    vec![Term::of(Quantity::bytes(bytes), price)]
}

/// So many bytes at a price that falls tier by tier; at least one term.
fn tiered(tiers: &Tiers, bytes: u128) -> Vec<Term> {
    let (mut terms, mut start) = (Vec::new(), 0);
    for tier in tiers.as_slice() {
        let end = tier
            .up_to
            .map_or(bytes, |up_to| bytes.min(u128::from(up_to.get())));
        if end > start || terms.is_empty() {
            terms.push(Term::of(Quantity::bytes(end - start), tier.price));
        }
        start = end;
    }
    terms
}
