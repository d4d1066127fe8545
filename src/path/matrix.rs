//! Who can reach whom, on which ports.
//!
//! Ends that no rule, ACL or route can tell apart behave alike: they are asked about once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use rayon::prelude::*;

use super::load_balancer::preserves_client_ip;
use super::{Endpoint, Flow, Query, is_reachable};
use crate::scenario::{PortRange, Protocol};
use crate::topology::{
    Filter, Id, InterfaceOwner, NetworkInterface, Peer, RouteTarget, SecurityGroup, Subnet,
    TargetAt, Topology,
};

/// Who reaches whom.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// Ends that behave alike, in the order of their first member.
    pub groups: Vec<Vec<Endpoint>>,
    /// Each pair of groups of which the first reaches the second, in order.
    pub reaches: Vec<Reach>,
}

/// That the members of one group reach those of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The senders' group.
    pub from: usize,
    /// The receivers' group; of its own group, a member reaches the others.
    pub to: usize,
    /// On these ports.
    pub ports: Ports,
}

/// Protocols with ranges of ports, disjoint and in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ports(pub Vec<(Protocol, PortRange)>);

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |protocol| {
            let whole = (protocol, PortRange::ALL);
            self.0.contains(&whole)
        };
        if [Protocol::Tcp, Protocol::Udp, Protocol::Icmp]
            .into_iter()
            .all(all)
        {
            return f.write_str("all");
        }
        let mut before = None;
        for (index, (protocol, ports)) in self.0.iter().enumerate() {
            let same = before == Some(*protocol);
            if index > 0 {
                f.write_str(if same { "," } else { " " })?;
            }
            match (protocol, *ports == PortRange::ALL) {
                (Protocol::Tcp | Protocol::Udp, false) if same => write!(f, "{ports}")?,
                (Protocol::Tcp | Protocol::Udp, false) => write!(f, "{protocol}/{ports}")?,
                _ => write!(f, "{protocol}")?,
            }
            before = Some(*protocol);
        }
        Ok(())
    }
}

/// Every end that may send or receive: instances, other network interfaces, functions, load balancers,
/// sites, and the internet.
#[must_use]
pub fn all_ends(topology: &Topology) -> Vec<Endpoint> {
    let interfaces = topology.network_interfaces.iter().filter_map(|(id, own)| {
        let guest = matches!(
            own.owner,
            InterfaceOwner::Instance { .. } | InterfaceOwner::Unattached
        );
        guest.then_some(Endpoint::Interface(id))
    });
    let functions = topology.functions.iter();
    let balancers = topology.load_balancers.iter();
    let sites = topology.customer_gateways.iter();
    interfaces
        .chain(functions.map(|(id, _)| Endpoint::Function(id)))
        .chain(balancers.map(|(id, _)| Endpoint::LoadBalancer(id)))
        .chain(sites.map(|(id, _)| Endpoint::Site(id)))
        .chain(std::iter::once(Endpoint::Internet))
        .collect()
}

/// Who of `from` reaches whom of `to`. On all cores; the result does not depend on their number.
#[must_use]
pub fn matrix(topology: &Topology, from: &[Endpoint], to: &[Endpoint]) -> Matrix {
    let alike = Alike::new(topology);
    let mut groups: Vec<Vec<Endpoint>> = Vec::new();
    let mut known: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut placed: BTreeSet<Kind> = BTreeSet::new();
    let mut group_of = |end: Endpoint| {
        let next = groups.len();
        let group = *known.entry(alike.kind(topology, end)).or_insert(next);
        if group == next {
            groups.push(Vec::new());
        }
        if placed.insert(single(end)) {
            groups[group].push(end);
        }
        group
    };
    let senders: BTreeSet<usize> = from.iter().map(|&end| group_of(end)).collect();
    let receivers: BTreeSet<usize> = to.iter().map(|&end| group_of(end)).collect();
    let limits = limits(topology);
    let senders: Vec<usize> = senders.into_iter().collect();
    let reaches = senders
        .par_iter()
        .flat_map_iter(|&sender| {
            receivers
                .iter()
                .filter_map(|&receiver| {
                    let pair = members(&groups, sender, receiver)?;
                    let ports = ports(topology, pair, &limits);
                    (!ports.0.is_empty()).then_some(Reach {
                        from: sender,
                        to: receiver,
                        ports,
                    })
                })
                .collect::<Vec<_>>()
        })
        .collect();
    Matrix { groups, reaches }
}

/// A sender and another receiver of two groups.
fn members(
    groups: &[Vec<Endpoint>],
    sender: usize,
    receiver: usize,
) -> Option<(Endpoint, Endpoint)> {
    let from = *groups[sender].first()?;
    let to = groups[receiver].iter().find(|&&to| to != from)?;
    Some((from, *to))
}

/// What tells ends apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Interfaces in one subnet with the same groups, whose addresses lie in the same of the blocks
    /// that are smaller than a subnet.
    Interface {
        subnet: Id<Subnet>,
        groups: Vec<Id<SecurityGroup>>,
        blocks: Vec<usize>,
        public: bool,
        checked: bool,
    },
    /// An end like no other.
    Single(usize, usize),
}

/// What tells interfaces of one subnet with the same groups apart.
struct Alike {
    /// Blocks of rules, ACLs and routes.
    blocks: Vec<IpNet>,
    /// Interfaces that are on the way of others, who therefore differ from them.
    apart: BTreeSet<Id<NetworkInterface>>,
}

impl Alike {
    fn new(topology: &Topology) -> Self {
        let mut blocks = BTreeSet::new();
        for (_, group) in topology.security_groups.iter() {
            for rule in group.ingress.iter().chain(&group.egress) {
                match rule.peer {
                    Peer::Block(block) => {
                        blocks.insert(block);
                    }
                    Peer::PrefixList(list) => {
                        blocks.extend(&topology.prefix_lists[list].entries);
                    }
                    Peer::Group(_) => {}
                }
            }
        }
        for (_, acl) in topology.network_acls.iter() {
            blocks.extend(
                acl.ingress
                    .iter()
                    .chain(&acl.egress)
                    .map(|entry| entry.block),
            );
        }
        for (_, table) in topology.route_tables.iter() {
            blocks.extend(table.routes.iter().map(|route| route.destination));
        }
        for (_, table) in topology.transit_gateway_route_tables.iter() {
            blocks.extend(table.routes.iter().map(|route| route.destination));
        }
        // A block as large as a subnet, or larger, has all of it or nothing.
        let smallest = topology
            .subnets
            .iter()
            .map(|(_, subnet)| subnet.cidr_block.prefix_len())
            .min()
            .unwrap_or(0);
        let blocks = blocks
            .into_iter()
            .filter(|block| block.prefix_len() > smallest)
            .collect();
        Self {
            blocks,
            apart: routers(topology).chain(targets(topology)).collect(),
        }
    }

    fn kind(&self, topology: &Topology, end: Endpoint) -> Kind {
        let Endpoint::Interface(id) = end else {
            return single(end);
        };
        if self.apart.contains(&id) {
            return single(end);
        }
        let own = &topology.network_interfaces[id];
        let mut groups = own.security_groups.clone();
        groups.sort_unstable();
        let private = IpAddr::V4(own.private_ip());
        let public = own.public_ip_of(own.private_ip()).map(IpAddr::V4);
        let has = |block: &IpNet| {
            block.contains(&private) || public.is_some_and(|public| block.contains(&public))
        };
        let within = self.blocks.iter().enumerate();
        Kind::Interface {
            subnet: own.subnet,
            groups,
            blocks: within
                .filter(|(_, block)| has(block))
                .map(|(index, _)| index)
                .collect(),
            public: public.is_some(),
            checked: own.source_dest_check,
        }
    }
}

fn single(end: Endpoint) -> Kind {
    match end {
        Endpoint::Function(id) => Kind::Single(0, id.index()),
        Endpoint::LoadBalancer(id) => Kind::Single(1, id.index()),
        Endpoint::Service(id) => Kind::Single(2, id.index()),
        Endpoint::VpcEndpoint(id) => Kind::Single(3, id.index()),
        Endpoint::Site(id) => Kind::Single(4, id.index()),
        Endpoint::Internet => Kind::Single(5, 0),
        Endpoint::Interface(id) => Kind::Single(6, id.index()),
        Endpoint::Host(host) => Kind::Single(7, host.0 as usize),
        Endpoint::LinkLocal(service) => Kind::Single(9, service as usize),
        Endpoint::Address(address) => Kind::Single(
            8,
            match address {
                IpAddr::V4(address) => u32::from(address) as usize,
                IpAddr::V6(_) => usize::MAX,
            },
        ),
    }
}

/// The interfaces that routes lead to.
fn routers(topology: &Topology) -> impl Iterator<Item = Id<NetworkInterface>> {
    let tables = topology.route_tables.iter();
    let routes = tables.flat_map(|(_, table)| &table.routes);
    routes.filter_map(|route| match route.target {
        RouteTarget::NetworkInterface(interface) => Some(interface),
        _ => None,
    })
}

/// The interfaces that see the address of who sends to a load balancer, and so do not reach
/// themselves through it.
fn targets(topology: &Topology) -> impl Iterator<Item = Id<NetworkInterface>> {
    let balancers = topology.load_balancers.iter();
    let listeners = balancers.flat_map(|(_, balancer)| {
        let listeners = balancer.listeners.iter();
        listeners.map(move |listener| (balancer.kind, *listener))
    });
    let groups = listeners.filter_map(|(kind, listener)| {
        let group = &topology.target_groups[listener.target_group];
        preserves_client_ip(kind, group, listener).then_some(group)
    });
    let targets = groups.flat_map(|group| &group.targets);
    targets.filter_map(|target| match target.at {
        TargetAt::Interface(interface, _) => Some(interface),
        TargetAt::Address(_) | TargetAt::LoadBalancer(_) | TargetAt::Function(_) => None,
    })
}

/// Where the verdict of what may lie between two ends may change by port: of a network ACL, or of a
/// router's groups.
fn limits(topology: &Topology) -> Vec<Filter> {
    let acls = topology.network_acls.iter();
    let entries = acls.flat_map(|(_, acl)| acl.ingress.iter().chain(&acl.egress));
    let of_routers = routers(topology).flat_map(|router| {
        let groups = topology.network_interfaces[router].security_groups.iter();
        groups.flat_map(|&group| {
            let group = &topology.security_groups[group];
            group.ingress.iter().chain(&group.egress)
        })
    });
    let filters = entries.map(|entry| entry.filter);
    let mut all: Vec<Filter> = Vec::new();
    for filter in filters.chain(of_routers.map(|rule| rule.filter)) {
        if filter.ports != PortRange::ALL && !all.contains(&filter) {
            all.push(filter);
        }
    }
    all
}

/// The ports on which a sender reaches a receiver.
fn ports(topology: &Topology, (from, to): (Endpoint, Endpoint), limits: &[Filter]) -> Ports {
    let mut found = Vec::new();
    let ingress = filters(topology, to, |group| &group.ingress);
    let egress = filters(topology, from, |group| &group.egress);
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        let relevant =
            |filter: &&Filter| filter.protocol == protocol || filter.protocol == Protocol::All;
        let all = || {
            let ingress = ingress.iter().flatten();
            let egress = egress.iter().flatten();
            ingress.chain(egress).chain(limits).filter(relevant)
        };
        let open = |ports: PortRange, side: &Option<Vec<Filter>>| {
            side.as_ref().is_none_or(|filters| {
                let mut filters = filters.iter().filter(relevant);
                filters.any(|filter| filter.ports.contains(ports.from))
            })
        };
        for range in intervals(all().map(|filter| filter.ports), listeners(topology, to)) {
            if !open(range, &ingress) || !open(range, &egress) {
                continue;
            }
            let flow = Flow {
                protocol,
                port: range.from,
            };
            if is_reachable(topology, &Query::new(from, to, flow)) {
                extend(&mut found, protocol, range);
            }
        }
    }
    let ping = Flow {
        protocol: Protocol::Icmp,
        port: 0,
    };
    if is_reachable(topology, &Query::new(from, to, ping)) {
        found.push((Protocol::Icmp, PortRange::ALL));
    }
    Ports(found)
}

/// The filters of all rules of an end's groups; `None` if it is not filtered.
fn filters<'t>(
    topology: &'t Topology,
    end: Endpoint,
    rules: impl Fn(&'t SecurityGroup) -> &'t Vec<crate::topology::Rule>,
) -> Option<Vec<Filter>> {
    let interface: Id<NetworkInterface> = match end {
        Endpoint::Interface(id) => id,
        Endpoint::Function(id) => *topology.functions[id].network_interfaces.first()?,
        Endpoint::LoadBalancer(id) => *topology.load_balancers[id].network_interfaces.first()?,
        _ => return None,
    };
    let groups = &topology.network_interfaces[interface].security_groups;
    if groups.is_empty() {
        return None;
    }
    let all = groups
        .iter()
        .flat_map(|&group| rules(&topology.security_groups[group]));
    let mut filters: Vec<Filter> = Vec::new();
    for rule in all {
        if !filters.contains(&rule.filter) {
            filters.push(rule.filter);
        }
    }
    Some(filters)
}

/// The ports that a load balancer listens to.
fn listeners(topology: &Topology, to: Endpoint) -> Option<Vec<u16>> {
    let Endpoint::LoadBalancer(id) = to else {
        return None;
    };
    let listeners = topology.load_balancers[id].listeners.iter();
    Some(listeners.map(|listener| listener.port).collect())
}

/// All ports, cut where one of some ranges begins or ends; or only certain ports.
fn intervals(ranges: impl Iterator<Item = PortRange>, only: Option<Vec<u16>>) -> Vec<PortRange> {
    if let Some(mut only) = only {
        only.sort_unstable();
        only.dedup();
        let single = |port| PortRange {
            from: port,
            to: port,
        };
        return only.into_iter().map(single).collect();
    }
    let mut cuts = BTreeSet::from([0_u32]);
    for range in ranges {
        cuts.insert(u32::from(range.from));
        cuts.insert(u32::from(range.to) + 1);
    }
    cuts.insert(u32::from(u16::MAX) + 1);
    let cuts: Vec<u32> = cuts.into_iter().collect();
    let port = |cut: u32| u16::try_from(cut).unwrap_or(u16::MAX);
    cuts.windows(2)
        .map(|pair| PortRange {
            from: port(pair[0]),
            to: port(pair[1] - 1),
        })
        .collect()
}

/// Adds a range, joined to the one before if they touch.
fn extend(found: &mut Vec<(Protocol, PortRange)>, protocol: Protocol, range: PortRange) {
    match found.last_mut() {
        Some((last, before))
            if *last == protocol && u32::from(before.to) + 1 == u32::from(range.from) =>
        {
            before.to = range.to;
        }
        _ => found.push((protocol, range)),
    }
}
