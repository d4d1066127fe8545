//! Network ACLs.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::filter::WrittenFilter;
use super::{Filter, Id, Resolver, Topology, Vpc};
use crate::scenario::{AclAction, KeyPath, NetworkAclEntry, Problem, Protocol};

/// Entries of an ACL in one direction, before and after a quota increase. (VPC user guide, "Amazon
/// VPC quotas", 2023.)
const ENTRIES: usize = 20;
const MAX_ENTRIES: usize = 40;
/// The highest number of an entry; those above are AWS's own.
const MAX_RULE_NUMBER: u16 = 32766;

/// A network ACL: the first entry that matches decides; without one the packet is denied.
#[derive(Debug, Clone)]
pub struct NetworkAcl {
    /// The VPC it belongs to.
    pub vpc: Id<Vpc>,
    /// Entries for what enters a subnet, by ascending number.
    pub ingress: Vec<AclEntry>,
    /// Entries for what leaves a subnet, by ascending number.
    pub egress: Vec<AclEntry>,
}

/// An entry of a network ACL.
#[derive(Debug, Clone, Copy)]
pub struct AclEntry {
    /// Its place in the order.
    pub rule_number: u16,
    /// What it does.
    pub action: AclAction,
    /// Protocol, destination ports and ICMP messages it is for.
    pub filter: Filter,
    /// Addresses of the other side.
    pub block: IpNet,
}

impl NetworkAcl {
    /// The one that a VPC has by default: it allows everything, both ways.
    pub(super) fn open(vpc: Id<Vpc>) -> Self {
        let allow = |rule_number, block| AclEntry {
            rule_number,
            action: AclAction::Allow,
            filter: Filter::ALL,
            block,
        };
        let all = vec![
            allow(100, IpNet::V4(Ipv4Net::default())),
            allow(101, IpNet::V6(Ipv6Net::default())),
        ];
        Self {
            vpc,
            ingress: all.clone(),
            egress: all,
        }
    }
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.network_acl {
        let path = KeyPath::of(["network_acl", name]);
        let ingress = entries(resolver, &written.ingress, &path.key("ingress"));
        let egress = entries(resolver, &written.egress, &path.key("egress"));
        let vpc = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path.key("vpc"));
        let Some(vpc) = vpc else { continue };
        let acl = NetworkAcl {
            vpc,
            ingress,
            egress,
        };
        topology.network_acls.add(name, acl);
    }
}

/// The entries of one direction, by ascending number.
fn entries(
    resolver: &mut Resolver<'_>,
    written: &[NetworkAclEntry],
    path: &KeyPath,
) -> Vec<AclEntry> {
    if written.len() > ENTRIES {
        let message = format!(
            "{} entries are more than the quota of {ENTRIES}",
            written.len()
        );
        let problem = if written.len() > MAX_ENTRIES {
            Problem::error(path.clone(), message)
        } else {
            Problem::warning(path.clone(), message)
        };
        resolver.report(problem.help(format!("the quota can be raised to {MAX_ENTRIES}")));
    }
    let mut by_number: BTreeMap<u16, AclEntry> = BTreeMap::new();
    for (index, entry) in written.iter().enumerate() {
        let path = path.index(index);
        let number = entry.rule_number;
        let number_path = path.key("rule_number");
        if !(1..=MAX_RULE_NUMBER).contains(&number) {
            let message = format!("{number} is not between 1 and {MAX_RULE_NUMBER}");
            resolver.error(number_path, message);
        } else if by_number.contains_key(&number) {
            resolver.report(
                Problem::error(number_path, format!("there is an entry {number} already"))
                    .help("numbers are unique in each direction of an ACL"),
            );
        }
        if let Some(entry) = resolve_entry(resolver, entry, &path) {
            by_number.entry(number).or_insert(entry);
        }
    }
    by_number.into_values().collect()
}

fn resolve_entry(
    resolver: &mut Resolver<'_>,
    written: &NetworkAclEntry,
    path: &KeyPath,
) -> Option<AclEntry> {
    let filter = WrittenFilter {
        protocol: written.protocol,
        ports: written.ports,
        icmp_type: written.icmp_type,
        icmp_code: written.icmp_code,
    };
    let filter = filter.resolve(resolver, path);
    let block = match (written.cidr_block, written.ipv6_cidr_block) {
        (Some(block), None) => IpNet::V4(block),
        (None, Some(block)) => IpNet::V6(block),
        (None, None) => {
            resolver.lacking(
                Problem::error(path.clone(), "the entry is for no addresses")
                    .help("add cidr_block = \"0.0.0.0/0\" or ipv6_cidr_block = \"::/0\""),
            );
            return None;
        }
        (Some(_), Some(_)) => {
            resolver.report(
                Problem::error(
                    path.clone(),
                    "the entry has both `cidr_block` and `ipv6_cidr_block`",
                )
                .help("write an entry for each"),
            );
            return None;
        }
    };
    warn_of_family(resolver, written.protocol, block, path);
    Some(AclEntry {
        rule_number: written.rule_number,
        action: written.action,
        filter: filter?,
        block,
    })
}

/// Warns of a rule that no packet can match: ICMP of one family, and addresses of the other.
pub(super) fn warn_of_family(
    resolver: &mut Resolver<'_>,
    protocol: Protocol,
    block: IpNet,
    path: &KeyPath,
) {
    let (other, family) = match (protocol, block) {
        (Protocol::Icmp, IpNet::V6(_)) => (Protocol::Icmpv6, "IPv6"),
        (Protocol::Icmpv6, IpNet::V4(_)) => (Protocol::Icmp, "IPv4"),
        (
            Protocol::Tcp | Protocol::Udp | Protocol::All | Protocol::Icmp | Protocol::Icmpv6,
            IpNet::V4(_) | IpNet::V6(_),
        ) => return,
    };
    resolver.report(
        Problem::warning(
            path.key("protocol"),
            format!("no {family} packet is of protocol \"{protocol}\""),
        )
        .help(format!("write protocol = \"{other}\" for {family}")),
    );
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};

    fn acl(entries: &str) -> String {
        format!("[network_acl.x]\nvpc = \"main\"\ningress = [{entries}]")
    }

    #[test]
    fn entries_are_in_the_order_of_their_numbers() {
        let topology = right(&acl(
            "{ rule_number = 200, action = \"deny\", protocol = \"all\", cidr_block = \"0.0.0.0/0\" },
             { rule_number = 100, action = \"allow\", protocol = \"tcp\", ports = 443, ipv6_cidr_block = \"::/0\" }",
        ));
        let acl = &topology.network_acls[topology.network_acls.find("x").unwrap()];
        let shown: Vec<String> = acl
            .ingress
            .iter()
            .map(|entry| format!("{} {} {}", entry.rule_number, entry.filter, entry.block))
            .collect();
        assert_eq!(shown, ["100 tcp/443 ::/0", "200 all 0.0.0.0/0"]);
        assert!(acl.egress.is_empty());
    }

    #[test]
    fn numbers_are_unique_and_below_32767() {
        let told = wrong(&acl(
            "{ rule_number = 100, action = \"deny\", protocol = \"all\", cidr_block = \"0.0.0.0/0\" },
             { rule_number = 100, action = \"deny\", protocol = \"all\", cidr_block = \"0.0.0.0/0\" },
             { rule_number = 32767, action = \"deny\", protocol = \"all\", cidr_block = \"0.0.0.0/0\" },
             { rule_number = 0, action = \"deny\", protocol = \"all\", cidr_block = \"0.0.0.0/0\" }",
        ));
        assert_eq!(
            told,
            "network_acl.x.ingress[1].rule_number: there is an entry 100 already (numbers are unique in \
             each direction of an ACL)\n\
             network_acl.x.ingress[2].rule_number: 32767 is not between 1 and 32766\n\
             network_acl.x.ingress[3].rule_number: 0 is not between 1 and 32766\n"
        );
    }

    #[test]
    fn an_entry_is_for_blocks_of_one_family() {
        let told = wrong(&acl(
            "{ rule_number = 1, action = \"deny\", protocol = \"all\" },
             { rule_number = 2, action = \"deny\", protocol = \"all\", cidr_block = \"0.0.0.0/0\", ipv6_cidr_block = \"::/0\" }",
        ));
        assert_eq!(
            told,
            "network_acl.x.ingress[0]: the entry is for no addresses (add cidr_block = \"0.0.0.0/0\" or \
             ipv6_cidr_block = \"::/0\")\n\
             network_acl.x.ingress[1]: the entry has both `cidr_block` and `ipv6_cidr_block` (write an \
             entry for each)\n"
        );
    }

    #[test]
    fn ports_and_icmp_messages_go_with_their_protocols() {
        let entry = |keys| {
            wrong(&acl(&format!(
                "{{ rule_number = 1, action = \"deny\", cidr_block = \"0.0.0.0/0\", {keys} }}"
            )))
        };
        assert_eq!(
            entry("protocol = \"icmp\", ports = 80"),
            "network_acl.x.ingress[0].ports: protocol \"icmp\" has no ports (leave `ports` out, or name \
             tcp or udp)\n"
        );
        assert_eq!(
            entry("protocol = \"tcp\", icmp_type = 8"),
            "network_acl.x.ingress[0].icmp_type: protocol \"tcp\" has no ICMP messages (leave \
             `icmp_type` out, or name icmp or icmpv6)\n"
        );
        assert_eq!(
            entry("protocol = \"icmp\", icmp_code = 0"),
            "network_acl.x.ingress[0].icmp_code: the code of an ICMP message belongs to a type (add \
             icmp_type, such as 3 for destination unreachable)\n"
        );
        assert_eq!(
            entry("protocol = \"icmpv6\""),
            "warning: network_acl.x.ingress[0].protocol: no IPv4 packet is of protocol \"icmpv6\" (write \
             protocol = \"icmp\" for IPv4)\n"
        );
    }

    #[test]
    fn more_entries_than_the_quota_are_warned_of_and_then_refused() {
        let entries = |count: u32| -> String {
            let entry = |number| {
                format!(
                    "{{ rule_number = {number}, action = \"deny\", protocol = \"all\", cidr_block = \"0.0.0.0/0\" }},"
                )
            };
            acl(&(1..=count).map(entry).collect::<String>())
        };
        right(&entries(20));
        assert_eq!(
            wrong(&entries(21)),
            "warning: network_acl.x.ingress: 21 entries are more than the quota of 20 (the quota can be \
             raised to 40)\n"
        );
        assert!(wrong(&entries(41)).starts_with("network_acl.x.ingress: 41 entries"));
    }
}
