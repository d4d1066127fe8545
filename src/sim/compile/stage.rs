//! Hops become stages; links, cards, nodes and servers become shared stations.

use std::collections::BTreeMap;

use super::load::Loads;
use crate::engine::Distribution;
use crate::path::{Hop, Link, Server};
use crate::profile::FleetFigures;
use crate::sim::part::Part;
use crate::sim::program::{DistributionId, Latency, Route, Stage, StationChoice};
use crate::sim::station::{self, Servers, Shaper, Station};
use crate::topology::{
    Fabric, HostId, Id, Instance, InterfaceEndpoint, MAX_SERVERS, NatGateway, Service, Topology,
};
use crate::units::{Bytes, Duration, PS_PER_SECOND, Rate};

/// What a station stands for; paths that share the resource share the station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resource {
    Link(Link),
    Card(Id<Instance>),
    NatGateway(Id<NatGateway>, u32),
    InterfaceEndpoint(Id<InterfaceEndpoint>, u32),
    Instance(Id<Instance>),
    Service(Id<Service>, Id<Fabric>),
}

/// The stations made so far.
#[derive(Debug, Default)]
pub(super) struct Stations {
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
    /// Servers with an unlimited queue.
    Servers(u32),
}

impl Stations {
    fn get(
        &mut self,
        resource: Resource,
        planes: u32,
        make: impl FnOnce() -> (Station, About),
    ) -> StationChoice {
        let next = u32::try_from(self.all.len()).expect("fewer than 2^32 stations");
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
            }
        })
    }

    pub(super) fn about(&self, station: usize) -> &About {
        &self.about[station]
    }

    pub(super) fn into_stations(self) -> Vec<Station> {
        self.all
    }
}

/// Stages, distributions and stations in the making.
#[derive(Debug)]
pub(super) struct Compiler<'a> {
    pub(super) topology: &'a Topology,
    pub(super) stages: Vec<Stage>,
    pub(super) distributions: Vec<Distribution>,
    pub(super) stations: Stations,
    pub(super) loads: Loads,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(topology: &'a Topology) -> Self {
        Self {
            topology,
            stages: Vec::new(),
            distributions: Vec::new(),
            stations: Stations::default(),
            loads: Loads::default(),
        }
    }

    /// A route through `hops`. `cached` says whether cards cache the flow: ICMP is never
    /// accelerated. (EC2 user guide, "Nitro system performance", 2024.)
    pub(super) fn route(&mut self, hops: &[Hop], cached: bool) -> Route {
        let first = self.next();
        let overlay = hops.iter().any(|hop| !matches!(hop, Hop::Link(_)));
        let profile = &self.topology.profile;
        let encapsulation = if overlay {
            profile.nitro.encapsulation.value
        } else {
            Bytes::new(0)
        };
        for hop in hops {
            let stage = self.stage(*hop, cached, encapsulation);
            self.stages.push(stage);
        }
        Route {
            first,
            end: self.next(),
        }
    }

    /// A route of one stage: what the server does with a request.
    pub(super) fn server(&mut self, server: Server) -> Route {
        let (time, servers, resource, name) = match server {
            Server::Instance(id) => {
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
            Server::Service(id, zone) => {
                let service = &self.topology.services[id];
                let name = format!("service `{}`", self.topology.services.name(id));
                (
                    service.service_time.clone(),
                    service.servers,
                    Resource::Service(id, zone),
                    name,
                )
            }
            Server::Internet | Server::Host => {
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
                capacity: Capacity::Servers(servers),
            };
            (Station::Servers(Servers::new(servers, None)), about)
        });
        let first = self.next();
        self.stages.push(Stage {
            station: Some(station),
            latency: Latency::Constant(Duration::ZERO),
            part: Part::Service,
            queue: Part::ServiceQueue,
            overhead: 0,
            service: Some(service),
        });
        Route {
            first,
            end: self.next(),
        }
    }

    /// A route of one stage without a station.
    pub(super) fn local(&mut self, part: Part, time: &Distribution) -> Route {
        let first = self.next();
        let latency = self.latency(time, time);
        self.stages.push(Stage {
            station: None,
            latency,
            part,
            queue: part,
            overhead: 0,
            service: None,
        });
        Route {
            first,
            end: self.next(),
        }
    }

    fn next(&self) -> u32 {
        u32::try_from(self.stages.len()).expect("fewer than 2^32 stages")
    }

    fn stage(&mut self, hop: Hop, cached: bool, encapsulation: Bytes) -> Stage {
        let profile = &self.topology.profile;
        let nitro = &profile.nitro;
        let plain = |latency, part| Stage {
            station: None,
            latency,
            part,
            queue: part,
            overhead: 0,
            service: None,
        };
        let later =
            |first: &'a Distribution, later: &'a Distribution| if cached { later } else { first };
        match hop {
            Hop::GuestSend => plain(
                self.latency(&profile.guest.send.value, &profile.guest.send.value),
                Part::GuestSend,
            ),
            Hop::GuestReceive => plain(
                self.latency(&profile.guest.receive.value, &profile.guest.receive.value),
                Part::GuestReceive,
            ),
            Hop::NitroIngress(_) => {
                let first = &nitro.ingress_first.value;
                let latency = self.latency(first, later(first, &nitro.ingress_cached.value));
                plain(latency, Part::NitroIngress)
            }
            Hop::NitroEgress(instance) => {
                let first = &nitro.egress_first.value;
                let latency = self.latency(first, later(first, &nitro.egress_cached.value));
                self.card(instance, latency, Part::NitroEgress, Part::NitroEgressQueue)
            }
            Hop::NitroTurnaround(instance) => {
                let first = &nitro.turnaround_first.value;
                let latency = self.latency(first, later(first, &nitro.turnaround_cached.value));
                self.card(
                    instance,
                    latency,
                    Part::NitroTurnaround,
                    Part::NitroTurnaroundQueue,
                )
            }
            Hop::Link(link) => self.link(link, encapsulation),
            Hop::NatGateway(id, node) => {
                let name = format!("nat gateway `{}`", self.topology.nat_gateways.name(id));
                let parts = (Part::NatGateway, Part::NatGatewayQueue);
                self.fleet(
                    Resource::NatGateway(id, node),
                    name,
                    &profile.nat_gateway,
                    parts,
                )
            }
            Hop::InterfaceEndpoint(id, node) => {
                let name = format!(
                    "vpc endpoint `{}`",
                    self.topology.interface_endpoints.name(id)
                );
                let parts = (Part::InterfaceEndpoint, Part::InterfaceEndpointQueue);
                let resource = Resource::InterfaceEndpoint(id, node);
                self.fleet(resource, name, &profile.interface_endpoint, parts)
            }
            Hop::GatewayEndpoint(_) => {
                let latency = &profile.gateway_endpoint.latency.value;
                plain(self.latency(latency, latency), Part::GatewayEndpoint)
            }
            Hop::InternetGateway(_) => {
                let latency = &profile.internet_gateway.latency.value;
                plain(self.latency(latency, latency), Part::InternetGateway)
            }
            Hop::Internet => {
                let latency = &profile.internet.latency.value;
                plain(self.latency(latency, latency), Part::Internet)
            }
        }
    }

    /// A Nitro card's bandwidth allowance: full credits at launch, as large as a burst of the
    /// profile's duration needs.
    fn card(&mut self, id: Id<Instance>, latency: Latency, part: Part, queue: Part) -> Stage {
        let topology = self.topology;
        let kind = topology.instances[id].instance_type;
        let burst = topology.profile.nitro.burst_duration.value;
        let station = self.stations.get(Resource::Card(id), 1, || {
            let name = format!(
                "the bandwidth of instance `{}`",
                topology.instances.name(id)
            );
            let about = About {
                name,
                capacity: Capacity::Baseline(kind.baseline),
            };
            let extra = kind.burst.as_bps().saturating_sub(kind.baseline.as_bps());
            let bits = u128::from(extra) * u128::from(burst.as_ps()) / u128::from(PS_PER_SECOND);
            let bucket = Bytes::new(u64::try_from(bits / 8).unwrap_or(u64::MAX));
            (
                Station::Shaper(Shaper::new(kind.baseline, kind.burst, bucket)),
                about,
            )
        });
        Stage {
            station: Some(station),
            latency,
            part,
            queue,
            overhead: 0,
            service: None,
        }
    }

    fn link(&mut self, link: Link, encapsulation: Bytes) -> Stage {
        let substrate = &self.topology.substrate;
        let fabrics = &substrate.fabrics;
        let host = |host: HostId| {
            let id = substrate.fabric_of(host);
            (
                &fabrics[id],
                format!("the link of a host in `{}`", fabrics.name(id)),
            )
        };
        let spine = |id: Id<Fabric>| format!("a leaf–spine link in `{}`", fabrics.name(id));
        let (rate, latency, buffer, planes, name, part, queue) = match link {
            Link::HostUp(id) | Link::HostDown(id) => {
                let (fabric, name) = host(id);
                let (rate, latency) = (fabric.host_link_rate, fabric.link_latency);
                (
                    rate,
                    latency,
                    fabric.buffer,
                    1,
                    name,
                    Part::HostLink,
                    Part::HostLinkQueue,
                )
            }
            Link::LeafUp(id, _) | Link::LeafDown(id, _) => {
                let fabric = &fabrics[id];
                let (rate, latency) = (fabric.fabric_link_rate, fabric.link_latency);
                let (part, queue) = (Part::FabricLink, Part::FabricLinkQueue);
                (
                    rate,
                    latency,
                    fabric.buffer,
                    fabric.spines,
                    spine(id),
                    part,
                    queue,
                )
            }
            Link::Zone(a, b) => {
                let link = substrate.zone_link(a, b);
                let name = format!(
                    "the link from `{}` to `{}`",
                    fabrics.name(a),
                    fabrics.name(b)
                );
                (
                    link.rate,
                    link.latency,
                    link.buffer,
                    1,
                    name,
                    Part::ZoneLink,
                    Part::ZoneLinkQueue,
                )
            }
        };
        let station = self.stations.get(Resource::Link(link), planes, || {
            let capacity = Capacity::Rate {
                rate,
                limited: buffer.is_some(),
            };
            (
                Station::Link(station::Link::new(rate, buffer)),
                About { name, capacity },
            )
        });
        Stage {
            station: Some(station),
            latency: Latency::Constant(latency),
            part,
            queue,
            overhead: u16::try_from(encapsulation.get()).unwrap_or(u16::MAX),
            service: None,
        }
    }

    fn fleet(
        &mut self,
        resource: Resource,
        name: String,
        figures: &FleetFigures,
        (part, queue): (Part, Part),
    ) -> Stage {
        let servers = figures.servers.value.min(MAX_SERVERS);
        let station = self.stations.get(resource, 1, || {
            let about = About {
                name,
                capacity: Capacity::Servers(servers),
            };
            (Station::Servers(Servers::new(servers, None)), about)
        });
        Stage {
            station: Some(station),
            latency: self.latency(
                &figures.new_flow_latency.value,
                &figures.established_latency.value,
            ),
            part,
            queue,
            overhead: 0,
            service: Some(self.distribution(&figures.service_time.value)),
        }
    }

    fn latency(&mut self, first: &Distribution, later: &Distribution) -> Latency {
        match (first.as_constant(), later.as_constant()) {
            (Some(a), Some(b)) if a == b => Latency::Constant(a),
            _ => Latency::Drawn {
                first: self.distribution(first),
                later: self.distribution(later),
            },
        }
    }

    /// The id of a distribution; equal ones share it.
    fn distribution(&mut self, distribution: &Distribution) -> DistributionId {
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
