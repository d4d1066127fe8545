//! What is charged by the hour: everything that exists, used or not.

use super::bill::{Section, Term};
use super::inventory::{Holding, HoldingKind};
use super::lambda;
use super::ledger::{Ledger, price};
use crate::profile::Prices;
use crate::scenario::LoadBalancerType;
use crate::units::Usd;

/// Charges a resource by the hour.
pub(super) fn charge(ledger: &mut Ledger<'_>, holding: &Holding) {
    let (region, name) = (holding.region.as_str(), holding.name.as_str());
    let (what, count, price) = match &holding.kind {
        HoldingKind::Instance {
            instance_type,
            usd_per_hour,
        } => return instance(ledger, holding, instance_type, *usd_per_hour),
        HoldingKind::ProvisionedConcurrency {
            count,
            memory,
            architecture,
        } => return lambda::provisioned(ledger, holding, *count, (*memory, *architecture)),
        HoldingKind::NatGateway => ("hours", 1, price!(ledger, region, nat_gateway.hour)),
        HoldingKind::InterfaceEndpoint { zones } => (
            "hours in each zone",
            *zones,
            price!(ledger, region, interface_endpoint.zone_hour),
        ),
        HoldingKind::GatewayLoadBalancerEndpoint => (
            "hours",
            1,
            price!(ledger, region, gateway_load_balancer_endpoint.zone_hour),
        ),
        HoldingKind::GatewayEndpoint => (
            "hours of a gateway endpoint",
            1,
            price!(ledger, Prices::BASE, gateway_endpoint.hour),
        ),
        HoldingKind::TransitGatewayAttachment => (
            "hours of an attachment",
            1,
            price!(ledger, region, transit_gateway.attachment_hour),
        ),
        HoldingKind::VpcPeeringConnection => (
            "hours",
            1,
            price!(ledger, Prices::BASE, vpc_peering_connection.hour),
        ),
        HoldingKind::VpnConnection => ("hours", 1, price!(ledger, region, vpn_connection.hour)),
        HoldingKind::LoadBalancer { kind, zones } => load_balancer(ledger, region, *kind, *zones),
        HoldingKind::PublicIpv4Addresses { count } => {
            ("public IPv4 addresses", *count, public_ipv4(ledger, region))
        }
    };
    let terms = vec![Term::month(count, *price)];
    ledger.charge(Section::Hourly, region, name, what, terms);
    if holding.kind == HoldingKind::VpnConnection {
        let addresses = price!(ledger, Prices::BASE, vpn_connection.public_ipv4_addresses);
        let terms = vec![Term::month(
            u64::from(*addresses),
            *public_ipv4(ledger, region),
        )];
        let what = "public IPv4 addresses of its tunnels";
        ledger.charge(Section::Hourly, region, name, what, terms);
    }
}

fn public_ipv4<'a>(ledger: &mut Ledger<'a>, region: &str) -> &'a Usd {
    price!(ledger, region, public_ipv4_address.hour)
}

/// What an hour of a load balancer is, how many times it is charged, and its price.
fn load_balancer<'a>(
    ledger: &mut Ledger<'a>,
    region: &str,
    kind: LoadBalancerType,
    zones: u64,
) -> (&'static str, u64, &'a Usd) {
    match kind {
        LoadBalancerType::Application => (
            "hours",
            1,
            price!(ledger, region, application_load_balancer.hour),
        ),
        LoadBalancerType::Network => (
            "hours",
            1,
            price!(ledger, region, network_load_balancer.hour),
        ),
        LoadBalancerType::Gateway => (
            "hours in each zone",
            zones,
            price!(ledger, region, gateway_load_balancer.zone_hour),
        ),
    }
}

/// Instances are priced by type, and the price is that of the base Region everywhere.
fn instance(
    ledger: &mut Ledger<'_>,
    holding: &Holding,
    instance_type: &str,
    usd_per_hour: Option<Usd>,
) {
    let Some(price) = usd_per_hour else {
        let (region, name) = (&holding.region, &holding.name);
        ledger.unknown(Section::Compute, region, name, instance_type);
        ledger.note(format!(
            "the price of {instance_type} is not known: the total is without it"
        ));
        return;
    };
    if holding.region != Prices::BASE {
        let name = format!("instance_type.{instance_type}.usd_per_hour");
        ledger.stand_in(&holding.region, &name);
    }
    let terms = vec![Term::month(1, price)];
    ledger.charge(
        Section::Compute,
        &holding.region,
        &holding.name,
        instance_type,
        terms,
    );
}
