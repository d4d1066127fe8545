//! The overlay and the substrate of a scenario, as arenas with typed ids: references resolved,
//! addresses given out, everything placed on a host, and every rule of the language checked.
//!
//! A topology does not change after [`Topology::resolve`].

mod arena;
mod endpoint;
mod function;
mod gateway;
mod instance;
mod placement;
mod resolver;
mod security_group;
mod service;
mod substrate;
mod vpc;

pub use arena::{Arena, Id};
pub use endpoint::{GatewayEndpoint, InterfaceEndpoint};
pub use function::Function;
pub use gateway::{InternetGateway, NatGateway};
pub use instance::{Instance, NetworkInterface};
pub use resolver::Resolver;
pub use security_group::{Peer, Rule, SecurityGroup};
pub use service::Service;
pub use substrate::{Fabric, HostId, Substrate, ZoneLink};
pub use vpc::{Route, RouteTable, RouteTarget, Subnet, Vpc};

use crate::profile::Profile;
use crate::scenario::{KeyPath, Problem, Scenario, nearest, plain};

/// Most servers of a station, and most nodes of a fleet.
pub(crate) const MAX_SERVERS: u32 = 100_000;
const MAX_NODES: u32 = 1_000;

/// Where everything is and how it is connected.
#[derive(Debug)]
pub struct Topology {
    /// The figures in force.
    pub profile: Profile,
    /// Hosts and links.
    pub substrate: Substrate,
    /// The host of the edge of each zone, which internet gateways and gateway endpoints stand for.
    pub edges: Vec<HostId>,
    /// VPCs.
    pub vpcs: Arena<Vpc>,
    /// Subnets.
    pub subnets: Arena<Subnet>,
    /// Route tables, among them one with only the local route per VPC.
    pub route_tables: Arena<RouteTable>,
    /// Internet gateways.
    pub internet_gateways: Arena<InternetGateway>,
    /// NAT gateways.
    pub nat_gateways: Arena<NatGateway>,
    /// Gateway endpoints.
    pub gateway_endpoints: Arena<GatewayEndpoint>,
    /// Interface endpoints.
    pub interface_endpoints: Arena<InterfaceEndpoint>,
    /// Security groups, among them one default group per VPC.
    pub security_groups: Arena<SecurityGroup>,
    /// Instances.
    pub instances: Arena<Instance>,
    /// AWS services that the scenario uses.
    pub services: Arena<Service>,
    /// Lambda functions.
    pub functions: Arena<Function>,
}

impl Topology {
    /// Resolves a scenario, with all mistakes that are not of form: dangling references,
    /// overlapping blocks, exhausted addresses and the like.
    ///
    /// What is wrong is left out, so that the rest can be checked as well; the topology may run
    /// only when there are no errors among the problems.
    #[must_use]
    pub fn resolve(scenario: &Scenario) -> (Self, Vec<Problem>) {
        let overrides = scenario
            .profile
            .iter()
            .map(|(name, value)| (name.as_str(), value));
        let profile = Profile::new(overrides);
        let (profile, mut problems) = match profile {
            Ok(profile) => (profile, Vec::new()),
            Err(errors) => (Profile::default(), profile_problems(errors)),
        };
        let mut resolver = Resolver::new(scenario);
        check_fleets(&mut resolver, &profile);
        let substrate = Substrate::resolve(&mut resolver, &profile);
        let mut topology = Self {
            profile,
            substrate,
            edges: Vec::new(),
            vpcs: Arena::default(),
            subnets: Arena::default(),
            route_tables: Arena::default(),
            internet_gateways: Arena::default(),
            nat_gateways: Arena::default(),
            gateway_endpoints: Arena::default(),
            interface_endpoints: Arena::default(),
            security_groups: Arena::default(),
            instances: Arena::default(),
            services: Arena::default(),
            functions: Arena::default(),
        };
        topology.edges = topology
            .substrate
            .zones()
            .flat_map(|zone| topology.fleet_hosts(&resolver, "edge", zone, 1))
            .collect();
        vpc::resolve(&mut resolver, &mut topology);
        gateway::resolve(&mut resolver, &mut topology);
        vpc::resolve_routes(&mut resolver, &mut topology);
        security_group::resolve(&mut resolver, &mut topology);
        service::resolve(&mut resolver, &mut topology);
        endpoint::resolve(&mut resolver, &mut topology);
        instance::resolve(&mut resolver, &mut topology);
        function::resolve(&mut resolver, &mut topology);
        problems.extend(resolver.into_problems());
        (topology, problems)
    }
}

/// Fleets have some nodes and some servers.
fn check_fleets(resolver: &mut Resolver<'_>, profile: &Profile) {
    let fleets = [
        ("nat_gateway", &profile.nat_gateway),
        ("interface_endpoint", &profile.interface_endpoint),
    ];
    for (name, fleet) in fleets {
        let path = |figure: &str| KeyPath::of(["profile", &format!("{name}.{figure}")]);
        resolver.check_range(path("nodes"), fleet.nodes.value, 1..=MAX_NODES);
        resolver.check_range(path("servers"), fleet.servers.value, 1..=MAX_SERVERS);
    }
}

fn profile_problems(errors: Vec<crate::profile::OverrideError>) -> Vec<Problem> {
    errors
        .into_iter()
        .map(|error| {
            let path = KeyPath::of(["profile", &error.figure]);
            let problem = Problem::error(path, plain(&error.message));
            match nearest(&error.figure, error.candidates.iter().map(String::as_str)) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            }
        })
        .collect()
}
