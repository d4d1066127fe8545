//! Fleets become stations: what a gateway carries in all, and the nodes that do its work.

use super::stage::{About, Capacity, Compiler, Resource, Way};
use crate::profile::FleetFigures;
use crate::scenario::LoadBalancerType;
use crate::sim::metrics::Meter;
use crate::sim::part::Part;
use crate::sim::program::{Latency, Stage, StationChoice};
use crate::sim::station::{Elastic, Growth, Servers, Station};
use crate::topology::{Id, InterfaceOwner, MAX_SERVERS, NetworkInterface, Topology};
use crate::units::Duration;

impl Compiler<'_> {
    /// A pass through the fleet behind an interface: what it carries in all, then the node that the
    /// flow is hashed to (Top). The first packet of a flow on Hyperplane also occupies the node that
    /// keeps the flow (Flow Master) and the one that decides on it (Decider), which are others of the
    /// shard; the time that asking them takes is in `new_flow_latency`.
    pub(super) fn fleet(&mut self, interface: Id<NetworkInterface>, node: u32, way: &Way<'_>) {
        let topology = self.topology;
        let (figures, part, queue) = fleet_of(topology, interface);
        if let Some(stage) = self.carrier(interface, part) {
            self.stages.push(stage);
        }
        let latency = self.latency(
            &figures.new_flow_latency.value,
            &figures.established_latency.value,
        );
        let service = Some(self.distribution(&figures.service_time.value));
        let at = |station, latency| Stage {
            station: Some(station),
            queue,
            service,
            ..Stage::plain(latency, part)
        };
        let top = self.node(interface, node);
        self.stages.push(Stage {
            table: way.tables.of_fleet(topology, interface),
            ..at(top, latency)
        });
        let shard = topology.network_interfaces[interface].fleet_nodes.len();
        let count = u32::try_from(shard).expect("a shard has few nodes");
        for role in 1..=2.min(count.saturating_sub(1)) {
            let other = self.node(interface, (node + role) % count);
            self.stages.push(Stage {
                first_only: true,
                ..at(other, Latency::Constant(Duration::ZERO))
            });
        }
    }

    /// A node of the fleet behind an interface. In a cell, it may be another interface's node, too.
    fn node(&mut self, interface: Id<NetworkInterface>, node: u32) -> StationChoice {
        let topology = self.topology;
        let (figures, part, _) = fleet_of(topology, interface);
        let servers = figures.servers.value.min(MAX_SERVERS);
        let shard = &topology.network_interfaces[interface].fleet_nodes;
        let (resource, room) = match shard.get(node as usize) {
            Some(&number) => {
                let room = topology.profile.limit.hyperplane.queue.value;
                let zone = topology.zone_of(interface);
                (Resource::CellNode(part, zone, number), Some(room))
            }
            None => (Resource::Node(interface, node), None),
        };
        self.stations.get(resource, 1, || {
            let about = About {
                name: topology.owner_name(interface),
                capacity: Capacity::Servers {
                    servers,
                    limited: room.is_some(),
                },
            };
            (Station::Servers(Servers::new(servers, room)), about)
        })
    }

    /// What a NAT gateway, or an interface endpoint in a zone, carries in all.
    fn carrier(&mut self, interface: Id<NetworkInterface>, part: Part) -> Option<Stage> {
        let topology = self.topology;
        let limits = &topology.profile.limit;
        let (first_rate, last_rate, packets) = match topology.network_interfaces[interface].owner {
            InterfaceOwner::NatGateway(_) => {
                let limits = &limits.nat_gateway;
                let packets = (limits.packets.value, limits.packets_grown.value);
                (limits.rate.value, limits.rate_grown.value, Some(packets))
            }
            InterfaceOwner::VpcEndpoint(_) => {
                let limits = &limits.interface_endpoint;
                (limits.rate.value, limits.rate_grown.value, None)
            }
            InterfaceOwner::Instance { .. }
            | InterfaceOwner::Unattached
            | InterfaceOwner::LoadBalancer(_)
            | InterfaceOwner::TransitGateway(_)
            | InterfaceOwner::Function(_) => return None,
        };
        let growth = Growth {
            first_rate,
            last_rate,
            packets,
            period: limits.growth.period.value,
            burst: limits.growth.burst.value,
        };
        let next = self.stations.next();
        let name = topology.owner_name(interface);
        let station = self.stations.get(Resource::Fleet(interface), 1, || {
            let about = About {
                name: name.clone(),
                capacity: Capacity::Rate {
                    rate: last_rate,
                    limited: true,
                },
            };
            (Station::Elastic(Box::new(Elastic::new(&growth))), about)
        });
        if station.first == next {
            self.tables.meter(&name, Meter::Carrier(next));
        }
        Some(Stage {
            station: Some(station),
            ..Stage::plain(Latency::Constant(Duration::ZERO), part)
        })
    }
}

/// The figures of the fleet behind an interface, and the parts that its time is charged to.
fn fleet_of(topology: &Topology, interface: Id<NetworkInterface>) -> (&FleetFigures, Part, Part) {
    let profile = &topology.profile;
    match topology.network_interfaces[interface].owner {
        InterfaceOwner::NatGateway(_) => (
            &profile.nat_gateway,
            Part::NatGateway,
            Part::NatGatewayQueue,
        ),
        InterfaceOwner::TransitGateway(_) => (
            &profile.transit_gateway,
            Part::TransitGateway,
            Part::TransitGatewayQueue,
        ),
        InterfaceOwner::LoadBalancer(id) => match topology.load_balancers[id].kind {
            LoadBalancerType::Application => (
                &profile.application_load_balancer,
                Part::ApplicationLoadBalancer,
                Part::ApplicationLoadBalancerQueue,
            ),
            LoadBalancerType::Network => (
                &profile.network_load_balancer,
                Part::NetworkLoadBalancer,
                Part::NetworkLoadBalancerQueue,
            ),
            LoadBalancerType::Gateway => (
                &profile.gateway_load_balancer,
                Part::GatewayLoadBalancer,
                Part::GatewayLoadBalancerQueue,
            ),
        },
        InterfaceOwner::Function(_) => (
            &profile.lambda_interface,
            Part::LambdaInterface,
            Part::LambdaInterfaceQueue,
        ),
        // Instances have hosts, not fleets.
        InterfaceOwner::VpcEndpoint(_)
        | InterfaceOwner::Instance { .. }
        | InterfaceOwner::Unattached => (
            &profile.interface_endpoint,
            Part::InterfaceEndpoint,
            Part::InterfaceEndpointQueue,
        ),
    }
}
