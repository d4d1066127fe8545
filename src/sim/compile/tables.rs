//! What remembers connections: tables of cards, gateways, load balancers and endpoints, and which of
//! them the flows of a path use.

use super::stage::Compiler;
use crate::path::{Admission, Header, Hop, Path, Resource as Place, Server, Step, Tracking};
use crate::profile::LimitFigures;
use crate::scenario::{LoadBalancerType, Protocol};
use crate::sim::metrics::{Meter, Resource, TableKind};
use crate::sim::program::TableUse;
use crate::sim::tracking::{Rules, Table, Timeouts, Transport};
use crate::topology::{EndpointKind, Id, InterfaceOwner, NetworkInterface, Topology};
use crate::units::Duration;

/// The tables made so far, and what resources count.
#[derive(Debug, Default)]
pub(in crate::sim) struct Tables {
    all: Vec<Table>,
    by_key: Vec<(Key, u32)>,
    /// Destinations of flows, as far as tables tell them apart, by table.
    destinations: Vec<Vec<Destination>>,
    resources: Vec<Resource>,
}

/// Whose a table is. A card's has its first device, and a Network Load Balancer one for flows whose
/// source it keeps and one for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    owner: InterfaceOwner,
    interface: Option<Id<NetworkInterface>>,
    keeps_source: bool,
    /// Whether it is the server process's, not the card's.
    server: bool,
}

impl Key {
    const fn of(owner: InterfaceOwner) -> Self {
        Self {
            owner,
            interface: None,
            keeps_source: false,
            server: false,
        }
    }
}

/// Address, port and protocol.
type Destination = (std::net::IpAddr, u16, Protocol);

/// The tables that see the flows of one variant of a path, there and back. A flow has a slot for each
/// of them: [`TableUse::slot`] is its place.
#[derive(Debug, Clone, Default)]
pub(in crate::sim) struct TableList {
    cards: Vec<(Id<NetworkInterface>, TableUse)>,
    fleets: Vec<(InterfaceOwner, TableUse)>,
    /// That of the server process, behind its interface.
    server: Option<(Id<NetworkInterface>, TableUse)>,
    /// Whether the flows go by ENA Express.
    pub(super) ena_express: bool,
}

impl TableList {
    /// How many slots a flow needs.
    #[cfg(test)]
    pub(super) fn slots(&self) -> usize {
        self.cards.len() + self.fleets.len() + usize::from(self.server.is_some())
    }

    pub(super) fn of_server(&self, interface: Id<NetworkInterface>) -> Option<TableUse> {
        let (own, table) = self.server?;
        (own == interface).then_some(table)
    }

    pub(super) fn of_card(&self, interface: Id<NetworkInterface>) -> Option<TableUse> {
        let mut cards = self.cards.iter();
        cards
            .find(|(own, _)| *own == interface)
            .map(|(_, table)| *table)
    }

    pub(super) fn of_fleet(
        &self,
        topology: &Topology,
        interface: Id<NetworkInterface>,
    ) -> Option<TableUse> {
        let owner = topology.network_interfaces[interface].owner;
        let mut fleets = self.fleets.iter();
        fleets
            .find(|(own, _)| *own == owner)
            .map(|(_, table)| *table)
    }
}

impl Tables {
    /// Has a resource counted by one more meter.
    pub(super) fn meter(&mut self, name: &str, meter: Meter) {
        let known = self.resources.iter_mut().find(|other| other.name == name);
        match known {
            Some(resource) => resource.meters.push(meter),
            None => self.resources.push(Resource {
                name: name.to_owned(),
                meters: vec![meter],
            }),
        }
    }

    pub(in crate::sim) fn into_parts(self) -> (Vec<Table>, Vec<Resource>) {
        (self.all, self.resources)
    }

    fn get(&mut self, key: Key, name: &str, kind: TableKind, rules: Rules) -> u32 {
        if let Some((_, table)) = self.by_key.iter().find(|(other, _)| *other == key) {
            return *table;
        }
        let table = u32::try_from(self.all.len()).expect("fewer than 2^32 tables");
        self.all.push(Table::new(rules));
        self.destinations.push(Vec::new());
        self.by_key.push((key, table));
        self.meter(name, Meter::Table(table, kind));
        table
    }

    fn destination(&mut self, table: u32, destination: Destination) -> u32 {
        let all = &mut self.destinations[table as usize];
        let known = all.iter().position(|other| *other == destination);
        let index = known.unwrap_or_else(|| {
            all.push(destination);
            all.len() - 1
        });
        u32::try_from(index).expect("few destinations")
    }
}

impl Compiler<'_> {
    /// The tables that the flows of a path use. What security groups do not track has no entry on its
    /// card; what is translated is always tracked.
    pub(in crate::sim) fn tables_of(&mut self, path: &Path) -> TableList {
        let mut list = TableList {
            ena_express: path.ena_express,
            ..TableList::default()
        };
        let protocol = path.header.map(|header| header.protocol);
        let transport = match protocol {
            Some(Protocol::Tcp) => Transport::Tcp,
            _ => Transport::Udp,
        };
        let mut slot = 0;
        let steps = &path.forward.steps;
        for step in steps {
            match *step {
                Step::SecurityGroup {
                    interface,
                    by:
                        Admission::Rule {
                            tracking: Tracking::Tracked,
                            ..
                        },
                    ..
                } if list.of_card(interface).is_none() => {
                    if let Some((table, timeouts)) = self.card_table(interface) {
                        let place = TableUse {
                            table,
                            slot,
                            destination: 0,
                            transport,
                            timeouts,
                        };
                        list.cards.push((interface, place));
                        slot += 1;
                    }
                }
                Step::Hop(Hop::Fleet(interface, _))
                    if list.of_fleet(self.topology, interface).is_none() =>
                {
                    let owner = self.topology.network_interfaces[interface].owner;
                    let passed = translation(steps, owner);
                    if let Some((table, destination, timeouts)) =
                        self.fleet_table(interface, passed, path.header)
                    {
                        let place = TableUse {
                            table,
                            slot,
                            destination,
                            transport,
                            timeouts,
                        };
                        list.fleets.push((owner, place));
                        slot += 1;
                    }
                }
                Step::Leaves(_)
                | Step::Enters(_)
                | Step::SecurityGroup { .. }
                | Step::NetworkAcl { .. }
                | Step::Route { .. }
                | Step::TransitGatewayRoute { .. }
                | Step::Through(_)
                | Step::Translates { .. }
                | Step::LimitsMtu(_)
                | Step::Hop(_) => {}
            }
        }
        list.server = self.server_table(path).map(|(interface, table)| {
            let place = TableUse {
                table,
                slot,
                destination: 0,
                transport,
                timeouts: 0,
            };
            (interface, place)
        });
        list
    }

    /// The table of the server process that takes the connections of a path, if it has one. Those of a
    /// load balancer that ends its clients' connections are its own, and kept.
    fn server_table(&mut self, path: &Path) -> Option<(Id<NetworkInterface>, u32)> {
        let topology = self.topology;
        let Some(Server::Interface(interface)) = path.server else {
            return None;
        };
        let tcp = path.header.map(|header| header.protocol) == Some(Protocol::Tcp);
        if !tcp || path.proxy.is_some() {
            return None;
        }
        let most = topology.max_connections(interface)?;
        // Whichever of its interfaces an instance is asked at.
        let own = match self.instance_of(interface) {
            Some(instance) => topology.instances[instance].network_interfaces[0],
            None => interface,
        };
        let name = topology.owner_name(own);
        let key = Key {
            interface: Some(own),
            server: true,
            ..Key::of(topology.network_interfaces[own].owner)
        };
        let keep_alive = topology.profile.limit.server.keep_alive.value;
        let rules = Rules::server(most.into(), keep_alive);
        let table = self.tables.get(key, &name, TableKind::Server, rules);
        Some((interface, table))
    }

    /// The table of an instance's card, and which of its timeouts those of an interface are.
    fn card_table(&mut self, interface: Id<NetworkInterface>) -> Option<(u32, u8)> {
        let topology = self.topology;
        let id = self.instance_of(interface)?;
        let instance = &topology.instances[id];
        let figures = &topology.profile.limit.conntrack;
        let set = topology.network_interfaces[interface].connection_tracking;
        let defaults = Timeouts {
            tcp_opening: figures.tcp_opening.value,
            tcp_established: if instance.nitro_v6 {
                figures.tcp_established_v6.value
            } else {
                figures.tcp_established.value
            },
            tcp_closing: figures.tcp_closing.value,
            udp: figures.udp.value,
            udp_stream: figures.udp_stream.value,
        };
        let own = Timeouts {
            tcp_established: set
                .tcp_established_timeout
                .unwrap_or(defaults.tcp_established),
            udp: set.udp_timeout.unwrap_or(defaults.udp),
            udp_stream: set.udp_stream_timeout.unwrap_or(defaults.udp_stream),
            ..defaults
        };
        let key = Key::of(InterfaceOwner::Instance {
            instance: id,
            device_index: 0,
        });
        let allowance = figures.per_vcpu.value * u64::from(instance.instance_type.vcpus);
        let rules = Rules::connection_tracking(allowance, defaults);
        let name = format!("instance.{}", topology.instances.name(id));
        let table = self.tables.get(key, &name, TableKind::Card, rules);
        Some((table, self.tables.all[table as usize].add_timeouts(own)))
    }

    /// The table of a fleet, the number of the destination, and which timeouts apply.
    fn fleet_table(
        &mut self,
        interface: Id<NetworkInterface>,
        passed: Option<(Header, Header)>,
        sent: Option<Header>,
    ) -> Option<(u32, u32, u8)> {
        let topology = self.topology;
        let owner = topology.network_interfaces[interface].owner;
        let limits = &topology.profile.limit;
        let mut key = Key::of(owner);
        let mut name = topology.owner_name(interface);
        let mut given = None;
        let (kind, rules) = match owner {
            InterfaceOwner::NatGateway(id) => {
                let figures = &limits.nat_gateway;
                let timeouts = all(figures.idle_timeout.value, figures.port_hold.value);
                let addresses = u64::from(topology.nat_gateways[id].addresses);
                let rules = Rules::nat_gateway(addresses, figures.ports.value, timeouts);
                (TableKind::NatGateway, rules)
            }
            // The Gateway Load Balancer behind such an endpoint remembers the flow.
            InterfaceOwner::VpcEndpoint(id) if is_gateway(&topology.vpc_endpoints[id].kind) => {
                return None;
            }
            InterfaceOwner::VpcEndpoint(_) => {
                let timeouts = hyperplane(limits, limits.interface_endpoint.idle_timeout.value);
                (
                    TableKind::InterfaceEndpoint,
                    Rules::interface_endpoint(timeouts),
                )
            }
            InterfaceOwner::LoadBalancer(id) => {
                let balancer = &topology.load_balancers[id];
                let port = passed.map(|(before, _)| before.destination.ports.from);
                let mut listeners = balancer.listeners.iter();
                let taken =
                    listeners.find(|listener| listener.port == 0 || Some(listener.port) == port);
                given = taken.and_then(|listener| listener.tcp_idle_timeout);
                match balancer.kind {
                    LoadBalancerType::Application => return None,
                    LoadBalancerType::Network => {
                        let figures = &limits.network_load_balancer;
                        key.keeps_source = passed.is_none_or(|(before, after)| {
                            before.source.address == after.source.address
                        });
                        let ports = Some(figures.ports.value).filter(|_| !key.keeps_source);
                        let timeouts = Timeouts {
                            udp: figures.udp_idle_timeout.value,
                            udp_stream: figures.udp_idle_timeout.value,
                            ..all(figures.tcp_idle_timeout.value, figures.port_hold.value)
                        };
                        let rules = Rules::network_load_balancer(ports, timeouts);
                        (TableKind::NetworkLoadBalancer, rules)
                    }
                    LoadBalancerType::Gateway => {
                        let figures = &limits.gateway_load_balancer;
                        let timeouts = Timeouts {
                            udp: figures.udp_idle_timeout.value,
                            udp_stream: figures.udp_idle_timeout.value,
                            ..hyperplane(limits, figures.tcp_idle_timeout.value)
                        };
                        let rules = Rules::gateway_load_balancer(timeouts);
                        (TableKind::GatewayLoadBalancer, rules)
                    }
                }
            }
            InterfaceOwner::Function(_) => {
                key.interface = Some(interface);
                topology
                    .network_interfaces
                    .name(interface)
                    .clone_into(&mut name);
                let figures = &limits.lambda_interface;
                let timeouts = hyperplane(limits, figures.idle_timeout.value);
                let rules = Rules::lambda_interface(figures.connections.value, timeouts);
                (TableKind::LambdaInterface, rules)
            }
            InterfaceOwner::TransitGateway(_)
            | InterfaceOwner::Instance { .. }
            | InterfaceOwner::Unattached => return None,
        };
        let table = self.tables.get(key, &name, kind, rules);
        let timeouts = given.map_or(0, |idle| {
            let own = Timeouts {
                tcp_opening: idle,
                tcp_established: idle,
                ..rules.timeouts
            };
            self.tables.all[table as usize].add_timeouts(own)
        });
        let header = passed.map(|(_, after)| after).or(sent)?;
        let to = header.destination;
        let to = (to.address, to.ports.from, header.protocol);
        let destination = match kind {
            TableKind::NatGateway | TableKind::NetworkLoadBalancer => {
                self.tables.destination(table, to)
            }
            TableKind::Card
            | TableKind::GatewayLoadBalancer
            | TableKind::InterfaceEndpoint
            | TableKind::LambdaInterface
            | TableKind::Server => 0,
        };
        Some((table, destination, timeouts))
    }
}

const fn is_gateway(kind: &EndpointKind) -> bool {
    matches!(kind, EndpointKind::GatewayLoadBalancer { .. })
}

/// One idle timeout for everything, and how long closed connections are held.
const fn all(idle: Duration, hold: Duration) -> Timeouts {
    Timeouts {
        tcp_opening: idle,
        tcp_established: idle,
        tcp_closing: hold,
        udp: idle,
        udp_stream: idle,
    }
}

/// The same where nothing is published of closed connections: as long as a NAT gateway holds ports.
const fn hyperplane(limits: &LimitFigures, idle: Duration) -> Timeouts {
    all(idle, limits.nat_gateway.port_hold.value)
}

/// What an owner of fleets makes of a packet's addresses.
fn translation(steps: &[Step], owner: InterfaceOwner) -> Option<(Header, Header)> {
    steps.iter().find_map(|step| match (*step, owner) {
        (
            Step::Translates {
                by: Place::NatGateway(by),
                before,
                after,
            },
            InterfaceOwner::NatGateway(id),
        ) if by == id => Some((before, after)),
        (
            Step::Translates {
                by: Place::LoadBalancer(by),
                before,
                after,
            },
            InterfaceOwner::LoadBalancer(id),
        ) if by == id => Some((before, after)),
        _ => None,
    })
}

#[cfg(test)]
#[path = "tables_tests.rs"]
mod tests;
