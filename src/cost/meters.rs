//! From the meters on the ways of workloads to lines of the bill: who moved how much past what.

use indexmap::IndexMap;

use super::inventory::Places;
use super::traffic::{Traffic, Transport};
use crate::path::{Meter, Resource};
use crate::scenario::{LoadBalancerType, TargetType};
use crate::topology::{AttachedTo, Id, LoadBalancer, Topology};

/// What charges by volume, as a line of the bill.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Line {
    pub(super) region: String,
    pub(super) meter: LineMeter,
}

/// What a line charges for. Names are `kind.name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum LineMeter {
    NatGateway(String),
    GatewayEndpoint(String),
    /// All of a Region: their tiers are common.
    InterfaceEndpoints,
    GatewayLoadBalancerEndpoint(String),
    TransitGateway {
        attachment: String,
    },
    LoadBalancer {
        name: String,
        kind: CapacityKind,
    },
    CrossZone {
        from: String,
        to: String,
    },
    CrossRegion {
        to: String,
    },
    InternetEgress,
}

/// Which capacity units a load balancer is charged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum CapacityKind {
    Application {
        /// Whether its targets are functions.
        functions: bool,
    },
    Network(Transport),
    Gateway,
}

/// What one workload moves past a line's meter.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Use {
    pub(super) workload: String,
    /// What it went through, as `kind.name` where it has a name.
    pub(super) through: String,
    pub(super) bytes: u128,
    /// For load balancers.
    pub(super) new_connections_per_second: f64,
    /// For load balancers.
    pub(super) active_connections: f64,
}

/// The lines of all workloads, each kind in the order in which they first appear.
pub(super) fn lines(topology: &Topology, traffic: &[Traffic]) -> IndexMap<Line, Vec<Use>> {
    let mut lines: IndexMap<Line, Vec<Use>> = IndexMap::new();
    for one in traffic {
        let directions = [
            (&one.forward, one.bytes_forward),
            (&one.back, one.bytes_back),
        ];
        for (index, (meters, bytes)) in directions.into_iter().enumerate() {
            for &meter in meters {
                let Some((line, through)) = line(topology, meter, one.transport) else {
                    continue;
                };
                // A connection is opened on the way there, and counts once.
                let connections = if index == 0 { 1.0 } else { 0.0 };
                let more = Use {
                    workload: one.workload.clone(),
                    through,
                    bytes: u128::from(bytes.get()),
                    new_connections_per_second: one.new_connections_per_second * connections,
                    active_connections: one.active_connections * connections,
                };
                add(lines.entry(line).or_default(), more);
            }
        }
    }
    lines.sort_by(|a, _, b, _| rank(&a.meter).cmp(&rank(&b.meter)));
    lines
}

/// Adds to what the same workload moves through the same thing already.
fn add(uses: &mut Vec<Use>, more: Use) {
    let known = uses
        .iter_mut()
        .find(|known| known.workload == more.workload && known.through == more.through);
    match known {
        Some(known) => {
            known.bytes += more.bytes;
            known.new_connections_per_second += more.new_connections_per_second;
            known.active_connections += more.active_connections;
        }
        None => uses.push(more),
    }
}

/// The place of a kind of line in the bill.
const fn rank(meter: &LineMeter) -> u8 {
    match meter {
        LineMeter::NatGateway(_) => 0,
        LineMeter::GatewayEndpoint(_) => 1,
        LineMeter::InterfaceEndpoints => 2,
        LineMeter::GatewayLoadBalancerEndpoint(_) => 3,
        LineMeter::TransitGateway { .. } => 4,
        LineMeter::LoadBalancer { .. } => 5,
        LineMeter::CrossZone { .. } => 6,
        LineMeter::CrossRegion { .. } => 7,
        LineMeter::InternetEgress => 8,
    }
}

/// The line of a meter, and what passes it in the words of the scenario; `None` for what is free of
/// charge.
pub(super) fn line(
    topology: &Topology,
    meter: Meter,
    transport: Transport,
) -> Option<(Line, String)> {
    let places = Places(topology);
    let (region, meter, through) = match meter {
        Meter::NatGateway(id) => {
            let name = places.name(Resource::NatGateway(id));
            let region = places.of_interface(topology.nat_gateways[id].network_interface);
            (region, LineMeter::NatGateway(name.clone()), name)
        }
        Meter::GatewayEndpoint(id) => {
            let name = places.name(Resource::VpcEndpoint(id));
            let region = places.of_vpc(topology.vpc_endpoints[id].vpc);
            (region, LineMeter::GatewayEndpoint(name.clone()), name)
        }
        Meter::InterfaceEndpoint(id) => (
            places.of_vpc(topology.vpc_endpoints[id].vpc),
            LineMeter::InterfaceEndpoints,
            places.name(Resource::VpcEndpoint(id)),
        ),
        Meter::GatewayLoadBalancerEndpoint(id) => {
            let name = places.name(Resource::VpcEndpoint(id));
            let meter = LineMeter::GatewayLoadBalancerEndpoint(name.clone());
            (places.of_vpc(topology.vpc_endpoints[id].vpc), meter, name)
        }
        Meter::TransitGateway(id) => {
            let attachment = &topology.transit_gateway_attachments[id];
            match attachment.to {
                AttachedTo::Vpc { .. } | AttachedTo::Vpn(_) => {}
                // Charged where it came into the first transit gateway.
                AttachedTo::Peering { .. } => return None,
            }
            let name = places.name(Resource::TransitGatewayAttachment(id));
            let meter = LineMeter::TransitGateway {
                attachment: name.clone(),
            };
            (places.of_attachment(id), meter, name)
        }
        Meter::LoadBalancer(id) => {
            let name = places.name(Resource::LoadBalancer(id));
            let kind = capacity_kind(topology, id, transport);
            let meter = LineMeter::LoadBalancer {
                name: name.clone(),
                kind,
            };
            (places.of_vpc(topology.load_balancers[id].vpc), meter, name)
        }
        Meter::CrossZone(from, to) => {
            let [sender, receiver] = [from, to].map(|zone| topology.substrate.fabrics.name(zone));
            let meter = LineMeter::CrossZone {
                from: sender.to_owned(),
                to: receiver.to_owned(),
            };
            let region = places.region(topology.region_of_zone(from));
            (region, meter, between(sender, receiver))
        }
        Meter::CrossRegion(from, to) => {
            let (sender, receiver) = (places.region(from), places.region(to));
            let meter = LineMeter::CrossRegion {
                to: receiver.to_owned(),
            };
            (sender, meter, between(sender, receiver))
        }
        Meter::InternetEgress(from) => {
            let region = places.region(from);
            let through = between(region, "internet");
            (region, LineMeter::InternetEgress, through)
        }
    };
    let region = region.to_owned();
    Some((Line { region, meter }, through))
}

/// From one place to another.
pub(super) fn between(from: &str, to: &str) -> String {
    format!("{from} → {to}")
}

/// What a load balancer is charged for. An Application Load Balancer counts as one of functions if
/// all its targets are functions.
fn capacity_kind(topology: &Topology, id: Id<LoadBalancer>, transport: Transport) -> CapacityKind {
    let balancer = &topology.load_balancers[id];
    match balancer.kind {
        LoadBalancerType::Application => {
            let mut groups = balancer
                .listeners
                .iter()
                .map(|listener| listener.target_group);
            let to_functions =
                |group| topology.target_groups[group].target_type == TargetType::Lambda;
            CapacityKind::Application {
                functions: !balancer.listeners.is_empty() && groups.all(to_functions),
            }
        }
        LoadBalancerType::Network => CapacityKind::Network(transport),
        LoadBalancerType::Gateway => CapacityKind::Gateway,
    }
}
