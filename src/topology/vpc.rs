//! VPCs, with the route table, network ACL and security group that each has by default.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{
    Arena, EgressOnlyInternetGateway, Id, Instance, InternetGateway, LoadBalancer, NatGateway,
    NetworkAcl, Region, Resolver, RouteTable, SecurityGroup, Subnet, TargetGroup, Topology,
    VpcEndpoint, VpnGateway, region,
};
use crate::scenario::{self, KeyPath, Problem, Reference};

/// IPv4 blocks of a VPC, before and after a quota increase. (VPC user guide, "Amazon VPC quotas",
/// 2023.)
const BLOCKS: usize = 5;
const MAX_BLOCKS: usize = 50;

/// A virtual private cloud.
#[derive(Debug, Clone)]
pub struct Vpc {
    /// The Region it is in.
    pub region: Id<Region>,
    /// Its IPv4 addresses, the primary block first.
    pub cidr_blocks: Vec<Ipv4Net>,
    /// Its IPv6 addresses.
    pub ipv6_cidr_block: Option<Ipv6Net>,
    /// The route table of subnets that name none.
    pub main_route_table: Id<RouteTable>,
    /// The network ACL of subnets that name none.
    pub default_network_acl: Id<NetworkAcl>,
    /// The security group of interfaces that name none.
    pub default_security_group: Id<SecurityGroup>,
    /// Its internet gateway.
    pub internet_gateway: Option<Id<InternetGateway>>,
    /// Its virtual private gateway.
    pub vpn_gateway: Option<Id<VpnGateway>>,
    /// Whether its resolver answers.
    pub enable_dns_support: bool,
    /// Whether public addresses have names.
    pub enable_dns_hostnames: bool,
}

impl Vpc {
    /// Whether `address` is in one of its blocks.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.cidr_blocks.iter().any(|b| b.contains(&address)),
            IpAddr::V6(address) => self.ipv6_cidr_block.is_some_and(|b| b.contains(&address)),
        }
    }

    /// Its blocks, IPv4 and IPv6.
    pub fn blocks(&self) -> impl Iterator<Item = IpNet> + '_ {
        let ipv4 = self.cidr_blocks.iter().copied().map(IpNet::V4);
        ipv4.chain(self.ipv6_cidr_block.map(IpNet::V6))
    }
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let scenario = resolver.scenario;
    for (name, written) in &scenario.vpc {
        let path = KeyPath::of(["vpc", name]);
        let reference = written.region.as_ref();
        if written.region.is_none() && scenario.region.is_none() {
            if !scenario
                .broken
                .iter()
                .any(|table| table.starts_with("region"))
            {
                resolver.report(
                    Problem::error(path, "the scenario has no Region for this VPC").help(
                        "add a table [region] with its `availability_zones`, or give a `region`",
                    ),
                );
            }
            continue;
        }
        let region = region::find(resolver, &topology.regions, reference, &path.key("region"));
        let Some(region) = region else { continue };
        let id = topology.vpcs.next_id();
        let ipv6 = ipv6_block(resolver, written, &path);
        let vpc = Vpc {
            region,
            cidr_blocks: ipv4_blocks(resolver, written, &path),
            ipv6_cidr_block: ipv6,
            main_route_table: topology
                .route_tables
                .add(format!("main ({name})"), RouteTable::new(id)),
            default_network_acl: topology
                .network_acls
                .add(format!("default ({name})"), NetworkAcl::open(id)),
            default_security_group: {
                let group = topology.security_groups.next_id();
                let default = SecurityGroup::default_of(id, group, ipv6.is_some());
                let name = format!("default ({name})");
                topology.security_groups.add(name, default)
            },
            internet_gateway: None,
            vpn_gateway: None,
            enable_dns_support: written.enable_dns_support,
            enable_dns_hostnames: written.enable_dns_hostnames,
        };
        topology.vpcs.add(name, vpc);
    }
}

fn ipv4_blocks(
    resolver: &mut Resolver<'_>,
    written: &scenario::Vpc,
    path: &KeyPath,
) -> Vec<Ipv4Net> {
    let secondary_path = path.key("secondary_cidr_blocks");
    let count = 1 + written.secondary_cidr_blocks.len();
    if count > BLOCKS {
        let message = format!("{count} IPv4 blocks are more than the quota of {BLOCKS}");
        let problem = if count > MAX_BLOCKS {
            Problem::error(secondary_path.clone(), message)
        } else {
            Problem::warning(secondary_path.clone(), message)
        };
        resolver.report(problem.help(format!("the quota can be raised to {MAX_BLOCKS}")));
    }
    let secondary = written.secondary_cidr_blocks.iter().enumerate();
    let secondary = secondary.map(|(index, &block)| (block, secondary_path.index(index)));
    let mut blocks: Vec<Ipv4Net> = Vec::new();
    let primary = (written.cidr_block, path.key("cidr_block"));
    for (block, path) in std::iter::once(primary).chain(secondary) {
        if !(16..=28).contains(&block.prefix_len()) {
            resolver.error(path, format!("{block} is not between /16 and /28"));
        } else if let Some(other) = blocks
            .iter()
            .find(|other| other.contains(&block) || block.contains(*other))
        {
            let message = format!("{block} overlaps {other} of the same VPC");
            resolver.error(path, message);
            continue;
        }
        // A block of a wrong size stays, so that what is inside it is no second mistake.
        blocks.push(block);
    }
    blocks
}

fn ipv6_block(
    resolver: &mut Resolver<'_>,
    written: &scenario::Vpc,
    path: &KeyPath,
) -> Option<Ipv6Net> {
    let block = written.ipv6_cidr_block?;
    let length = block.prefix_len();
    if !(44..=60).contains(&length) || length % 4 != 0 {
        resolver.report(
            Problem::error(
                path.key("ipv6_cidr_block"),
                format!("{block} is not a /44, /48, /52, /56 or /60"),
            )
            .help("AWS gives a VPC a /56"),
        );
    }
    Some(block)
}

/// Puts in the tables, ACLs and groups that a VPC names as its defaults.
pub(super) fn resolve_defaults(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.vpc {
        let Some(vpc) = topology.vpcs.find(name) else {
            continue;
        };
        let path = KeyPath::of(["vpc", name]);
        if let Some(reference) = &written.main_route_table {
            let path = path.key("main_route_table");
            if let Some(id) = find_in(resolver, topology, vpc, reference, &path) {
                topology.vpcs[vpc].main_route_table = id;
            }
        }
        if let Some(reference) = &written.default_network_acl {
            let path = path.key("default_network_acl");
            if let Some(id) = find_in(resolver, topology, vpc, reference, &path) {
                topology.vpcs[vpc].default_network_acl = id;
            }
        }
        if let Some(reference) = &written.default_security_group {
            let path = path.key("default_security_group");
            if let Some(id) = find_in(resolver, topology, vpc, reference, &path) {
                topology.vpcs[vpc].default_security_group = id;
            }
        }
    }
}

/// Something that belongs to a VPC.
pub(super) trait InVpc: Sized {
    /// Its table in a scenario.
    const KIND: &'static str;
    /// All of them.
    fn arena(topology: &Topology) -> &Arena<Self>;
    /// The VPC it belongs to.
    fn vpc(&self, topology: &Topology) -> Id<Vpc>;
}

/// What `reference` at `path` names, if it belongs to `vpc`.
pub(super) fn find_in<T: InVpc>(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    vpc: Id<Vpc>,
    reference: &Reference,
    path: &KeyPath,
) -> Option<Id<T>> {
    let id = resolver.find(T::arena(topology), T::KIND, reference, path)?;
    let theirs = T::arena(topology)[id].vpc(topology);
    same_vpc(resolver, topology, vpc, theirs, path, reference).then_some(id)
}

macro_rules! in_vpc {
    ($($kind:ty, $name:literal, $arena:ident;)*) => {
        $(impl InVpc for $kind {
            const KIND: &'static str = $name;
            fn arena(topology: &Topology) -> &Arena<Self> {
                &topology.$arena
            }
            fn vpc(&self, _: &Topology) -> Id<Vpc> {
                self.vpc
            }
        })*
    };
}

in_vpc! {
    RouteTable, "route_table", route_tables;
    NetworkAcl, "network_acl", network_acls;
    SecurityGroup, "security_group", security_groups;
    Subnet, "subnet", subnets;
    InternetGateway, "internet_gateway", internet_gateways;
    EgressOnlyInternetGateway, "egress_only_internet_gateway", egress_only_internet_gateways;
    VpnGateway, "vpn_gateway", vpn_gateways;
    VpcEndpoint, "vpc_endpoint", vpc_endpoints;
    TargetGroup, "target_group", target_groups;
    LoadBalancer, "load_balancer", load_balancers;
}

impl InVpc for NatGateway {
    const KIND: &'static str = "nat_gateway";
    fn arena(topology: &Topology) -> &Arena<Self> {
        &topology.nat_gateways
    }
    fn vpc(&self, topology: &Topology) -> Id<Vpc> {
        topology.vpc_of(self.network_interface)
    }
}

impl InVpc for Instance {
    const KIND: &'static str = "instance";
    fn arena(topology: &Topology) -> &Arena<Self> {
        &topology.instances
    }
    fn vpc(&self, topology: &Topology) -> Id<Vpc> {
        topology.vpc_of(self.network_interfaces[0])
    }
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

#[cfg(test)]
mod tests {
    use super::super::fixture::{resolve, right, wrong};
    use super::super::{AclEntry, Peer, RouteTarget};

    #[test]
    fn a_vpc_has_a_main_table_an_open_acl_and_a_default_group() {
        let topology = right("");
        let vpc = &topology.vpcs[topology.vpcs.find("main").unwrap()];
        let table = vpc.main_route_table;
        assert_eq!(topology.route_tables.name(table), "main (main)");
        assert_eq!(topology.route_tables[table].routes.len(), 1);
        assert_eq!(
            topology.route_tables[table].routes[0].target,
            RouteTarget::Local
        );
        let acl = &topology.network_acls[vpc.default_network_acl];
        let shown = |entries: &[AclEntry]| -> Vec<(u16, String)> {
            let entries = entries.iter();
            entries
                .map(|entry| (entry.rule_number, entry.block.to_string()))
                .collect()
        };
        let all = [(100, "0.0.0.0/0".to_owned()), (101, "::/0".to_owned())];
        assert_eq!(shown(&acl.ingress), all);
        assert_eq!(shown(&acl.egress), all);
        let group = vpc.default_security_group;
        assert_eq!(topology.security_groups.name(group), "default (main)");
        let ingress: Vec<Peer> = topology.security_groups[group]
            .ingress
            .iter()
            .map(|r| r.peer)
            .collect();
        assert_eq!(ingress, [Peer::Group(group)]);
        assert_eq!(topology.security_groups[group].egress.len(), 1);
        let subnet = &topology.subnets[topology.subnets.find("a").unwrap()];
        assert_eq!(subnet.route_table, table);
        assert_eq!(subnet.network_acl, vpc.default_network_acl);
    }

    #[test]
    fn a_vpc_may_name_its_own_defaults() {
        let text = r#"
            [vpc.own]
            cidr_block = "10.8.0.0/16"
            main_route_table = "main"
            default_network_acl = "closed"
            default_security_group = "base"
            [route_table.main]
            vpc = "own"
            [network_acl.closed]
            vpc = "own"
            [security_group.base]
            vpc = "own"
            [subnet.own]
            vpc = "own"
            availability_zone = "us-east-1a"
            cidr_block = "10.8.0.0/24"
            [network_interface.x]
            subnet = "own"
        "#;
        let topology = right(text);
        let subnet = &topology.subnets[topology.subnets.find("own").unwrap()];
        assert_eq!(topology.route_tables.name(subnet.route_table), "main");
        assert_eq!(topology.network_acls.name(subnet.network_acl), "closed");
        let interface = topology
            .network_interfaces
            .find("network_interface.x")
            .unwrap();
        let groups = &topology.network_interfaces[interface].security_groups;
        assert_eq!(
            groups.as_slice(),
            [topology.security_groups.find("base").unwrap()]
        );
        assert_eq!(
            wrong(&text.replace(
                "[route_table.main]\n            vpc = \"own\"",
                "[route_table.main]\nvpc = \"main\""
            )),
            "vpc.own.main_route_table: `main` belongs to vpc `main`, not to vpc `own`\n"
        );
    }

    #[test]
    fn blocks_of_a_vpc_do_not_overlap() {
        let text = |blocks| {
            format!("[vpc.x]\ncidr_block = \"10.1.0.0/16\"\nsecondary_cidr_blocks = {blocks}")
        };
        right(&text("[\"100.64.0.0/16\", \"10.2.0.0/16\"]"));
        assert_eq!(
            wrong(&text("[\"10.2.0.0/16\", \"10.1.4.0/24\"]")),
            "vpc.x.secondary_cidr_blocks[1]: 10.1.4.0/24 overlaps 10.1.0.0/16 of the same VPC\n"
        );
        assert_eq!(
            wrong(&text("[\"10.2.0.0/30\"]")),
            "vpc.x.secondary_cidr_blocks[0]: 10.2.0.0/30 is not between /16 and /28\n"
        );
        let many: Vec<String> = (2..8).map(|n| format!("\"10.{n}.0.0/16\"")).collect();
        assert_eq!(
            wrong(&text(&format!("[{}]", many.join(", ")))),
            "warning: vpc.x.secondary_cidr_blocks: 7 IPv4 blocks are more than the quota of 5 (the \
             quota can be raised to 50)\n"
        );
    }

    #[test]
    fn an_ipv6_block_is_a_44_to_60_in_steps_of_four() {
        for (length, right) in [
            (44, true),
            (56, true),
            (60, true),
            (40, false),
            (58, false),
            (64, false),
        ] {
            let text = format!(
                "[vpc.x]\ncidr_block = \"10.1.0.0/16\"\nipv6_cidr_block = \"2600:1f00::/{length}\""
            );
            let (_, problems) = resolve(&text);
            assert_eq!(problems.is_empty(), right, "/{length}");
        }
    }
}
