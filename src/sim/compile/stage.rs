//! Hops become stages; links, cards, nodes and servers become shared stations.

use std::collections::BTreeMap;

use super::load::Loads;
use crate::engine::Distribution;
use crate::path::{Hop, Link, Server};
use crate::profile::FleetFigures;
use crate::scenario::LoadBalancerType;
use crate::sim::part::Part;
use crate::sim::program::{DistributionId, Latency, Route, Stage, StationChoice};
use crate::sim::station::{self, Servers, Shaper, Station};
use crate::topology::{
    CustomerGateway, Fabric, HostId, Id, Instance, InterfaceOwner, MAX_SERVERS, NetworkInterface,
    Service, Topology,
};
use crate::units::{Bytes, Duration, PS_PER_SECOND, Rate};

/// What a station stands for; paths that share the resource share the station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resource {
    Link(Link),
    Card(Id<Instance>),
    /// A node of the fleet behind an interface.
    Node(Id<NetworkInterface>, u32),
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
}

impl<'a> Compiler<'a> {
    pub(in crate::sim) fn new(topology: &'a Topology) -> Self {
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
    pub(in crate::sim) fn route(&mut self, hops: &[Hop], cached: bool) -> Route {
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
            Server::Function(id) => {
                let time = &self.topology.functions[id].duration;
                return self.local(Part::Service, time);
            }
            Server::Internet | Server::Site(_) | Server::Host => {
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
            Hop::NitroEgress(interface) => {
                let first = &nitro.egress_first.value;
                let latency = self.latency(first, later(first, &nitro.egress_cached.value));
                let parts = (Part::NitroEgress, Part::NitroEgressQueue);
                self.card(interface, latency, parts)
            }
            Hop::NitroTurnaround(interface) => {
                let first = &nitro.turnaround_first.value;
                let latency = self.latency(first, later(first, &nitro.turnaround_cached.value));
                let parts = (Part::NitroTurnaround, Part::NitroTurnaroundQueue);
                self.card(interface, latency, parts)
            }
            Hop::Link(link) => self.link(link, encapsulation),
            Hop::Fleet(interface, node) => self.fleet(interface, node),
            Hop::GatewayEndpoint => {
                let latency = &profile.gateway_endpoint.latency.value;
                plain(self.latency(latency, latency), Part::GatewayEndpoint)
            }
            Hop::InternetGateway => {
                let latency = &profile.internet_gateway.latency.value;
                plain(self.latency(latency, latency), Part::InternetGateway)
            }
            Hop::VpnGateway => {
                let latency = &profile.vpn_gateway.latency.value;
                plain(self.latency(latency, latency), Part::VpnGateway)
            }
            Hop::Site(id) => self.site(id),
            Hop::Internet => {
                let latency = &profile.internet.latency.value;
                plain(self.latency(latency, latency), Part::Internet)
            }
        }
    }

    fn site(&mut self, id: Id<CustomerGateway>) -> Stage {
        let latency = &self.topology.customer_gateways[id].latency;
        Stage {
            station: None,
            latency: self.latency(latency, latency),
            part: Part::Site,
            queue: Part::Site,
            overhead: 0,
            service: None,
        }
    }

    /// The instance that an interface belongs to.
    fn instance_of(&self, interface: Id<NetworkInterface>) -> Option<Id<Instance>> {
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

    /// A Nitro card's bandwidth allowance, which all interfaces of an instance share: full credits at
    /// launch, as large as a burst of the profile's duration needs. The size of what an interface
    /// without an instance belongs to is not known, so it has none.
    fn card(
        &mut self,
        interface: Id<NetworkInterface>,
        latency: Latency,
        (part, queue): (Part, Part),
    ) -> Stage {
        let topology = self.topology;
        let station = self.instance_of(interface).map(|id| {
            let kind = topology.instances[id].instance_type;
            let burst = topology.profile.nitro.burst_duration.value;
            self.stations.get(Resource::Card(id), 1, || {
                let name = format!(
                    "the bandwidth of instance `{}`",
                    topology.instances.name(id)
                );
                let about = About {
                    name,
                    capacity: Capacity::Baseline(kind.baseline),
                };
                let extra = kind.burst.as_bps().saturating_sub(kind.baseline.as_bps());
                let bits =
                    u128::from(extra) * u128::from(burst.as_ps()) / u128::from(PS_PER_SECOND);
                let bucket = Bytes::new(u64::try_from(bits / 8).unwrap_or(u64::MAX));
                (
                    Station::Shaper(Shaper::new(kind.baseline, kind.burst, bucket)),
                    about,
                )
            })
        });
        Stage {
            station,
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

    /// A node of the fleet behind an interface.
    fn fleet(&mut self, interface: Id<NetworkInterface>, node: u32) -> Stage {
        let topology = self.topology;
        let (figures, part, queue) = fleet_of(topology, interface);
        let servers = figures.servers.value.min(MAX_SERVERS);
        let station = self.stations.get(Resource::Node(interface, node), 1, || {
            let about = About {
                name: topology.owner_name(interface),
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
