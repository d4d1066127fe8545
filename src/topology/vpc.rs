//! VPCs, subnets with their addresses, and route tables.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Fabric, GatewayEndpoint, Id, InternetGateway, NatGateway, Resolver, Topology};
use crate::scenario::{KeyPath, Problem, Reference};

/// Addresses that AWS reserves in every subnet: the network, the router, DNS, one for the future,
/// and the last. (VPC user guide, "Subnet CIDR blocks", 2023.)
const RESERVED: u64 = 5;
/// Routes of a route table before a quota increase. (VPC user guide, "Amazon VPC quotas", 2023.)
const MAX_ROUTES: usize = 50;

/// A virtual private cloud.
#[derive(Debug, Clone)]
pub struct Vpc {
    /// Its addresses.
    pub cidr_block: Ipv4Net,
}

/// A subnet.
#[derive(Debug, Clone)]
pub struct Subnet {
    /// The VPC it belongs to.
    pub vpc: Id<Vpc>,
    /// The zone it is in.
    pub zone: Id<Fabric>,
    /// Its addresses.
    pub cidr_block: Ipv4Net,
    /// Its route table; `None` for only the local route.
    pub route_table: Option<Id<RouteTable>>,
    /// Addresses given out, with the resource that has each.
    addresses: BTreeMap<Ipv4Addr, String>,
}

impl Subnet {
    /// How many more addresses can be given out.
    #[must_use]
    pub fn free_addresses(&self) -> u64 {
        (1_u64 << (32 - self.cidr_block.prefix_len())) - RESERVED - self.addresses.len() as u64
    }

    /// Gives `owner` a free address: one chosen by the owner's name, or the next free one, so that a
    /// new resource takes no address from another.
    pub(super) fn allocate(&mut self, resolver: &Resolver<'_>, owner: &str) -> Option<Ipv4Addr> {
        if self.free_addresses() == 0 {
            return None;
        }
        let size = 1_u64 << (32 - self.cidr_block.prefix_len());
        let usable = u32::try_from(size - RESERVED).unwrap_or(u32::MAX);
        let start = resolver.choose(owner, "private_ip", usable);
        let base = u32::from(self.cidr_block.network()) + 4;
        (0..usable)
            .map(|step| Ipv4Addr::from(base + (start + step) % usable))
            .find_map(|address| {
                let entry = self.addresses.entry(address);
                matches!(entry, std::collections::btree_map::Entry::Vacant(_)).then(|| {
                    entry.or_insert_with(|| owner.to_owned());
                    address
                })
            })
    }

    /// Gives `owner` this address, or says why not.
    fn reserve(&mut self, address: Ipv4Addr, owner: &str) -> Result<(), String> {
        if !self.cidr_block.contains(&address) {
            return Err(format!(
                "{address} is not in the subnet's block {}",
                self.cidr_block
            ));
        }
        let offset = u32::from(address) - u32::from(self.cidr_block.network());
        if offset < 4 || address == self.cidr_block.broadcast() {
            return Err(format!(
                "{address} is reserved by AWS: the first four addresses of a subnet and the last"
            ));
        }
        match self.addresses.insert(address, owner.to_owned()) {
            None => Ok(()),
            Some(other) => Err(format!("{address} belongs to {other}")),
        }
    }
}

/// A route table.
#[derive(Debug, Clone)]
pub struct RouteTable {
    /// The VPC it belongs to.
    pub vpc: Id<Vpc>,
    /// Its routes, apart from the local one.
    pub routes: Vec<Route>,
    /// Gateway endpoints whose routes it has.
    pub gateway_endpoints: Vec<Id<GatewayEndpoint>>,
}

/// A route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The addresses it is for.
    pub destination: Ipv4Net,
    /// Where it leads.
    pub target: RouteTarget,
}

/// What a route can lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteTarget {
    /// The internet, for interfaces with a public address.
    InternetGateway(Id<InternetGateway>),
    /// The internet, by address translation.
    NatGateway(Id<NatGateway>),
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let scenario = resolver.scenario;
    for (name, vpc) in &scenario.vpc {
        if !(16..=28).contains(&vpc.cidr_block.prefix_len()) {
            let path = KeyPath::of(["vpc", name, "cidr_block"]);
            resolver.error(
                path,
                format!("{} is not between /16 and /28", vpc.cidr_block),
            );
        }
        topology.vpcs.add(
            name,
            Vpc {
                cidr_block: vpc.cidr_block,
            },
        );
    }
    for (name, table) in &scenario.route_table {
        let path = KeyPath::of(["route_table", name, "vpc"]);
        if let Some(vpc) = resolver.find(&topology.vpcs, "vpc", &table.vpc, &path) {
            let table = RouteTable {
                vpc,
                routes: Vec::new(),
                gateway_endpoints: Vec::new(),
            };
            topology.route_tables.add(name, table);
        }
    }
    for name in scenario.subnet.keys() {
        resolve_subnet(resolver, topology, name);
    }
    for (name, instance) in &scenario.instance {
        let Some(address) = instance.private_ip else {
            continue;
        };
        let Some(subnet) = topology.subnets.find(instance.subnet.parts().1) else {
            continue;
        };
        if let Err(message) = topology.subnets[subnet].reserve(address, &format!("instance.{name}"))
        {
            resolver.error(KeyPath::of(["instance", name, "private_ip"]), message);
        }
    }
}

fn resolve_subnet(resolver: &mut Resolver<'_>, topology: &mut Topology, name: &str) {
    let written = &resolver.scenario.subnet[name];
    let path = KeyPath::of(["subnet", name]);
    let vpc = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path.key("vpc"));
    let zone_path = path.key("availability_zone");
    let zone = topology
        .substrate
        .find_zone(resolver, &written.availability_zone, &zone_path);
    let (Some(vpc), Some(zone)) = (vpc, zone) else {
        return;
    };
    let route_table = written.route_table.as_ref().and_then(|reference| {
        let path = path.key("route_table");
        let table = resolver.find(&topology.route_tables, "route_table", reference, &path)?;
        let same = same_vpc(
            resolver,
            topology,
            vpc,
            topology.route_tables[table].vpc,
            &path,
            reference,
        );
        same.then_some(table)
    });
    let block = written.cidr_block;
    let block_path = path.key("cidr_block");
    let vpc_block = topology.vpcs[vpc].cidr_block;
    if !(16..=28).contains(&block.prefix_len()) {
        resolver.error(block_path, format!("{block} is not between /16 and /28"));
        return;
    }
    if !vpc_block.contains(&block) {
        let vpc_name = topology.vpcs.name(vpc);
        let message = format!("{block} is not inside {vpc_block} of vpc `{vpc_name}`");
        resolver.error(block_path, message);
        return;
    }
    let overlap = topology.subnets.iter().find(|(_, other)| {
        other.vpc == vpc && (other.cidr_block.contains(&block) || block.contains(&other.cidr_block))
    });
    if let Some((other, _)) = overlap {
        let other_name = topology.subnets.name(other);
        let other_block = topology.subnets[other].cidr_block;
        let message = format!("{block} overlaps {other_block} of subnet `{other_name}`");
        resolver.report(
            Problem::error(block_path, message)
                .help("subnets of a VPC do not overlap; pick a free block"),
        );
        return;
    }
    let subnet = Subnet {
        vpc,
        zone,
        cidr_block: block,
        route_table,
        addresses: BTreeMap::new(),
    };
    topology.subnets.add(name, subnet);
}

/// Reports a reference from one VPC into another.
pub(super) fn same_vpc(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    own: Id<Vpc>,
    other: Id<Vpc>,
    path: &KeyPath,
    reference: &Reference,
) -> bool {
    if own != other {
        let (own, other) = (topology.vpcs.name(own), topology.vpcs.name(other));
        let message = format!("`{reference}` belongs to vpc `{other}`, not to vpc `{own}`");
        resolver.error(path.clone(), message);
        return false;
    }
    true
}

/// Routes are resolved after the gateways they lead to.
pub(super) fn resolve_routes(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.route_table {
        let Some(table) = topology.route_tables.find(name) else {
            continue;
        };
        let path = KeyPath::of(["route_table", name, "routes"]);
        if written.routes.len() > MAX_ROUTES {
            let message = format!(
                "{} routes are more than the quota of {MAX_ROUTES}",
                written.routes.len()
            );
            resolver.report(Problem::warning(path.clone(), message));
        }
        let mut routes: Vec<Route> = Vec::new();
        for (index, route) in written.routes.iter().enumerate() {
            let path = path.index(index);
            let destination = route.destination_cidr_block;
            let vpc = topology.route_tables[table].vpc;
            let local = topology.vpcs[vpc].cidr_block;
            if local.contains(&destination) {
                resolver.report(
                    Problem::error(
                        path.key("destination_cidr_block"),
                        format!("{destination} lies inside the VPC's local route {local}"),
                    )
                    .help("traffic inside a VPC takes the local route"),
                );
            }
            if routes.iter().any(|other| other.destination == destination) {
                let message = format!("there is a route to {destination} already");
                resolver.error(path.key("destination_cidr_block"), message);
            }
            if let Some(target) =
                target(resolver, topology, vpc, &route.target, &path.key("target"))
            {
                routes.push(Route {
                    destination,
                    target,
                });
            }
        }
        topology.route_tables[table].routes = routes;
    }
}

fn target(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    vpc: Id<Vpc>,
    reference: &Reference,
    path: &KeyPath,
) -> Option<RouteTarget> {
    let (kind, other_vpc) = match reference.parts().0 {
        Some("internet_gateway") => {
            let id = resolver.find(
                &topology.internet_gateways,
                "internet_gateway",
                reference,
                path,
            )?;
            (
                RouteTarget::InternetGateway(id),
                topology.internet_gateways[id].vpc,
            )
        }
        Some("nat_gateway") => {
            let id = resolver.find(&topology.nat_gateways, "nat_gateway", reference, path)?;
            let subnet = topology.nat_gateways[id].subnet;
            (RouteTarget::NatGateway(id), topology.subnets[subnet].vpc)
        }
        Some(_) | None => {
            resolver.report(
                Problem::error(path.clone(), format!("`{reference}` is not the target of a route"))
                    .help("write \"internet_gateway.NAME\" or \"nat_gateway.NAME\"; a gateway endpoint adds its own route"),
            );
            return None;
        }
    };
    same_vpc(resolver, topology, vpc, other_vpc, path, reference).then_some(kind)
}
