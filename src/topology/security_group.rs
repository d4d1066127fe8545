//! Security groups, and which groups an interface has.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::vpc::find_in;
use super::{Filter, Id, PrefixList, Resolver, Topology, Vpc};
use crate::scenario::{KeyPath, Problem, Reference};

/// Groups of a network interface, before and after a quota increase. (VPC user guide, "Amazon VPC
/// quotas", 2023.)
const GROUPS: usize = 5;
const MAX_GROUPS: usize = 16;

/// A security group: rules that only allow.
#[derive(Debug, Clone)]
pub struct SecurityGroup {
    /// The VPC it belongs to.
    pub vpc: Id<Vpc>,
    /// What may come in.
    pub ingress: Vec<Rule>,
    /// What may go out.
    pub egress: Vec<Rule>,
}

/// One allowance.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its place in the written list.
    pub index: u32,
    /// Protocol, destination ports and ICMP messages it is for.
    pub filter: Filter,
    /// The other side.
    pub peer: Peer,
}

/// The other side of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// Addresses.
    Block(IpNet),
    /// The interfaces that have a group.
    Group(Id<SecurityGroup>),
    /// The addresses of a prefix list.
    PrefixList(Id<PrefixList>),
}

impl Rule {
    /// Everything from or to `peer`.
    const fn all(index: u32, peer: Peer) -> Self {
        Self {
            index,
            filter: Filter::ALL,
            peer,
        }
    }

    /// What a group lets out unless it says otherwise: everything.
    pub(super) fn all_egress(ipv6: bool) -> Vec<Self> {
        let ipv6 = ipv6.then(|| Self::all(1, Peer::Block(IpNet::V6(Ipv6Net::default()))));
        let ipv4 = Self::all(0, Peer::Block(IpNet::V4(Ipv4Net::default())));
        std::iter::once(ipv4).chain(ipv6).collect()
    }
}

impl SecurityGroup {
    /// The group `id` that a VPC has by default: it admits its own members and lets everything out.
    pub(super) fn default_of(vpc: Id<Vpc>, id: Id<Self>, ipv6: bool) -> Self {
        Self {
            vpc,
            ingress: vec![Rule::all(0, Peer::Group(id))],
            egress: Rule::all_egress(ipv6),
        }
    }
}

/// Groups get their rules once all of them are known: they refer to each other.
pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.security_group {
        let path = KeyPath::of(["security_group", name, "vpc"]);
        if let Some(vpc) = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path) {
            let group = SecurityGroup {
                vpc,
                ingress: Vec::new(),
                egress: Vec::new(),
            };
            topology.security_groups.add(name, group);
        }
    }
}

/// The groups named in a list, or the VPC's default group for an empty one.
pub(super) fn groups(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    vpc: Id<Vpc>,
    written: &[Reference],
    path: &KeyPath,
) -> Vec<Id<SecurityGroup>> {
    if written.is_empty() {
        return vec![topology.vpcs[vpc].default_security_group];
    }
    if written.len() > GROUPS {
        let message = format!(
            "{} groups are more than the quota of {GROUPS}",
            written.len()
        );
        let problem = if written.len() > MAX_GROUPS {
            Problem::error(path.clone(), message)
        } else {
            Problem::warning(path.clone(), message)
        };
        resolver.report(problem.help(format!("the quota can be raised to {MAX_GROUPS}")));
    }
    let mut groups = Vec::new();
    for (index, reference) in written.iter().enumerate() {
        let path = path.index(index);
        let Some(group) = find_in(resolver, topology, vpc, reference, &path) else {
            continue;
        };
        if groups.contains(&group) {
            resolver.error(path, format!("group `{reference}` is listed twice"));
        } else {
            groups.push(group);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{many, right, wrong};

    fn interface(count: u32) -> String {
        let groups = many(count, |n| {
            format!("[security_group.g{n}]\nvpc = \"main\"\n")
        });
        let names: Vec<String> = (0..count).map(|n| format!("\"g{n}\"")).collect();
        format!(
            "{groups}[network_interface.i]\nsubnet = \"a\"\nsecurity_groups = [{}]",
            names.join(", ")
        )
    }

    #[test]
    fn more_groups_than_the_quota_are_warned_of_and_then_refused() {
        right(&interface(5));
        assert_eq!(
            wrong(&interface(6)),
            "warning: network_interface.i.security_groups: 6 groups are more than the quota of 5 (the \
             quota can be raised to 16)\n"
        );
        assert_eq!(
            wrong(&interface(17)),
            "network_interface.i.security_groups: 17 groups are more than the quota of 5 (the quota can \
             be raised to 16)\n"
        );
    }
}
