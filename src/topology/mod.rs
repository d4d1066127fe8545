//! The overlay and the substrate of a scenario, as arenas with typed ids: references resolved,
//! addresses given out, everything placed on a host, and every rule of the language checked.
//!
//! A topology does not change after [`Topology::resolve`].

mod address;
mod arena;
mod attachment;
mod cell;
mod dns;
mod elastic_ip;
mod endpoint;
mod endpoint_kind;
mod endpoint_service;
mod filter;
#[cfg(test)]
mod fixture;
mod function;
mod gateway;
mod gateway_route_table;
mod implied_route;
mod instance;
mod listener;
mod load_balancer;
mod network_acl;
mod network_interface;
mod peering;
mod placement;
mod placement_group;
mod policy;
mod prefix_list;
mod region;
mod resolver;
mod route;
mod route_rule;
mod route_table;
mod route_target;
mod security_group;
mod security_quota;
mod security_rule;
mod service;
mod subnet;
mod substrate;
mod target_group;
mod transit_gateway;
mod transit_gateway_route_table;
mod vpc;
mod vpn;

pub use arena::{Arena, Id};
pub use dns::{HostedZone, Record};
pub use endpoint::{EndpointTarget, VpcEndpoint};
pub use endpoint_kind::EndpointKind;
pub use endpoint_service::VpcEndpointService;
pub use filter::Filter;
pub use function::Function;
pub use gateway::{EgressOnlyInternetGateway, InternetGateway, NatGateway};
pub use instance::Instance;
pub use listener::Listener;
pub use load_balancer::LoadBalancer;
pub use network_acl::{AclEntry, NetworkAcl};
pub use network_interface::{InterfaceOwner, Location, NetworkInterface, PublicIp};
pub use peering::VpcPeeringConnection;
pub use placement_group::PlacementGroup;
pub use policy::Policy;
pub use prefix_list::PrefixList;
pub use region::Region;
pub use resolver::Resolver;
pub use route_table::{EdgeGateway, Route, RouteOrigin, RouteTable, RouteTarget};
pub use security_group::{Peer, Rule, SecurityGroup};
pub use service::Service;
pub use subnet::Subnet;
pub use substrate::{Fabric, HostId, Substrate, ZoneLink};
pub use target_group::{Target, TargetAt, TargetGroup};
pub use transit_gateway::{AttachedTo, TransitGateway, TransitGatewayAttachment};
pub use transit_gateway_route_table::{TransitGatewayRoute, TransitGatewayRouteTable};
pub use vpc::Vpc;
pub use vpn::{CustomerGateway, VpnConnection, VpnEnd, VpnGateway};

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

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
    /// Regions, that of `[region]` first.
    pub regions: Arena<Region>,
    /// Zones that have failed.
    pub failed_zones: Vec<Id<Fabric>>,
    /// VPCs.
    pub vpcs: Arena<Vpc>,
    /// Subnets.
    pub subnets: Arena<Subnet>,
    /// Prefix lists, among them those of AWS, which have the names of services.
    pub prefix_lists: Arena<PrefixList>,
    /// Route tables, among them a main one per VPC.
    pub route_tables: Arena<RouteTable>,
    /// Internet gateways.
    pub internet_gateways: Arena<InternetGateway>,
    /// Egress-only internet gateways.
    pub egress_only_internet_gateways: Arena<EgressOnlyInternetGateway>,
    /// NAT gateways.
    pub nat_gateways: Arena<NatGateway>,
    /// Network ACLs, among them a default one per VPC.
    pub network_acls: Arena<NetworkAcl>,
    /// Security groups, among them a default one per VPC.
    pub security_groups: Arena<SecurityGroup>,
    /// Every network interface. Named after the table that it comes from: `instance.app` for the
    /// primary one, `network_interface.db`, `nat_gateway.a`, `load_balancer.web (us-east-1a)`.
    pub network_interfaces: Arena<NetworkInterface>,
    /// Who has which private and IPv6 address in a VPC.
    pub addresses: BTreeMap<(Id<Vpc>, IpAddr), Id<NetworkInterface>>,
    /// Who has which public address, and for which private one.
    pub public_addresses: BTreeMap<Ipv4Addr, (Id<NetworkInterface>, Ipv4Addr)>,
    /// Placement groups.
    pub placement_groups: Arena<PlacementGroup>,
    /// Instances.
    pub instances: Arena<Instance>,
    /// Load balancers.
    pub load_balancers: Arena<LoadBalancer>,
    /// Target groups.
    pub target_groups: Arena<TargetGroup>,
    /// VPC endpoints.
    pub vpc_endpoints: Arena<VpcEndpoint>,
    /// Endpoint services.
    pub vpc_endpoint_services: Arena<VpcEndpointService>,
    /// Peering connections.
    pub vpc_peering_connections: Arena<VpcPeeringConnection>,
    /// Transit gateways.
    pub transit_gateways: Arena<TransitGateway>,
    /// Attachments of transit gateways, named `kind.name`.
    pub transit_gateway_attachments: Arena<TransitGatewayAttachment>,
    /// Route tables of transit gateways, among them the default ones.
    pub transit_gateway_route_tables: Arena<TransitGatewayRouteTable>,
    /// Virtual private gateways.
    pub vpn_gateways: Arena<VpnGateway>,
    /// Sites.
    pub customer_gateways: Arena<CustomerGateway>,
    /// VPN connections.
    pub vpn_connections: Arena<VpnConnection>,
    /// Private hosted zones.
    pub hosted_zones: Arena<HostedZone>,
    /// AWS services.
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
        let (substrate, regions) = Substrate::resolve(&mut resolver, &profile);
        let mut topology = Self::empty(profile, substrate, regions);
        topology.fill(&mut resolver);
        problems.extend(resolver.into_problems());
        (topology, problems)
    }

    /// Resolves one kind after the other, each after those that it refers to. Where two refer to each
    /// other, one of them comes in two steps.
    fn fill(&mut self, resolver: &mut Resolver<'_>) {
        let zones = self.substrate.zones();
        self.edges = zones
            .flat_map(|zone| self.fleet_hosts(resolver, "edge", zone, 1))
            .collect();
        region::warn(resolver, self);
        region::failed(resolver, self);
        prefix_list::resolve(resolver, self);
        service::resolve(resolver, self);

        vpc::resolve(resolver, self);
        route_table::resolve(resolver, self);
        network_acl::resolve(resolver, self);
        security_group::resolve(resolver, self);
        vpc::resolve_defaults(resolver, self);
        subnet::resolve(resolver, self);

        address::resolve(resolver, self);
        gateway::resolve(resolver, self);
        vpn::resolve_gateways(resolver, self);
        peering::resolve(resolver, self);
        transit_gateway::resolve(resolver, self);
        vpn::resolve(resolver, self);
        transit_gateway_route_table::resolve(resolver, self);
        security_rule::resolve(resolver, self);

        load_balancer::resolve(resolver, self);
        endpoint_service::resolve(resolver, self);
        endpoint::resolve(resolver, self);
        placement_group::resolve(resolver, self);
        instance::resolve(resolver, self);
        network_interface::resolve(resolver, self);
        function::resolve(resolver, self);
        target_group::resolve(resolver, self);
        listener::resolve(resolver, self);
        elastic_ip::resolve(resolver, self);
        security_quota::check_interfaces(resolver, self);

        gateway_route_table::resolve(resolver, self);
        route::resolve(resolver, self);
        implied_route::resolve(resolver, self);
        dns::resolve(resolver, self);
    }

    /// Nothing but the substrate.
    fn empty(profile: Profile, substrate: Substrate, regions: Arena<Region>) -> Self {
        Self {
            profile,
            substrate,
            edges: Vec::new(),
            regions,
            failed_zones: Vec::new(),
            vpcs: Arena::default(),
            subnets: Arena::default(),
            prefix_lists: Arena::default(),
            route_tables: Arena::default(),
            internet_gateways: Arena::default(),
            egress_only_internet_gateways: Arena::default(),
            nat_gateways: Arena::default(),
            network_acls: Arena::default(),
            security_groups: Arena::default(),
            network_interfaces: Arena::default(),
            addresses: BTreeMap::new(),
            public_addresses: BTreeMap::new(),
            placement_groups: Arena::default(),
            instances: Arena::default(),
            load_balancers: Arena::default(),
            target_groups: Arena::default(),
            vpc_endpoints: Arena::default(),
            vpc_endpoint_services: Arena::default(),
            vpc_peering_connections: Arena::default(),
            transit_gateways: Arena::default(),
            transit_gateway_attachments: Arena::default(),
            transit_gateway_route_tables: Arena::default(),
            vpn_gateways: Arena::default(),
            customer_gateways: Arena::default(),
            vpn_connections: Arena::default(),
            hosted_zones: Arena::default(),
            services: Arena::default(),
            functions: Arena::default(),
        }
    }

    /// The Region of a zone.
    ///
    /// # Panics
    /// If the fabric is not a zone's.
    #[must_use]
    pub fn region_of_zone(&self, zone: Id<Fabric>) -> Id<Region> {
        self.substrate.region_of_zone(zone)
    }
}

/// Fleets have some nodes and some servers.
fn check_fleets(resolver: &mut Resolver<'_>, profile: &Profile) {
    let fleets = [
        ("nat_gateway", &profile.nat_gateway),
        ("interface_endpoint", &profile.interface_endpoint),
        (
            "application_load_balancer",
            &profile.application_load_balancer,
        ),
        ("network_load_balancer", &profile.network_load_balancer),
        ("gateway_load_balancer", &profile.gateway_load_balancer),
        ("transit_gateway", &profile.transit_gateway),
        ("lambda_interface", &profile.lambda_interface),
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

#[cfg(test)]
mod tests {
    use super::fixture::{resolve_whole, shown};

    #[test]
    fn the_scenarios_resolve() {
        for file in [
            "lambda_coldstart",
            "leaf_spine",
            "packet_path",
            "security_layers",
        ] {
            let path = format!("{}/scenarios/{file}.toml", env!("CARGO_MANIFEST_DIR"));
            let (_, problems) = resolve_whole(&std::fs::read_to_string(path).unwrap());
            assert!(problems.is_empty(), "{file}: {}", shown(&problems));
        }
    }
}
