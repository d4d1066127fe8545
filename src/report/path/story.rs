//! Steps become hops: places that a packet passes, each with what is decided there.

#![allow(clippy::wildcard_enum_match_arm)] // a few of many steps

use super::{Decision, HopReport, side_name};
use crate::path::{
    Admission, Cause, Direction, Header, Hop, Link, Path, Refusal, Resource, Side, Step, Tracking,
};
use crate::topology::{
    HostId, Id, Location, NetworkInterface, Peer, Route, RouteOrigin, RouteTable, RouteTarget,
    Rule, SecurityGroup, Topology,
};

/// The hops of one direction, and for each of its [`Hop`]s the number of the place that its time
/// belongs to.
pub(super) fn tell(
    topology: &Topology,
    path: &Path,
    direction: Direction,
) -> (Vec<HopReport>, Vec<usize>) {
    let leg = match direction {
        Direction::Forward => &path.forward,
        Direction::Return => &path.back,
    };
    let mut story = Story {
        topology,
        hops: Vec::new(),
        groups: Vec::new(),
        ahead: Vec::new(),
        links: Vec::new(),
        waiting: 0,
        turned: false,
    };
    let refusals = || {
        let numbered = path.refusals.iter().enumerate();
        numbered.filter(|(_, refusal)| refusal.direction == direction)
    };
    for (index, step) in leg.steps.iter().enumerate() {
        for (number, refusal) in refusals().filter(|(_, refusal)| refusal.after == index) {
            story.refuse(number + 1, refusal);
        }
        story.add(*step);
    }
    story.finish();
    for (number, refusal) in refusals().filter(|(_, r)| r.after >= leg.steps.len()) {
        story.refuse(number + 1, refusal);
    }
    story.finish();
    (story.hops, story.groups)
}

struct Story<'t> {
    topology: &'t Topology,
    hops: Vec<HopReport>,
    groups: Vec<usize>,
    /// Decisions on the way into the next place.
    ahead: Vec<Decision>,
    /// Links on the way to the next place.
    links: Vec<Link>,
    /// Hops on the way to the next place, whose time is its.
    waiting: usize,
    /// Whether the way to the next place stays on the host.
    turned: bool,
}

impl Story<'_> {
    fn add(&mut self, step: Step) {
        match step {
            Step::Leaves(id) | Step::Enters(id) => self.arrive(Resource::NetworkInterface(id)),
            Step::Through(resource) => self.arrive(resource),
            Step::SecurityGroup {
                interface,
                side,
                by,
            } => {
                let decision = self.security_group(interface, side, by);
                self.decide(decision);
            }
            Step::NetworkAcl {
                acl,
                side,
                rule_number,
                ..
            } => {
                let resource = self.topology.resource_name(Resource::NetworkAcl(acl));
                let decision = Decision {
                    kind: "network_acl",
                    text: format!("{resource} {} rule {rule_number}", side_name(side)),
                    resource,
                    rule: format!("{} rule {rule_number}", side_name(side)),
                };
                match side {
                    Side::Egress => self.decide(decision),
                    Side::Ingress => self.ahead.push(decision),
                }
            }
            Step::Route { table, route } => {
                let decision = self.route(table, route);
                self.decide(decision);
            }
            Step::TransitGatewayRoute { table, route } => {
                let resource = self
                    .topology
                    .resource_name(Resource::TransitGatewayRouteTable(table));
                let target = route.target.map_or_else(
                    || "blackhole".to_owned(),
                    |id| {
                        self.topology
                            .transit_gateway_attachments
                            .name(id)
                            .to_owned()
                    },
                );
                let propagated = if route.index.is_none() {
                    ", propagated"
                } else {
                    ""
                };
                self.decide(Decision {
                    kind: "route",
                    text: format!("{resource}: {} → {target}{propagated}", route.destination),
                    resource,
                    rule: route.destination.to_string(),
                });
            }
            Step::Translates { by, before, after } => {
                let text = translation(before, after);
                self.decide(Decision {
                    kind: "translation",
                    resource: self.topology.resource_name(by),
                    rule: text.clone(),
                    text,
                });
            }
            Step::LimitsMtu(mtu) => self.decide(Decision {
                kind: "mtu",
                resource: String::new(),
                rule: mtu.get().to_string(),
                text: format!("packets of at most {} B from here on", mtu.get()),
            }),
            Step::Hop(hop) => self.pass(hop),
        }
    }

    /// Marks where the packet is refused.
    fn refuse(&mut self, number: usize, refusal: &Refusal) {
        let words = refusal.explain(self.topology);
        let decision = Decision {
            kind: "refusal",
            text: format!("✗ refused ({number}) by {}: {}", words.at, words.rule),
            resource: words.at,
            rule: words.rule,
        };
        match refusal.cause {
            Cause::NetworkAcl {
                side: Side::Ingress,
                ..
            } => self.ahead.push(decision),
            _ => self.decide(decision),
        }
    }

    /// The packet is at a resource: a new place, unless it is there already.
    fn arrive(&mut self, resource: Resource) {
        let name = self.topology.resource_name(resource);
        if self.hops.last().is_some_and(|hop| hop.resource == name) {
            self.settle();
            return;
        }
        let mut hop = HopReport {
            resource: name,
            ..HopReport::default()
        };
        if let Resource::NetworkInterface(id) = resource {
            hop.address = Some(
                self.topology.network_interfaces[id]
                    .private_ip()
                    .to_string(),
            );
            self.locate(&mut hop, id);
        }
        hop.crossing = self.crossing();
        hop.decisions = std::mem::take(&mut self.ahead);
        self.hops.push(hop);
        self.settle();
    }

    /// What took time on the way is the time of the place where the packet is now.
    fn settle(&mut self) {
        let place = self.hops.len().saturating_sub(1);
        self.groups.extend(std::iter::repeat_n(place, self.waiting));
        self.waiting = 0;
        self.links.clear();
        self.turned = false;
    }

    fn finish(&mut self) {
        self.settle();
        if let Some(last) = self.hops.last_mut() {
            last.decisions.append(&mut self.ahead);
        }
    }

    fn decide(&mut self, decision: Decision) {
        match self.hops.last_mut() {
            Some(hop) => hop.decisions.push(decision),
            None => self.ahead.push(decision),
        }
    }

    /// Time at this place, or on the way to the next.
    fn pass(&mut self, hop: Hop) {
        let here = matches!(hop, Hop::GuestSend | Hop::NitroEgress(_));
        if here && !self.hops.is_empty() {
            self.groups.push(self.hops.len() - 1);
            return;
        }
        if let Hop::Fleet(id, _) = hop {
            let name = self.topology.owner_name(id);
            if self.hops.last().is_some_and(|place| place.resource == name) {
                self.waiting += 1;
                self.settle();
                return;
            }
        }
        match hop {
            Hop::Link(link) => self.links.push(link),
            Hop::NitroTurnaround(..) => self.turned = true,
            _ => {}
        }
        self.waiting += 1;
    }

    /// How the packet gets from the place before to the next, in words.
    fn crossing(&self) -> Option<String> {
        if self.turned {
            return Some("same host".to_owned());
        }
        let name = |zone| self.topology.substrate.fabrics.name(zone);
        let between = self.links.iter().find_map(|link| match *link {
            Link::Zone(a, b) => Some(format!("from {} to {}", name(a), name(b))),
            _ => None,
        });
        let spine = self
            .links
            .iter()
            .any(|link| matches!(link, Link::LeafUp(..)));
        match between {
            Some(zones) => Some(zones),
            None if spine => Some("to another rack".to_owned()),
            None if !self.links.is_empty() => Some("in the same rack".to_owned()),
            None => None,
        }
    }

    fn locate(&self, hop: &mut HopReport, id: Id<NetworkInterface>) {
        let substrate = &self.topology.substrate;
        let zone = self.topology.zone_of(id);
        hop.availability_zone = Some(substrate.fabrics.name(zone).to_owned());
        if let Location::Host(host) = self.topology.network_interfaces[id].location {
            hop.rack = Some(rack(self.topology, host));
        }
    }

    fn security_group(
        &self,
        interface: Id<NetworkInterface>,
        side: Side,
        by: Admission,
    ) -> Decision {
        let topology = self.topology;
        match by {
            Admission::Reply => Decision {
                kind: "security_group",
                resource: topology.owner_name(interface),
                rule: "reply".to_owned(),
                text: "its security groups let the reply through".to_owned(),
            },
            Admission::Rule {
                group,
                index,
                tracking,
            } => {
                let resource = topology.resource_name(Resource::SecurityGroup(group));
                let rules = match side {
                    Side::Egress => &topology.security_groups[group].egress,
                    Side::Ingress => &topology.security_groups[group].ingress,
                };
                let rule = rules.iter().find(|rule| rule.index == index);
                let shown = rule.map(|rule| rule_in_words(topology, group, rule, side));
                let tracked = match tracking {
                    Tracking::Tracked => "",
                    Tracking::Untracked => ", untracked",
                };
                Decision {
                    kind: "security_group",
                    text: format!(
                        "{resource} {} rule {}: {}{tracked}",
                        side_name(side),
                        index + 1,
                        shown.unwrap_or_default()
                    ),
                    resource,
                    rule: format!("{} rule {}", side_name(side), index + 1),
                }
            }
        }
    }

    fn route(&self, table: Id<RouteTable>, route: Route) -> Decision {
        let topology = self.topology;
        let resource = topology.resource_name(Resource::RouteTable(table));
        let target = target_name(topology, route.target);
        let origin = match route.origin {
            RouteOrigin::Propagated => ", propagated".to_owned(),
            RouteOrigin::PrefixList { list, .. } => {
                format!(" (prefix_list.{})", topology.prefix_lists.name(list))
            }
            RouteOrigin::Local | RouteOrigin::Static { .. } => String::new(),
        };
        Decision {
            kind: "route",
            text: format!("{resource}: {} → {target}{origin}", route.destination),
            resource,
            rule: route.destination.to_string(),
        }
    }
}

/// What a route leads to, as the scenario names it.
pub(crate) fn target_name(topology: &Topology, target: RouteTarget) -> String {
    let name = |resource| topology.resource_name(resource);
    match target {
        RouteTarget::Local => "local".to_owned(),
        RouteTarget::Blackhole => "blackhole".to_owned(),
        RouteTarget::InternetGateway(id) => name(Resource::InternetGateway(id)),
        RouteTarget::EgressOnlyInternetGateway(id) => name(Resource::EgressOnlyInternetGateway(id)),
        RouteTarget::NatGateway(id) => name(Resource::NatGateway(id)),
        RouteTarget::NetworkInterface(id) => name(Resource::NetworkInterface(id)),
        RouteTarget::VpcPeeringConnection(id) => name(Resource::VpcPeeringConnection(id)),
        RouteTarget::TransitGateway(id) => name(Resource::TransitGateway(id)),
        RouteTarget::VpnGateway(id) => name(Resource::VpnGateway(id)),
        RouteTarget::GatewayEndpoint(id) | RouteTarget::GatewayLoadBalancerEndpoint(id) => {
            name(Resource::VpcEndpoint(id))
        }
    }
}

fn rule_in_words(topology: &Topology, group: Id<SecurityGroup>, rule: &Rule, side: Side) -> String {
    let peer = match rule.peer {
        Peer::Block(block) => block.to_string(),
        Peer::Group(other) if other == group => "itself".to_owned(),
        Peer::Group(other) => topology.resource_name(Resource::SecurityGroup(other)),
        Peer::PrefixList(list) => format!("prefix_list.{}", topology.prefix_lists.name(list)),
    };
    let word = match side {
        Side::Egress => "to",
        Side::Ingress => "from",
    };
    format!("{} {word} {peer}", rule.filter)
}

/// What an exchange of addresses changes.
fn translation(before: Header, after: Header) -> String {
    let mut parts = Vec::new();
    if before.source.address != after.source.address {
        parts.push(format!(
            "source {} → {}",
            before.source.address, after.source.address
        ));
    }
    if before.destination != after.destination {
        let same_port = before.destination.ports == after.destination.ports;
        parts.push(if same_port {
            format!(
                "destination {} → {}",
                before.destination.address, after.destination.address
            )
        } else {
            format!("destination {} → {}", before.destination, after.destination)
        });
    }
    parts.join(", ")
}

fn rack(topology: &Topology, host: HostId) -> u32 {
    let fabric = topology.substrate.fabric_of(host);
    topology.substrate.fabrics[fabric].rack_of(host) + 1
}
