//! Subnets and their addresses.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

use super::address::Pool;
use super::vpc::{find_in, same_vpc};
use super::{Fabric, Id, NetworkAcl, Resolver, RouteTable, Topology, Vpc};
use crate::scenario::{KeyPath, Problem, Reference};

/// Addresses that AWS reserves in every subnet: the network, the router, DNS, one for the future,
/// and the last. (VPC user guide, "Subnet CIDR blocks", 2023.)
const RESERVED: u32 = 5;
/// Those of them at the start of the block.
const RESERVED_AT_START: u32 = 4;

/// A subnet.
#[derive(Debug, Clone)]
pub struct Subnet {
    /// The VPC it belongs to.
    pub vpc: Id<Vpc>,
    /// The zone it is in.
    pub zone: Id<Fabric>,
    /// Its IPv4 addresses.
    pub cidr_block: Ipv4Net,
    /// Its IPv6 addresses.
    pub ipv6_cidr_block: Option<Ipv6Net>,
    /// Its route table.
    pub route_table: Id<RouteTable>,
    /// Its network ACL.
    pub network_acl: Id<NetworkAcl>,
    /// Whether its instances get a public address unless they say otherwise.
    pub map_public_ip_on_launch: bool,
    /// Addresses to give out, with the resource that has each.
    addresses: Pool,
    /// IPv6 addresses given out, with the resource that has each.
    ipv6_addresses: BTreeMap<Ipv6Addr, String>,
}

impl Subnet {
    /// How many addresses there are for resources.
    #[must_use]
    pub fn usable_addresses(&self) -> u64 {
        u64::from(self.addresses.count())
    }

    /// How many more addresses can be given out.
    #[must_use]
    pub fn free_addresses(&self) -> u64 {
        u64::from(self.addresses.free())
    }

    /// Gives `owner` a free address, if there is one.
    pub(super) fn allocate(&mut self, resolver: &Resolver<'_>, owner: &str) -> Option<Ipv4Addr> {
        self.addresses.allocate(resolver, owner, "private_ip")
    }

    /// Gives `owner` this address, or says why not.
    pub(super) fn reserve(&mut self, address: Ipv4Addr, owner: &str) -> Result<(), String> {
        let block = self.cidr_block;
        if !block.contains(&address) {
            return Err(format!("{address} is not in the subnet's block {block}"));
        }
        let offset = u32::from(address) - u32::from(block.network());
        if offset < RESERVED_AT_START || address == block.broadcast() {
            return Err(format!(
                "{address} is reserved by AWS: the first four addresses of a subnet and the last"
            ));
        }
        self.addresses
            .reserve(address, owner)
            .map_err(|other| format!("{address} belongs to {other}"))
    }

    /// Gives `owner` this IPv6 address, or says why not.
    pub(super) fn reserve_ipv6(&mut self, address: Ipv6Addr, owner: &str) -> Result<(), String> {
        let Some(block) = self.ipv6_cidr_block else {
            return Err("the subnet has no IPv6 block".to_owned());
        };
        if !block.contains(&address) {
            return Err(format!("{address} is not in the subnet's block {block}"));
        }
        let offset = u128::from(address) - u128::from(block.network());
        if offset < u128::from(RESERVED_AT_START) || address == block.broadcast() {
            return Err(format!(
                "{address} is reserved by AWS: the first four addresses of a subnet and the last"
            ));
        }
        if let Some(other) = self.ipv6_addresses.get(&address) {
            return Err(format!("{address} belongs to {other}"));
        }
        self.ipv6_addresses.insert(address, owner.to_owned());
        Ok(())
    }
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for name in resolver.scenario.subnet.keys() {
        resolve_one(resolver, topology, name);
    }
}

fn resolve_one(resolver: &mut Resolver<'_>, topology: &mut Topology, name: &str) {
    let written = &resolver.scenario.subnet[name];
    let path = KeyPath::of(["subnet", name]);
    let vpc = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path.key("vpc"));
    let zone_path = path.key("availability_zone");
    // Without a Region there are no zones, which is said of the VPC.
    let scenario = resolver.scenario;
    let no_region = scenario.region.is_none() && scenario.other_region.is_empty();
    let zone = if no_region {
        None
    } else {
        let substrate = &topology.substrate;
        substrate.find_zone(resolver, &written.availability_zone, &zone_path)
    };
    let (Some(vpc), Some(zone)) = (vpc, zone) else {
        return;
    };
    check_region(resolver, topology, vpc, zone, &zone_path);
    let route_table = written.route_table.as_ref().and_then(|reference| {
        find_in(resolver, topology, vpc, reference, &path.key("route_table"))
    });
    let network_acl = written.network_acl.as_ref().and_then(|reference| {
        find_in(resolver, topology, vpc, reference, &path.key("network_acl"))
    });
    let block = written.cidr_block;
    if let Err(problem) = check_block(topology, vpc, block, &path.key("cidr_block")) {
        resolver.report(problem);
        return;
    }
    let ipv6_cidr_block = written.ipv6_cidr_block.filter(|&block| {
        let checked = check_ipv6_block(topology, vpc, block, &path.key("ipv6_cidr_block"));
        checked.map_err(|problem| resolver.report(problem)).is_ok()
    });
    // A block is at most a /16.
    let size = 1_u32 << (32 - block.prefix_len());
    let first = Ipv4Addr::from(u32::from(block.network()) + RESERVED_AT_START);
    let subnet = Subnet {
        vpc,
        zone,
        cidr_block: block,
        ipv6_cidr_block,
        route_table: route_table.unwrap_or(topology.vpcs[vpc].main_route_table),
        network_acl: network_acl.unwrap_or(topology.vpcs[vpc].default_network_acl),
        map_public_ip_on_launch: written.map_public_ip_on_launch,
        addresses: Pool::new(first, size - RESERVED),
        ipv6_addresses: BTreeMap::new(),
    };
    topology.subnets.add(name, subnet);
}

/// A subnet's zone is one of its VPC's Region.
fn check_region(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    vpc: Id<Vpc>,
    zone: Id<Fabric>,
    path: &KeyPath,
) {
    let (own, theirs) = (topology.vpcs[vpc].region, topology.region_of_zone(zone));
    if own == theirs {
        return;
    }
    let name = |region| topology.regions.name(region);
    let zones = topology.regions[own].zones.iter();
    let zones: Vec<String> = zones
        .map(|&zone| format!("`{}`", topology.substrate.fabrics.name(zone)))
        .collect();
    let message = format!(
        "`{}` is a zone of {}, but vpc `{}` is in {}",
        topology.substrate.fabrics.name(zone),
        name(theirs),
        topology.vpcs.name(vpc),
        name(own),
    );
    let help = format!("zones of {}: {}", name(own), zones.join(", "));
    resolver.report(Problem::error(path.clone(), message).help(help));
}

fn check_block(
    topology: &Topology,
    vpc: Id<Vpc>,
    block: Ipv4Net,
    path: &KeyPath,
) -> Result<(), Problem> {
    let error = |message| Problem::error(path.clone(), message);
    if !(16..=28).contains(&block.prefix_len()) {
        return Err(error(format!("{block} is not between /16 and /28")));
    }
    let blocks = &topology.vpcs[vpc].cidr_blocks;
    if !blocks.iter().any(|outer| outer.contains(&block)) {
        let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
        let vpc_name = topology.vpcs.name(vpc);
        let message = format!(
            "{block} is not inside {} of vpc `{vpc_name}`",
            blocks.join(" or ")
        );
        return Err(error(message));
    }
    let overlap = topology.subnets.iter().find(|(_, other)| {
        other.vpc == vpc && (other.cidr_block.contains(&block) || block.contains(&other.cidr_block))
    });
    if let Some((other, subnet)) = overlap {
        let (name, theirs) = (topology.subnets.name(other), subnet.cidr_block);
        let message = format!("{block} overlaps {theirs} of subnet `{name}`");
        return Err(error(message).help("subnets of a VPC do not overlap; pick a free block"));
    }
    Ok(())
}

fn check_ipv6_block(
    topology: &Topology,
    vpc: Id<Vpc>,
    block: Ipv6Net,
    path: &KeyPath,
) -> Result<(), Problem> {
    let error = |message| Problem::error(path.clone(), message);
    if block.prefix_len() != 64 {
        return Err(error(format!("{block} is not a /64")));
    }
    let vpc_name = topology.vpcs.name(vpc);
    match topology.vpcs[vpc].ipv6_cidr_block {
        None => {
            return Err(error(format!("vpc `{vpc_name}` has no IPv6 block"))
                .help(format!("add ipv6_cidr_block to [vpc.{vpc_name}]")));
        }
        Some(outer) if !outer.contains(&block) => {
            let message = format!("{block} is not inside {outer} of vpc `{vpc_name}`");
            return Err(error(message));
        }
        Some(_) => {}
    }
    // All are /64s, so that they are equal if they overlap.
    let mut others = topology.subnets.iter();
    match others.find(|(_, other)| other.vpc == vpc && other.ipv6_cidr_block == Some(block)) {
        None => Ok(()),
        Some((other, _)) => {
            let name = topology.subnets.name(other);
            Err(error(format!("{block} belongs to subnet `{name}`"))
                .help("subnets of a VPC do not overlap; pick a free block"))
        }
    }
}

/// The subnets that `written` names, at most one per zone and all in one VPC: `vpc`, or that of the
/// first.
pub(super) fn one_per_zone(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    vpc: Option<Id<Vpc>>,
    written: &[Reference],
    path: &KeyPath,
    whose: &str,
) -> Vec<Id<Subnet>> {
    let mut vpc = vpc;
    let mut subnets: Vec<Id<Subnet>> = Vec::new();
    for (index, reference) in written.iter().enumerate() {
        let path = path.index(index);
        let Some(id) = resolver.find(&topology.subnets, "subnet", reference, &path) else {
            continue;
        };
        let subnet = &topology.subnets[id];
        let own = *vpc.get_or_insert(subnet.vpc);
        if !same_vpc(resolver, topology, own, subnet.vpc, &path, reference) {
            continue;
        }
        let mut others = subnets.iter();
        match others.find(|&&other| topology.subnets[other].zone == subnet.zone) {
            None => subnets.push(id),
            Some(&other) => {
                let zone = topology.substrate.fabrics.name(subnet.zone);
                let message = format!("{whose} has at most one subnet per zone");
                let help = format!(
                    "subnet `{}` is in {zone}, too",
                    topology.subnets.name(other)
                );
                resolver.report(Problem::error(path, message).help(help));
            }
        }
    }
    subnets
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};

    fn subnet(block: &str, more: &str) -> String {
        format!(
            "[subnet.x]\nvpc = \"main\"\navailability_zone = \"us-east-1c\"\ncidr_block = \"{block}\"\n{more}"
        )
    }

    #[test]
    fn a_subnet_lies_inside_one_of_its_vpcs_blocks() {
        let topology = right(&subnet("10.0.2.0/28", ""));
        let id = topology.subnets.find("x").unwrap();
        assert_eq!(topology.subnets[id].usable_addresses(), 11);
        assert_eq!(
            wrong(&subnet("10.1.0.0/24", "")),
            "subnet.x.cidr_block: 10.1.0.0/24 is not inside 10.0.0.0/16 of vpc `main`\n"
        );
        let two = r#"
            [vpc.two]
            cidr_block = "10.4.0.0/24"
            secondary_cidr_blocks = ["10.4.1.0/24"]
            [subnet.first]
            vpc = "two"
            availability_zone = "us-east-1a"
            cidr_block = "10.4.0.0/25"
            [subnet.second]
            vpc = "two"
            availability_zone = "us-east-1a"
            cidr_block = "10.4.1.0/24"
        "#;
        right(two);
        assert_eq!(
            wrong(&two.replace("10.4.0.0/25", "10.4.0.0/23")),
            "subnet.first.cidr_block: 10.4.0.0/23 is not inside 10.4.0.0/24 or 10.4.1.0/24 of vpc `two`\n"
        );
    }

    #[test]
    fn subnets_of_a_vpc_do_not_overlap() {
        assert_eq!(
            wrong(&subnet("10.0.0.0/20", "")),
            "subnet.x.cidr_block: 10.0.0.0/20 overlaps 10.0.0.0/24 of subnet `a` (subnets of a VPC do \
             not overlap; pick a free block)\n"
        );
    }

    #[test]
    fn an_ipv6_block_is_a_64_of_the_vpcs_that_no_other_subnet_has() {
        let text = |first: &str, second: &str| {
            format!(
                r#"
                [vpc.six]
                cidr_block = "10.6.0.0/16"
                ipv6_cidr_block = "2600:1f18:1234:5600::/56"
                [subnet.first]
                vpc = "six"
                availability_zone = "us-east-1a"
                cidr_block = "10.6.0.0/24"
                ipv6_cidr_block = "{first}"
                [subnet.second]
                vpc = "six"
                availability_zone = "us-east-1b"
                cidr_block = "10.6.1.0/24"
                ipv6_cidr_block = "{second}"
                "#
            )
        };
        let (one, two) = ("2600:1f18:1234:5601::/64", "2600:1f18:1234:5602::/64");
        right(&text(one, two));
        let path = "subnet.second.ipv6_cidr_block";
        assert_eq!(
            wrong(&text(one, one)),
            format!(
                "{path}: {one} belongs to subnet `first` (subnets of a VPC do not overlap; pick a free block)\n"
            )
        );
        assert_eq!(
            wrong(&text(one, "2600:1f18:1234:5610::/60")),
            format!("{path}: 2600:1f18:1234:5610::/60 is not a /64\n")
        );
        assert_eq!(
            wrong(&text(one, "2600:1f18:1234:5701::/64")),
            format!(
                "{path}: 2600:1f18:1234:5701::/64 is not inside 2600:1f18:1234:5600::/56 of vpc `six`\n"
            )
        );
        assert_eq!(
            wrong(&subnet("10.0.9.0/24", "ipv6_cidr_block = \"2600::/64\"")),
            "subnet.x.ipv6_cidr_block: vpc `main` has no IPv6 block (add ipv6_cidr_block to [vpc.main])\n"
        );
    }

    #[test]
    fn an_acl_of_another_vpc_is_refused() {
        let text =
            "[vpc.other]\ncidr_block = \"10.9.0.0/16\"\n[network_acl.other]\nvpc = \"other\"\n";
        assert_eq!(
            wrong(&(text.to_owned() + &subnet("10.0.2.0/28", "network_acl = \"other\""))),
            "subnet.x.network_acl: `other` belongs to vpc `other`, not to vpc `main`\n"
        );
    }
}
