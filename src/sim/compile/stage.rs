//! Hops become stages; links, cards, nodes and servers become shared stations.

use std::collections::BTreeMap;

use super::card::out_side;
use super::load::Loads;
use super::tables::{TableList, Tables};
use crate::engine::{Distribution, StreamFamily};
use crate::path::{Hop, Link, Server};
use crate::profile::Figure;
use crate::sim::credit::Credit;
use crate::sim::part::Part;
use crate::sim::program::{DistributionId, Latency, Route, Stage, StationChoice};
use crate::sim::station::{Servers, Side, Station};
use crate::topology::{
    Fabric, Id, Instance, InterfaceOwner, MAX_SERVERS, NetworkInterface, Service, Topology,
};
use crate::units::{Bytes, Duration, Rate};

/// What a station stands for; paths that share the resource share the station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resource {
    Link(Link),
    Card(Id<Instance>),
    /// A node of a fleet in a cell, by the part that stands for the kind of fleet.
    CellNode(Part, Id<Fabric>, u32),
    /// A node of a fleet that nobody else has.
    Node(Id<NetworkInterface>, u32),
    /// What a NAT gateway or endpoint carries in all.
    Fleet(Id<NetworkInterface>),
    /// The link-local allowance of an interface.
    LinkLocal(Id<NetworkInterface>),
    Instance(Id<Instance>),
    Service(Id<Service>, Id<Fabric>),
}

/// The stations made so far.
#[derive(Debug, Default)]
pub(in crate::sim) struct Stations {
    all: Vec<Station>,
    /// What each of them stands for.
    about: Vec<About>,
    by_resource: BTreeMap<Resource, StationChoice>,
}

/// What messages and the load check need to know of a station.
#[derive(Debug, Clone)]
pub(super) struct About {
    pub(super) name: String,
    /// What it can carry without bound.
    pub(super) capacity: Capacity,
}

/// The capacity of a station.
#[derive(Debug, Clone, Copy)]
pub(super) enum Capacity {
    /// A link: its rate, and whether its queue is limited.
    Rate { rate: Rate, limited: bool },
    /// A shaper: the rate it always has.
    Baseline(Rate),
    /// Servers, and whether their queue is limited.
    Servers { servers: u32, limited: bool },
    /// So many packets per second, and no more.
    Packets(u32),
}

impl Stations {
    pub(super) fn get(
        &mut self,
        resource: Resource,
        planes: u32,
        make: impl FnOnce() -> (Station, About),
    ) -> StationChoice {
        let next = self.next();
        let (all, about) = (&mut self.all, &mut self.about);
        *self.by_resource.entry(resource).or_insert_with(|| {
            let (station, description) = make();
            for _ in 0..planes {
                all.push(station.clone());
                about.push(description.clone());
            }
            StationChoice {
                first: next,
                stride: u32::from(planes > 1),
                side: Side::default(),
            }
        })
    }

    /// The number of the station that is made next.
    pub(super) fn next(&self) -> u32 {
        u32::try_from(self.all.len()).expect("fewer than 2^32 stations")
    }

    pub(super) fn station(&self, station: usize) -> &Station {
        &self.all[station]
    }

    /// The links of a spine.
    pub(super) fn of_spine(&self, fabric: Id<Fabric>, plane: u32) -> Vec<u32> {
        let links = self.by_resource.iter().filter_map(|(resource, choice)| {
            let own = matches!(*resource, Resource::Link(
                Link::LeafUp(of, _) | Link::LeafDown(of, _)
            ) if of == fabric);
            own.then_some(choice.first + plane * choice.stride)
        });
        links.collect()
    }

    pub(super) fn about(&self, station: usize) -> &About {
        &self.about[station]
    }

    /// Gives a card its credits.
    pub(in crate::sim) fn give(&mut self, credit: &Credit, streams: StreamFamily) {
        credit.give(&mut self.all[credit.station as usize], streams);
    }

    #[cfg(test)]
    pub(super) fn all_for_tests(&self) -> &[Station] {
        &self.all
    }

    pub(in crate::sim) fn into_stations(self) -> Vec<Station> {
        self.all
    }
}

/// Stages, distributions and stations in the making.
#[derive(Debug)]
pub(in crate::sim) struct Compiler<'a> {
    pub(super) topology: &'a Topology,
    pub(in crate::sim) stages: Vec<Stage>,
    pub(in crate::sim) distributions: Vec<Distribution>,
    pub(in crate::sim) stations: Stations,
    pub(super) loads: Loads,
    pub(super) tables: Tables,
    /// For each stage of a route, which of its hops it belongs to.
    pub(in crate::sim) hop_of: Vec<usize>,
    /// The credits of cards.
    pub(in crate::sim) credits: Vec<Credit>,
}

/// What the stages of a route have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way<'w> {
    /// Whether cards cache the flow.
    pub(super) cached: bool,
    /// The tables that see it.
    pub(super) tables: &'w TableList,
    /// What the overlay adds on the wire.
    pub(super) encapsulation: Bytes,
}

impl<'a> Compiler<'a> {
    pub(in crate::sim) fn new(topology: &'a Topology) -> Self {
        Self {
            topology,
            stages: Vec::new(),
            distributions: Vec::new(),
            stations: Stations::default(),
            loads: Loads::default(),
            tables: Tables::default(),
            hop_of: Vec::new(),
            credits: Vec::new(),
        }
    }

    /// A route through `hops` of flows that nothing on the way remembers. `cached` says whether cards
    /// cache the flow: ICMP is never accelerated. (EC2 user guide, "Nitro system performance", 2024.)
    pub(in crate::sim) fn route(&mut self, hops: &[Hop], cached: bool) -> Route {
        let tables = TableList::default();
        self.route_with(hops, cached, &tables)
    }

    /// The same for the flows of a path, whose tables are these.
    pub(in crate::sim) fn route_with(
        &mut self,
        hops: &[Hop],
        cached: bool,
        tables: &TableList,
    ) -> Route {
        let first = self.next();
        let overlay = hops.iter().any(|hop| !matches!(hop, Hop::Link(_)));
        let profile = &self.topology.profile;
        let way = Way {
            cached,
            tables,
            encapsulation: if overlay {
                profile.nitro.encapsulation.value
            } else {
                Bytes::new(0)
            },
        };
        for (index, hop) in hops.iter().enumerate() {
            self.hop(*hop, (&hops[..index], &hops[index + 1..]), &way);
            self.hop_of.resize(self.stages.len(), index);
        }
        Route {
            first,
            end: self.next(),
        }
    }

    /// A route of one stage: what the server does with a request.
    pub(super) fn server(&mut self, server: Server) -> Route {
        let (time, servers, resource, name) = match server {
            Server::Interface(interface) => {
                let Some(id) = self.instance_of(interface) else {
                    let time = &self.topology.profile.instance.service_time.value;
                    return self.local(Part::Service, time);
                };
                let instance = &self.topology.instances[id];
                let name = format!(
                    "the server on instance `{}`",
                    self.topology.instances.name(id)
                );
                (
                    instance.service_time.clone(),
                    instance.servers,
                    Resource::Instance(id),
                    name,
                )
            }
            Server::Service(id, zone)
            | Server::GatewayEndpoint(id, zone, _)
            | Server::InterfaceEndpoint(id, zone, _) => {
                let service = &self.topology.services[id];
                let name = format!("service `{}`", self.topology.services.name(id));
                (
                    service.service_time.clone(),
                    service.servers,
                    Resource::Service(id, zone),
                    name,
                )
            }
            Server::Function(_)
            | Server::Internet
            | Server::Site(_)
            | Server::Host
            | Server::LinkLocal(_) => {
                return self.local(Part::Service, &Distribution::constant(Duration::ZERO));
            }
        };
        // The topology has reported a number out of range; the station is not to be that large.
        let servers = servers.map(|servers| servers.min(MAX_SERVERS));
        let Some(servers) = servers else {
            return self.local(Part::Service, &time);
        };
        let service = self.distribution(&time);
        let station = self.stations.get(resource, 1, || {
            let about = About {
                name,
                capacity: Capacity::Servers {
                    servers,
                    limited: false,
                },
            };
            (Station::Servers(Servers::new(servers, None)), about)
        });
        let first = self.next();
        self.stages.push(Stage {
            station: Some(station),
            queue: Part::ServiceQueue,
            service: Some(service),
            ..Stage::plain(Latency::Constant(Duration::ZERO), Part::Service)
        });
        Route {
            first,
            end: self.next(),
        }
    }

    /// A route of one stage without a station.
    pub(super) fn local(&mut self, part: Part, time: &Distribution) -> Route {
        let first = self.next();
        let stage = self.plain(time, part);
        self.stages.push(stage);
        Route {
            first,
            end: self.next(),
        }
    }

    pub(super) fn next(&self) -> u32 {
        u32::try_from(self.stages.len()).expect("fewer than 2^32 stages")
    }

    /// The stages of a hop, with what comes before and after it.
    fn hop(&mut self, hop: Hop, (before, rest): (&[Hop], &[Hop]), way: &Way<'_>) {
        let profile = &self.topology.profile;
        let nitro = &profile.nitro;
        let stage = match hop {
            Hop::GuestSend => self.plain(&profile.guest.send.value, Part::GuestSend),
            Hop::GuestReceive => Stage {
                table: receiver(before).and_then(|id| way.tables.of_server(id)),
                ..self.plain(&profile.guest.receive.value, Part::GuestReceive)
            },
            Hop::NitroIngress(interface) => {
                let latency = self.card_latency(&nitro.ingress_first, &nitro.ingress_cached, way);
                let parts = (Part::NitroIngress, Part::NitroIngressQueue);
                self.card(interface, Side::In, latency, parts, way)
            }
            Hop::NitroEgress(interface) => {
                let latency = self.card_latency(&nitro.egress_first, &nitro.egress_cached, way);
                let parts = (Part::NitroEgress, Part::NitroEgressQueue);
                let stage = self.card(interface, out_side(rest), latency, parts, way);
                if way.tables.ena_express {
                    let latency = &profile.limit.ena_express.latency.value;
                    let reordering = self.plain(latency, Part::NitroEgress);
                    self.stages.push(reordering);
                }
                stage
            }
            Hop::NitroTurnaround(from, to) => {
                let (first, cached) = (&nitro.turnaround_first, &nitro.turnaround_cached);
                let latency = self.card_latency(first, cached, way);
                let parts = (Part::NitroTurnaround, Part::NitroTurnaroundQueue);
                let out = self.card(from, Side::Out, latency, parts, way);
                self.stages.push(out);
                let nothing = Latency::Constant(Duration::ZERO);
                self.card(to, Side::In, nothing, parts, way)
            }
            Hop::Link(link) => self.link(link, way.encapsulation),
            Hop::Fleet(interface, node) => return self.fleet(interface, node, way),
            Hop::LinkLocal(interface, service) => self.link_local(interface, service),
            Hop::GatewayEndpoint => self.plain(
                &profile.gateway_endpoint.latency.value,
                Part::GatewayEndpoint,
            ),
            Hop::InternetGateway => self.plain(
                &profile.internet_gateway.latency.value,
                Part::InternetGateway,
            ),
            Hop::VpnGateway => self.plain(&profile.vpn_gateway.latency.value, Part::VpnGateway),
            Hop::Site(id) => self.plain(&self.topology.customer_gateways[id].latency, Part::Site),
            Hop::Internet => self.plain(&profile.internet.latency.value, Part::Internet),
        };
        self.stages.push(stage);
    }

    /// A stage that only takes time.
    fn plain(&mut self, time: &Distribution, part: Part) -> Stage {
        Stage::plain(self.latency(time, time), part)
    }

    fn card_latency(
        &mut self,
        first: &'a Figure<Distribution>,
        cached: &'a Figure<Distribution>,
        way: &Way<'_>,
    ) -> Latency {
        let later = if way.cached { cached } else { first };
        self.latency(&first.value, &later.value)
    }

    /// The instance that an interface belongs to.
    pub(super) fn instance_of(&self, interface: Id<NetworkInterface>) -> Option<Id<Instance>> {
        match self.topology.network_interfaces[interface].owner {
            InterfaceOwner::Instance { instance, .. } => Some(instance),
            InterfaceOwner::Unattached
            | InterfaceOwner::NatGateway(_)
            | InterfaceOwner::VpcEndpoint(_)
            | InterfaceOwner::LoadBalancer(_)
            | InterfaceOwner::TransitGateway(_)
            | InterfaceOwner::Function(_) => None,
        }
    }

    pub(super) fn latency(&mut self, first: &Distribution, later: &Distribution) -> Latency {
        match (first.as_constant(), later.as_constant()) {
            (Some(a), Some(b)) if a == b => Latency::Constant(a),
            _ => Latency::Drawn {
                first: self.distribution(first),
                later: self.distribution(later),
            },
        }
    }

    /// The id of a distribution; equal ones share it.
    pub(super) fn distribution(&mut self, distribution: &Distribution) -> DistributionId {
        let found = self
            .distributions
            .iter()
            .position(|other| other == distribution);
        let index = found.unwrap_or_else(|| {
            self.distributions.push(distribution.clone());
            self.distributions.len() - 1
        });
        DistributionId(u32::try_from(index).expect("few distributions"))
    }

    /// The parts that latencies over these routes can have, in the order of reports.
    pub(super) fn parts(&self, routes: impl IntoIterator<Item = Route>) -> Vec<usize> {
        let mut seen = [false; Part::COUNT];
        for route in routes {
            for stage in &self.stages[route.first as usize..route.end as usize] {
                seen[stage.part as usize] = true;
                seen[stage.queue as usize] |= stage.station.is_some();
            }
        }
        (0..Part::COUNT).filter(|&part| seen[part]).collect()
    }
}

/// The interface that a packet has come to.
fn receiver(hops: &[Hop]) -> Option<Id<NetworkInterface>> {
    if let Hop::NitroIngress(to) | Hop::NitroTurnaround(_, to) = *hops.last()? {
        Some(to)
    } else {
        None
    }
}
