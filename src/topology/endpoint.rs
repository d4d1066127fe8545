//! VPC endpoints: gateway endpoints (a route) and interface endpoints (network interfaces).

use std::net::Ipv4Addr;

use super::vpc::same_vpc;
use super::{HostId, Id, Resolver, SecurityGroup, Service, Subnet, Topology, Vpc, security_group};
use crate::scenario::{self, EndpointType, KeyPath, Problem};

/// A gateway endpoint of `s3` or `dynamodb`.
#[derive(Debug, Clone, Copy)]
pub struct GatewayEndpoint {
    /// The VPC it is in.
    pub vpc: Id<Vpc>,
    /// The service it leads to.
    pub service: Id<Service>,
}

/// An interface endpoint in one zone: a fleet of Hyperplane nodes behind a network interface.
#[derive(Debug, Clone)]
pub struct InterfaceEndpoint {
    /// The VPC it is in.
    pub vpc: Id<Vpc>,
    /// The service it leads to.
    pub service: Id<Service>,
    /// The subnet of its interface.
    pub subnet: Id<Subnet>,
    /// The address of its interface.
    pub private_ip: Ipv4Addr,
    /// The groups of its interface.
    pub security_groups: Vec<Id<SecurityGroup>>,
    /// Whether the service's name resolves to it inside the VPC.
    pub private_dns_enabled: bool,
    /// The hosts of its Hyperplane nodes.
    pub nodes: Vec<HostId>,
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.vpc_endpoint {
        let path = KeyPath::of(["vpc_endpoint", name]);
        let vpc = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path.key("vpc"));
        let service_path = path.key("service");
        let service = resolver.find(
            &topology.services,
            "service",
            &written.service,
            &service_path,
        );
        let (Some(vpc), Some(service)) = (vpc, service) else {
            continue;
        };
        match written.vpc_endpoint_type {
            EndpointType::Gateway => gateway(resolver, topology, name, written, vpc, service),
            EndpointType::Interface => interface(resolver, topology, name, written, vpc, service),
        }
    }
}

fn gateway(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    name: &str,
    written: &scenario::VpcEndpoint,
    vpc: Id<Vpc>,
    service: Id<Service>,
) {
    let path = KeyPath::of(["vpc_endpoint", name]);
    if !topology.services[service].gateway_endpoint {
        let message = format!("there is no gateway endpoint for `{}`", written.service);
        resolver.report(
            Problem::error(path.key("vpc_endpoint_type"), message)
                .help("only s3 and dynamodb have gateway endpoints; write \"interface\""),
        );
        return;
    }
    misplaced(
        resolver,
        "gateway",
        "subnets",
        !written.subnets.is_empty(),
        &path,
    );
    misplaced(
        resolver,
        "gateway",
        "security_groups",
        !written.security_groups.is_empty(),
        &path,
    );
    if written.route_tables.is_empty() {
        resolver.report(
            Problem::warning(
                path.clone(),
                "the gateway endpoint has no route tables, so nothing uses it",
            )
            .help("add route_tables = [\"…\"]"),
        );
    }
    let id = topology
        .gateway_endpoints
        .add(name, GatewayEndpoint { vpc, service });
    for (index, reference) in written.route_tables.iter().enumerate() {
        let path = path.key("route_tables").index(index);
        let found = resolver.find(&topology.route_tables, "route_table", reference, &path);
        let Some(table) = found else { continue };
        let theirs = topology.route_tables[table].vpc;
        if same_vpc(resolver, topology, vpc, theirs, &path, reference) {
            topology.route_tables[table].gateway_endpoints.push(id);
        }
    }
}

fn interface(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    name: &str,
    written: &scenario::VpcEndpoint,
    vpc: Id<Vpc>,
    service: Id<Service>,
) {
    let path = KeyPath::of(["vpc_endpoint", name]);
    misplaced(
        resolver,
        "interface",
        "route_tables",
        !written.route_tables.is_empty(),
        &path,
    );
    if written.subnets.is_empty() {
        resolver.report(
            Problem::error(path.clone(), "an interface endpoint needs a subnet")
                .help("add subnets = [\"…\"]"),
        );
        return;
    }
    if !written.private_dns_enabled {
        resolver.report(Problem::warning(
            path.key("private_dns_enabled"),
            "no workload uses this endpoint: workloads address services by their public names",
        ));
    }
    let groups = &written.security_groups;
    let security_groups = security_group::groups(
        resolver,
        topology,
        vpc,
        groups,
        &path.key("security_groups"),
    );
    let mut zones = Vec::new();
    for (index, reference) in written.subnets.iter().enumerate() {
        let path = path.key("subnets").index(index);
        let Some(subnet) = resolver.find(&topology.subnets, "subnet", reference, &path) else {
            continue;
        };
        let Subnet {
            vpc: theirs, zone, ..
        } = topology.subnets[subnet];
        if !same_vpc(resolver, topology, vpc, theirs, &path, reference) {
            continue;
        }
        if zones.contains(&zone) {
            resolver.error(
                path,
                "an interface endpoint has at most one subnet per zone",
            );
            continue;
        }
        zones.push(zone);
        let owner = format!("vpc_endpoint.{name}");
        let Some(private_ip) = topology.subnets[subnet].allocate(resolver, &owner) else {
            resolver.error(path, format!("the subnet has no address left for {owner}"));
            continue;
        };
        let nodes = topology.profile.interface_endpoint.nodes.value;
        let endpoint = InterfaceEndpoint {
            vpc,
            service,
            subnet,
            private_ip,
            security_groups: security_groups.clone(),
            private_dns_enabled: written.private_dns_enabled,
            nodes: topology.fleet_hosts(resolver, &owner, zone, nodes),
        };
        topology.interface_endpoints.add(name, endpoint);
    }
}

/// Reports a key that the other type of endpoint has.
fn misplaced(resolver: &mut Resolver<'_>, kind: &str, key: &str, given: bool, path: &KeyPath) {
    if given {
        resolver.error(path.key(key), format!("a {kind} endpoint has no `{key}`"));
    }
}
