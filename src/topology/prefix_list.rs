//! Prefix lists: those of the scenario, and AWS's own of services.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::{Id, Resolver, Topology};
use crate::scenario::{KeyPath, Problem, Reference};

/// As how many rules or routes an AWS-managed list of a service counts. (VPC user guide, "AWS-managed
/// prefix list weight", 2023.)
const AWS_WEIGHT: u32 = 1;
/// Most entries of a list. (VPC user guide, "Amazon VPC quotas", 2023.)
const MAX_ENTRIES: u32 = 1000;

/// Address blocks with one name.
#[derive(Debug, Clone)]
pub struct PrefixList {
    /// The blocks.
    pub entries: Vec<IpNet>,
    /// As how many rules or routes a reference to it counts.
    pub weight: u32,
}

impl PrefixList {
    /// Whether its blocks are IPv6 ones.
    #[must_use]
    pub fn is_ipv6(&self) -> bool {
        matches!(self.entries.first(), Some(IpNet::V6(_)))
    }
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let services = &topology.profile.service;
    for (name, figures) in services {
        if let Some(list) = &figures.prefix_list {
            let entries = list.value.iter().copied().map(IpNet::V4).collect();
            let list = PrefixList {
                entries,
                weight: AWS_WEIGHT,
            };
            topology.prefix_lists.add(name, list);
        }
    }
    for (name, written) in &resolver.scenario.prefix_list {
        let path = KeyPath::of(["prefix_list", name]);
        if topology.prefix_lists.find(name).is_some() {
            resolver.report(
                Problem::error(path, format!("`{name}` is a prefix list of AWS"))
                    .help("choose another name for your own list"),
            );
            continue;
        }
        let entries_path = path.key("entries");
        let ipv6 = |block: &IpNet| matches!(block, IpNet::V6(_));
        let first_is_ipv6 = written.entries.first().is_some_and(ipv6);
        let mut seen = BTreeSet::new();
        for (index, block) in written.entries.iter().enumerate() {
            let path = entries_path.index(index);
            if ipv6(block) != first_is_ipv6 {
                resolver.report(
                    Problem::error(
                        path,
                        format!("{block} is of the other family than the first"),
                    )
                    .help("a list has IPv4 blocks or IPv6 blocks; make two lists"),
                );
            } else if !seen.insert(block) {
                resolver.error(path, format!("{block} is listed twice"));
            }
        }
        let count = u32::try_from(written.entries.len()).unwrap_or(u32::MAX);
        if written.entries.is_empty() {
            let message = format!("prefix list `{name}` has no entries, so nothing matches it");
            resolver.report(Problem::warning(entries_path, message));
        }
        let weight = written.max_entries.unwrap_or(count.max(1));
        let max_path = path.key("max_entries");
        if count > weight {
            let message = format!("the list has {count} entries, more than {weight}");
            resolver.error(max_path, message);
        } else {
            resolver.check_range(max_path, weight, 1..=MAX_ENTRIES);
        }
        let mut entries = written.entries.clone();
        entries.retain(|block| ipv6(block) == first_is_ipv6);
        let list = PrefixList { entries, weight };
        topology.prefix_lists.add(name, list);
    }
}

/// The prefix list that `reference` at `path` names.
pub(super) fn find(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    reference: &Reference,
    path: &KeyPath,
) -> Option<Id<PrefixList>> {
    resolver.find(&topology.prefix_lists, "prefix_list", reference, path)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::super::fixture::{right, wrong};

    #[test]
    fn the_lists_of_aws_have_the_names_of_their_services() {
        let topology = right("");
        for name in ["s3", "dynamodb"] {
            let list = topology.prefix_lists.find(name).unwrap();
            assert_eq!(topology.prefix_lists[list].weight, 1);
            let service = &topology.services[topology.services.find(name).unwrap()];
            assert_eq!(service.prefix_list, Some(list));
            assert!(
                topology.prefix_lists[list].entries[0].contains(&IpAddr::V4(service.public_ip))
            );
        }
        assert_eq!(
            wrong("[prefix_list.s3]\nentries = [\"10.0.0.0/8\"]"),
            "prefix_list.s3: `s3` is a prefix list of AWS (choose another name for your own list)\n"
        );
    }

    #[test]
    fn a_list_counts_as_many_entries_as_it_may_have() {
        let text = "[prefix_list.x]\nentries = [\"10.0.0.0/8\", \"172.16.0.0/12\"]\n";
        let weight = |text: &str| {
            let topology = right(text);
            topology.prefix_lists[topology.prefix_lists.find("x").unwrap()].weight
        };
        assert_eq!(weight(text), 2);
        assert_eq!(weight(&format!("{text}max_entries = 20")), 20);
        assert_eq!(
            wrong(&format!("{text}max_entries = 1")),
            "prefix_list.x.max_entries: the list has 2 entries, more than 1\n"
        );
    }

    #[test]
    fn entries_are_of_one_family_and_unique() {
        assert_eq!(
            wrong("[prefix_list.x]\nentries = [\"10.0.0.0/8\", \"2600::/32\", \"10.0.0.0/8\"]"),
            "prefix_list.x.entries[1]: 2600::/32 is of the other family than the first (a list has IPv4 \
             blocks or IPv6 blocks; make two lists)\n\
             prefix_list.x.entries[2]: 10.0.0.0/8 is listed twice\n"
        );
        assert_eq!(
            wrong("[prefix_list.x]\nentries = []"),
            "warning: prefix_list.x.entries: prefix list `x` has no entries, so nothing matches it\n"
        );
    }
}
