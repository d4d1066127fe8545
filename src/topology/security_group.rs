//! Security groups.

use ipnet::Ipv4Net;

use super::{Id, Resolver, Topology, Vpc};
use crate::scenario::{self, KeyPath, PortRange, Problem, Protocol, Reference, SecurityGroupRule};

/// Rules of a group in one direction, before a quota increase. (VPC user guide, "Amazon VPC
/// quotas", 2023.)
const MAX_RULES: usize = 60;
/// Groups of a network interface, before a quota increase. (Same source.)
const MAX_GROUPS: usize = 5;

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
    /// The protocol.
    pub protocol: Protocol,
    /// Ports of the server's side; all for protocols without ports.
    pub ports: PortRange,
    /// The other side.
    pub peer: Peer,
}

/// The other side of a rule.
#[derive(Debug, Clone, Copy)]
pub enum Peer {
    /// Addresses.
    Block(Ipv4Net),
    /// The interfaces that have a group.
    Group(Id<SecurityGroup>),
}

impl Rule {
    /// Every protocol, every port.
    const fn all(peer: Peer) -> Self {
        Self {
            protocol: Protocol::All,
            ports: PortRange::ALL,
            peer,
        }
    }
}

/// The name of a VPC's default group in the arena.
fn default_group(vpc: &str) -> String {
    format!("default ({vpc})")
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    // First all groups, then their rules: groups refer to each other.
    let scenario = resolver.scenario;
    for (name, written) in &scenario.security_group {
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
    for (vpc, _) in topology.vpcs.iter() {
        let group = SecurityGroup {
            vpc,
            ingress: Vec::new(),
            egress: Vec::new(),
        };
        let id = topology
            .security_groups
            .add(default_group(topology.vpcs.name(vpc)), group);
        topology.security_groups[id].ingress = vec![Rule::all(Peer::Group(id))];
        topology.security_groups[id].egress = vec![Rule::all(Peer::Block(Ipv4Net::default()))];
    }
    for (name, written) in &scenario.security_group {
        let Some(id) = topology.security_groups.find(name) else {
            continue;
        };
        let path = KeyPath::of(["security_group", name]);
        let ingress = rules(
            resolver,
            topology,
            id,
            &written.ingress,
            &path.key("ingress"),
            Side::Ingress,
        );
        let egress = match &written.egress {
            None => vec![Rule::all(Peer::Block(Ipv4Net::default()))],
            Some(list) => rules(
                resolver,
                topology,
                id,
                list,
                &path.key("egress"),
                Side::Egress,
            ),
        };
        let group = &mut topology.security_groups[id];
        (group.ingress, group.egress) = (ingress, egress);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Ingress,
    Egress,
}

fn rules(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    group: Id<SecurityGroup>,
    written: &[SecurityGroupRule],
    path: &KeyPath,
    side: Side,
) -> Vec<Rule> {
    if written.len() > MAX_RULES {
        let message = format!(
            "{} rules are more than the quota of {MAX_RULES}",
            written.len()
        );
        resolver.report(Problem::warning(path.clone(), message));
    }
    let mut rules = Vec::new();
    for (index, rule) in written.iter().enumerate() {
        let path = path.index(index);
        let (key, peer, other) = match side {
            Side::Ingress => ("source", &rule.source, &rule.destination),
            Side::Egress => ("destination", &rule.destination, &rule.source),
        };
        let Some(peer) = peer.as_ref().filter(|_| other.is_none()) else {
            let (what, not) = if side == Side::Ingress {
                ("ingress", "destination")
            } else {
                ("egress", "source")
            };
            resolver.report(
                Problem::error(
                    path,
                    format!("an {what} rule must have a `{key}`, and no `{not}`"),
                )
                .help(format!(
                    "write {key} = \"10.0.0.0/16\" or {key} = \"security_group.NAME\""
                )),
            );
            continue;
        };
        if rule.ports.is_some() && matches!(rule.protocol, Protocol::Icmp | Protocol::All) {
            resolver.report(
                Problem::error(
                    path.key("ports"),
                    format!("protocol \"{}\" has no ports", rule.protocol),
                )
                .help("leave `ports` out, or name tcp or udp"),
            );
            continue;
        }
        if let Some(peer) = peer_of(resolver, topology, group, peer, &path.key(key)) {
            let ports = rule.ports.unwrap_or(PortRange::ALL);
            rules.push(Rule {
                protocol: rule.protocol,
                ports,
                peer,
            });
        }
    }
    rules
}

fn peer_of(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    group: Id<SecurityGroup>,
    peer: &Reference,
    path: &KeyPath,
) -> Option<Peer> {
    if peer.as_str().starts_with(|c: char| c.is_ascii_digit()) {
        return match scenario::parse_ipv4_block(peer.as_str()) {
            Ok(block) => Some(Peer::Block(block)),
            Err(message) => {
                resolver.error(path.clone(), message);
                None
            }
        };
    }
    let other = resolver.find(&topology.security_groups, "security_group", peer, path)?;
    let (own, theirs) = (
        topology.security_groups[group].vpc,
        topology.security_groups[other].vpc,
    );
    super::vpc::same_vpc(resolver, topology, own, theirs, path, peer).then_some(Peer::Group(other))
}

/// The groups named in a list, or the VPC's default group for an empty one.
pub(super) fn groups(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    vpc: Id<Vpc>,
    written: &[Reference],
    path: &KeyPath,
) -> Vec<Id<SecurityGroup>> {
    if written.len() > MAX_GROUPS {
        let message = format!(
            "{} groups are more than the quota of {MAX_GROUPS}",
            written.len()
        );
        resolver.report(Problem::warning(path.clone(), message));
    }
    if written.is_empty() {
        let name = default_group(topology.vpcs.name(vpc));
        return topology.security_groups.find(&name).into_iter().collect();
    }
    let mut groups = Vec::new();
    for (index, reference) in written.iter().enumerate() {
        let path = path.index(index);
        let Some(group) = resolver.find(
            &topology.security_groups,
            "security_group",
            reference,
            &path,
        ) else {
            continue;
        };
        let theirs = topology.security_groups[group].vpc;
        if super::vpc::same_vpc(resolver, topology, vpc, theirs, &path, reference) {
            groups.push(group);
        }
    }
    groups
}
