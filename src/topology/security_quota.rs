//! How many rules groups and interfaces may have.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::{Peer, Resolver, Rule, Topology};
use crate::scenario::{KeyPath, Problem};

/// Rules of a group in one direction and family, before a quota increase. (VPC user guide, "Amazon
/// VPC quotas", 2023.)
const RULES: u32 = 60;
/// Rules of all groups of an interface in one direction and family. (Same source.)
const MAX_RULES_OF_INTERFACE: u32 = 1000;

/// Warns of more rules in one direction of a group than the quota.
pub(super) fn check_group(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    rules: &[Rule],
    path: &KeyPath,
) {
    for (family, count) in ["IPv4", "IPv6"].into_iter().zip(count(topology, rules)) {
        if count > RULES {
            let message = format!("{count} {family} rules are more than the quota of {RULES}");
            resolver.report(Problem::warning(path.clone(), message).help(format!(
                "the quota is {RULES} by default; a prefix list counts as all its entries"
            )));
        }
    }
}

/// As how many rules these count, for IPv4 and for IPv6: a block is one of its family, a group one
/// of each, and a prefix list as many as it may have entries.
fn count(topology: &Topology, rules: &[Rule]) -> [u32; 2] {
    rules
        .iter()
        .fold([0, 0], |[ipv4, ipv6], rule| match rule.peer {
            Peer::Block(IpNet::V4(_)) => [ipv4 + 1, ipv6],
            Peer::Block(IpNet::V6(_)) => [ipv4, ipv6 + 1],
            Peer::Group(_) => [ipv4 + 1, ipv6 + 1],
            Peer::PrefixList(id) => {
                let list = &topology.prefix_lists[id];
                if list.is_ipv6() {
                    [ipv4, ipv6.saturating_add(list.weight)]
                } else {
                    [ipv4.saturating_add(list.weight), ipv6]
                }
            }
        })
}

/// Interfaces have at most so many rules by all their groups.
pub(super) fn check_interfaces(resolver: &mut Resolver<'_>, topology: &Topology) {
    let counts: Vec<u32> = topology
        .security_groups
        .iter()
        .map(|(_, group)| {
            let directions = [&group.ingress, &group.egress];
            let counts = directions.map(|rules| count(topology, rules));
            counts.into_iter().flatten().max().unwrap_or(0)
        })
        .collect();
    let mut reported = BTreeSet::new();
    for (id, interface) in topology.network_interfaces.iter() {
        let groups = &interface.security_groups;
        // Groups and rules multiply: the most that any of the groups has.
        let most = groups.iter().map(|group| counts[group.index()]).max();
        let product = most
            .unwrap_or(0)
            .saturating_mul(u32::try_from(groups.len()).unwrap_or(u32::MAX));
        if product <= MAX_RULES_OF_INTERFACE {
            continue;
        }
        let path = topology.table_of(id).key("security_groups");
        if reported.insert(path.to_string()) {
            let message = format!(
                "{} groups with up to {} rules each are more than an interface has: their product \
                 is at most {MAX_RULES_OF_INTERFACE}",
                groups.len(),
                most.unwrap_or(0),
            );
            resolver.error(path, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{many, right, wrong};

    fn ingress(rule: &str) -> String {
        format!(
            "[security_group.x]\nvpc = \"main\"\ningress = [{{ protocol = \"tcp\", ports = 80, {rule} }}]\n"
        )
    }

    #[test]
    fn rules_are_counted_per_family_and_a_list_by_its_entries() {
        let sources = |count| many(count, |n| format!("\"10.{n}.0.0/16\","));
        right(&ingress(&format!("source = [{} \"::/0\"]", sources(60))));
        assert_eq!(
            wrong(&ingress(&format!("source = [{}]", sources(61)))),
            "warning: security_group.x.ingress: 61 IPv4 rules are more than the quota of 60 (the quota \
             is 60 by default; a prefix list counts as all its entries)\n"
        );
        let list = "[prefix_list.l]\nentries = [\"10.0.0.0/8\"]\nmax_entries = 61\n";
        assert_eq!(
            wrong(&(ingress("source = \"prefix_list.l\"") + list)),
            "warning: security_group.x.ingress: 61 IPv4 rules are more than the quota of 60 (the quota \
             is 60 by default; a prefix list counts as all its entries)\n"
        );
    }

    #[test]
    fn groups_times_rules_of_an_interface_are_at_most_a_thousand() {
        let list = "[prefix_list.l]\nentries = [\"10.0.0.0/8\"]\nmax_entries = 300\n";
        let groups = many(4, |n| {
            let source = if n == 0 {
                "prefix_list.l"
            } else {
                "10.0.0.0/8"
            };
            format!(
                "[security_group.g{n}]\nvpc = \"main\"\ningress = [{{ protocol = \"all\", source = \"{source}\" }}]\n"
            )
        });
        let interface = "[network_interface.i]\nsubnet = \"a\"\nsecurity_groups = [\"g0\", \"g1\", \"g2\", \"g3\"]\n";
        let told = wrong(&format!("{list}{groups}{interface}"));
        assert_eq!(
            told.lines().last().unwrap(),
            "network_interface.i.security_groups: 4 groups with up to 300 rules each are more than an \
             interface has: their product is at most 1000"
        );
    }
}
