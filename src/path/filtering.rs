//! Evaluation of security groups and network ACLs: pure functions of rules and a header.

use std::net::IpAddr;

use super::Header;
use super::hop::{Side, Tracking};
use crate::scenario::{AclAction, PortRange, Protocol};
use crate::topology::{AclEntry, Filter, Id, NetworkAcl, Peer, Rule, SecurityGroup, Topology};

/// The number that AWS shows as `*`: the entry that denies what no other matches.
pub(super) const DEFAULT_DENY: u16 = 32767;

/// The other side of a packet as security groups see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Other<'a> {
    pub(super) address: IpAddr,
    /// Its groups, as far as references to them reach the interface that asks.
    pub(super) groups: &'a [Id<SecurityGroup>],
}

/// The rule that lets a packet through the groups of an interface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    pub(super) group: Id<SecurityGroup>,
    pub(super) rule: Rule,
}

/// The first rule of `groups` that allows the packet. The order of groups and rules does not matter
/// for the verdict: rules only allow, and any one suffices.
pub(super) fn allowance(
    topology: &Topology,
    groups: &[Id<SecurityGroup>],
    side: Side,
    header: Header,
    other: Other<'_>,
) -> Option<Allowance> {
    groups.iter().find_map(|&group| {
        let rules = rules(&topology.security_groups[group], side);
        let rule = rules.iter().find(|rule| {
            filter_allows(rule.filter, header) && peer_is(topology, rule.peer, other)
        })?;
        Some(Allowance { group, rule: *rule })
    })
}

pub(super) fn rules(group: &SecurityGroup, side: Side) -> &[Rule] {
    match side {
        Side::Egress => &group.egress,
        Side::Ingress => &group.ingress,
    }
}

/// Security groups look at the port of the server, which is the destination of what they evaluate.
pub(super) fn filter_allows(filter: Filter, header: Header) -> bool {
    header.has_protocol_of(filter) && filter.ports.contains(header.destination.ports.from)
}

fn peer_is(topology: &Topology, peer: Peer, other: Other<'_>) -> bool {
    match peer {
        Peer::Block(block) => block.contains(&other.address),
        Peer::Group(group) => other.groups.contains(&group),
        Peer::PrefixList(list) => {
            let entries = &topology.prefix_lists[list].entries;
            entries.iter().any(|block| block.contains(&other.address))
        }
    }
}

/// Whether a connection that `allowance` lets through is tracked: TCP and UDP are not if the rule is
/// for all addresses and the other direction allows all ports to and from all addresses. (Amazon EC2
/// user guide, "Security group connection tracking", 2023.)
pub(super) fn tracking(
    topology: &Topology,
    groups: &[Id<SecurityGroup>],
    side: Side,
    header: Header,
    rule: Rule,
) -> Tracking {
    // All addresses of the packet's family.
    let is_everyone = |peer: Peer| match peer {
        Peer::Block(block) => block.prefix_len() == 0 && block.contains(&header.source.address),
        Peer::Group(_) | Peer::PrefixList(_) => false,
    };
    let back = match side {
        Side::Egress => Side::Ingress,
        Side::Ingress => Side::Egress,
    };
    let all_back = || {
        groups.iter().any(|&group| {
            rules(&topology.security_groups[group], back)
                .iter()
                .any(|rule| {
                    is_everyone(rule.peer)
                        && rule.filter.ports == PortRange::ALL
                        && header.has_protocol_of(rule.filter)
                })
        })
    };
    let stateless = matches!(header.protocol, Protocol::Tcp | Protocol::Udp);
    if stateless && is_everyone(rule.peer) && all_back() {
        Tracking::Untracked
    } else {
        Tracking::Tracked
    }
}

/// What a network ACL makes of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AclVerdict {
    /// It passes.
    Passes { rule_number: u16 },
    /// It passes by these of its destination ports; by the widest range on account of this entry.
    Part {
        rule_number: u16,
        ports: Vec<PortRange>,
    },
    /// It is dropped.
    Denied { rule_number: u16 },
}

/// The first matching entry decides, port by port, where any of some destination ports will do.
pub(super) fn network_acl(
    acl: &NetworkAcl,
    side: Side,
    header: Header,
    further_ports: &[PortRange],
) -> AclVerdict {
    let (entries, other) = match side {
        Side::Egress => (&acl.egress, header.destination.address),
        Side::Ingress => (&acl.ingress, header.source.address),
    };
    let matching = || {
        entries.iter().filter(move |entry| {
            header.has_protocol_of(entry.filter) && entry.block.contains(&other)
        })
    };
    let ports = header.destination.ports;
    // Nearly always the first entry that matches any port matches all of them.
    let first = matching().find(|entry| overlap(entry.filter.ports, ports).is_some());
    let whole = first.filter(|entry| overlap(entry.filter.ports, ports) == Some(ports));
    match (first, whole) {
        (_, Some(entry)) if further_ports.is_empty() => match entry.action {
            AclAction::Allow => AclVerdict::Passes {
                rule_number: entry.rule_number,
            },
            AclAction::Deny => AclVerdict::Denied {
                rule_number: entry.rule_number,
            },
        },
        (None, _) if further_ports.is_empty() => AclVerdict::Denied {
            rule_number: DEFAULT_DENY,
        },
        _ => {
            let mut all = vec![ports];
            all.extend(further_ports);
            port_by_port(matching(), all)
        }
    }
}

/// The verdict where entries divide ranges of ports.
fn port_by_port<'a>(
    entries: impl Iterator<Item = &'a AclEntry>,
    ports: Vec<PortRange>,
) -> AclVerdict {
    let mut open = ports;
    let (mut allowed, mut denied) = (Vec::new(), Vec::new());
    for entry in entries {
        let mut rest = Vec::new();
        for range in open {
            let Some(part) = overlap(range, entry.filter.ports) else {
                rest.push(range);
                continue;
            };
            let decided = match entry.action {
                AclAction::Allow => &mut allowed,
                AclAction::Deny => &mut denied,
            };
            decided.push((part, entry.rule_number));
            if part.from > range.from {
                rest.push(PortRange {
                    from: range.from,
                    to: part.from - 1,
                });
            }
            if part.to < range.to {
                rest.push(PortRange {
                    from: part.to + 1,
                    to: range.to,
                });
            }
        }
        open = rest;
    }
    // The widest first; of equal ones the one that was decided first.
    let widest = |(range, _): &(PortRange, u16)| std::cmp::Reverse(range.to - range.from);
    allowed.sort_by_key(widest);
    denied.sort_by_key(widest);
    match (allowed.first(), denied.first()) {
        (Some(&(_, rule_number)), _) => AclVerdict::Part {
            rule_number,
            ports: allowed.into_iter().map(|(range, _)| range).collect(),
        },
        (None, denied) => AclVerdict::Denied {
            rule_number: denied.map_or(DEFAULT_DENY, |&(_, rule_number)| rule_number),
        },
    }
}

fn overlap(a: PortRange, b: PortRange) -> Option<PortRange> {
    let (from, to) = (a.from.max(b.from), a.to.min(b.to));
    (from <= to).then_some(PortRange { from, to })
}
