//! Evaluation of security groups: the union of the rules of all groups of an interface, which only
//! allow.

use std::net::Ipv4Addr;

use super::{Flow, ReasonCode, Refusal};
use crate::scenario::Protocol;
use crate::topology::{Id, Peer, Rule, SecurityGroup, Topology};

/// The other side of a flow as rules see it: its address, and its groups if it is in the VPC.
#[derive(Debug, Clone, Copy)]
pub(super) struct Other<'a> {
    pub(super) address: Ipv4Addr,
    pub(super) groups: &'a [Id<SecurityGroup>],
}

/// Which rules are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Egress,
    Ingress,
}

/// Whether any rule of `groups` allows the flow; otherwise what would.
pub(super) fn check(
    topology: &Topology,
    groups: &[Id<SecurityGroup>],
    side: Side,
    flow: Flow,
    other: Other<'_>,
    owner: &str,
) -> Result<(), Refusal> {
    let arena = &topology.security_groups;
    let rules = |group: Id<SecurityGroup>| match side {
        Side::Egress => &arena[group].egress,
        Side::Ingress => &arena[group].ingress,
    };
    if groups
        .iter()
        .any(|&group| rules(group).iter().any(|rule| allows(rule, flow, other)))
    {
        return Ok(());
    }
    let (direction, key, verb) = match side {
        Side::Egress => ("egress", "destination", "lets it out to"),
        Side::Ingress => ("ingress", "source", "lets it in from"),
    };
    let names: Vec<&str> = groups.iter().map(|&group| arena.name(group)).collect();
    let peer = match other.groups.first() {
        Some(&group) => format!("security_group.{}", arena.name(group)),
        None => format!("{}/32", other.address),
    };
    let ports = match flow.protocol {
        Protocol::Tcp | Protocol::Udp => format!(", ports = {}", flow.port),
        Protocol::Icmp | Protocol::All => String::new(),
    };
    Err(Refusal {
        code: ReasonCode::EniSgRulesMismatch,
        at: format!("security_group.{}", names.join(", security_group.")),
        reason: format!("no {direction} rule of {owner} {verb} {peer} by {flow}"),
        remedy: format!(
            "add to security_group.{}: {direction} = [{{ protocol = \"{}\"{ports}, {key} = \"{peer}\" }}]",
            names.first().unwrap_or(&"NAME"),
            flow.protocol,
        ),
    })
}

fn allows(rule: &Rule, flow: Flow, other: Other<'_>) -> bool {
    let protocol = match rule.protocol {
        Protocol::All => true,
        Protocol::Tcp | Protocol::Udp => {
            rule.protocol == flow.protocol && rule.ports.contains(flow.port)
        }
        Protocol::Icmp => flow.protocol == Protocol::Icmp,
    };
    protocol
        && match rule.peer {
            Peer::Block(block) => block.contains(&other.address),
            Peer::Group(group) => other.groups.contains(&group),
        }
}
