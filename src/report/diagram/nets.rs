//! What lines join: links of the model and steps of flows, between nodes of the plan.

use std::collections::BTreeSet;

use super::model::{Flow, Kind, LinkKind, Model, NodeId};
use super::plan::Plan;
use crate::report::drawing::palette::LINES;

/// Most steps of flows without a color of their own.
const MAX_GREY: usize = 64;

/// What a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    Link(LinkKind),
    /// A step of the flow with this number.
    Flow(usize),
    /// A step of flows that have no color of their own.
    OtherFlows,
}

/// Nodes that one tree of lines joins. Invariant: neither side is empty, no node is on both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Net {
    pub meaning: Meaning,
    pub from: Vec<usize>,
    pub to: Vec<usize>,
}

/// A flow of the legend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FlowEntry {
    pub name: String,
    pub way: String,
}

/// Nets in the order in which they are routed, and the flows of the legend.
#[derive(Debug, Default)]
pub(super) struct Nets {
    pub all: Vec<Net>,
    pub flows: Vec<FlowEntry>,
    /// How many flows are drawn in grey.
    pub others: usize,
}

impl Nets {
    /// Also notes at the nodes which flows start there.
    pub(super) fn new(model: &Model, plan: &mut Plan) -> Self {
        let mut nets = Self::default();
        for (&(_, connector), &port) in &plan.ports {
            let kind = if plan.nodes[connector].kind == Kind::Peering {
                LinkKind::Peering
            } else {
                LinkKind::Attachment
            };
            nets.add(Meaning::Link(kind), &[port], &[connector]);
        }
        for link in &model.links {
            let nodes = |ids: &[NodeId]| -> Vec<usize> {
                let nodes = ids.iter().filter_map(|id| plan.find(id));
                nodes.collect::<BTreeSet<usize>>().into_iter().collect()
            };
            let (from, to) = (nodes(&link.from), nodes(&link.to));
            let port = |vpc: &usize, to: &usize| plan.ports.get(&(*vpc, *to)).copied();
            let vpc = from.first().and_then(|&node| plan.nodes[node].vpc);
            let to: Vec<usize> = to
                .into_iter()
                .map(|to| vpc.and_then(|vpc| port(&vpc, &to)).unwrap_or(to))
                .collect();
            if link.kind != LinkKind::Route || !nets.extend_route(&from, &to, plan) {
                nets.add(Meaning::Link(link.kind), &from, &to);
            }
        }
        nets.all.sort_by_key(|net| net.meaning);
        nets.add_flows(&model.flows, plan);
        nets
    }

    fn add(&mut self, meaning: Meaning, from: &[usize], to: &[usize]) {
        let to: Vec<usize> = to.iter().copied().filter(|n| !from.contains(n)).collect();
        let net = Net {
            meaning,
            from: from.to_vec(),
            to,
        };
        if !net.from.is_empty() && !net.to.is_empty() && !self.all.contains(&net) {
            self.all.push(net);
        }
    }

    /// Adds to a route to the same target, of the same VPC or to the internet, if there is one.
    fn extend_route(&mut self, from: &[usize], to: &[usize], plan: &Plan) -> bool {
        let vpc = |nodes: &[usize]| nodes.first().and_then(|&node| plan.nodes[node].vpc);
        let internet = to
            .iter()
            .any(|&node| plan.nodes[node].kind == Kind::Internet);
        let same = |net: &&mut Net| {
            net.meaning == Meaning::Link(LinkKind::Route)
                && net.to == to
                && (internet || vpc(&net.from) == vpc(from))
        };
        let Some(net) = self.all.iter_mut().find(same) else {
            return false;
        };
        for node in from {
            if !net.from.contains(node) {
                net.from.push(*node);
            }
        }
        true
    }

    /// Flows that go the same way share a line. The first ways have colors; steps of the others are
    /// drawn once each.
    fn add_flows(&mut self, flows: &[Flow], plan: &mut Plan) {
        let mut grey = BTreeSet::new();
        let mut ways: Vec<Vec<usize>> = Vec::new();
        for flow in flows {
            let way = self.way(flow, plan);
            if way.len() < 2 {
                continue;
            }
            let number = self.flows.len();
            if let Some(same) = ways.iter().position(|other| *other == way) {
                let entry = &mut self.flows[same];
                entry.name = format!("{}, {}", entry.name, flow.name);
            } else if number < LINES.len() {
                for step in way.windows(2) {
                    self.add(Meaning::Flow(number), &step[..1], &step[1..]);
                }
                plan.nodes[way[0]].starts.push(number);
                self.flows.push(FlowEntry {
                    name: flow.name.clone(),
                    way: described(&way, plan),
                });
                ways.push(way);
            } else {
                self.others += 1;
                let steps = way.windows(2).map(|step| (step[0], step[1]));
                grey.extend(steps.take(MAX_GREY.saturating_sub(grey.len())));
            }
        }
        for (from, to) in grey {
            self.add(Meaning::OtherFlows, &[from], &[to]);
        }
    }

    /// The nodes that a flow passes, with those on the borders of VPCs that it does not mention.
    fn way(&self, flow: &Flow, plan: &Plan) -> Vec<usize> {
        let mut way: Vec<usize> = Vec::new();
        for node in flow.through.iter().filter_map(|id| plan.find(id)) {
            if let Some(&last) = way.last() {
                way.extend(port(plan, last, node).or_else(|| self.service(plan, last, node)));
            }
            if way.last() != Some(&node) {
                way.push(node);
            }
        }
        way
    }

    /// The endpoint service between an endpoint and a load balancer of another VPC.
    fn service(&self, plan: &Plan, endpoint: usize, balancer: usize) -> Option<usize> {
        let links = || {
            let private = Meaning::Link(LinkKind::PrivateLink);
            self.all.iter().filter(move |net| net.meaning == private)
        };
        let into = links().filter(|net| net.from.contains(&endpoint));
        let mut services = into.flat_map(|net| net.to.iter().copied());
        services.find(|service| {
            plan.nodes[*service].kind == Kind::EndpointService
                && links().any(|net| net.from.contains(service) && net.to.contains(&balancer))
        })
    }

    /// How many nets join each node with others.
    pub(super) fn counts(&self, nodes: usize) -> Vec<usize> {
        let mut counts = vec![0; nodes];
        for node in self
            .all
            .iter()
            .flat_map(|net| net.from.iter().chain(&net.to))
        {
            counts[*node] += 1;
        }
        counts
    }

    /// For each node the nodes that it is joined with.
    pub(super) fn neighbors(&self, nodes: usize) -> Vec<Vec<usize>> {
        let mut neighbors = vec![Vec::new(); nodes];
        for net in &self.all {
            for &from in &net.from {
                for &to in &net.to {
                    neighbors[from].push(to);
                    neighbors[to].push(from);
                }
            }
        }
        for nodes in &mut neighbors {
            nodes.sort_unstable();
            nodes.dedup();
        }
        neighbors
    }
}

/// The node on the border between a node in a VPC and a transit gateway or peering connection.
fn port(plan: &Plan, a: usize, b: usize) -> Option<usize> {
    let at = |inside: usize, outside: usize| {
        let vpc = plan.nodes[inside].vpc?;
        plan.ports.get(&(vpc, outside)).copied()
    };
    let port = at(a, b).or_else(|| at(b, a))?;
    (port != a && port != b).then_some(port)
}

fn described(way: &[usize], plan: &Plan) -> String {
    let nodes = way.iter().map(|&node| &plan.nodes[node]);
    let named = nodes.filter(|node| !node.label.is_empty());
    let titles = named.map(|node| match node.kind {
        Kind::LoadBalancer => format!("load balancer {}", node.label),
        Kind::Endpoint => format!("endpoint {}", node.label),
        Kind::Peering => format!("peering {}", node.label),
        Kind::Attachment => format!("attachment {}", node.label),
        Kind::NatGateway
        | Kind::Instance
        | Kind::NetworkInterface
        | Kind::Function
        | Kind::InternetGateway
        | Kind::EgressOnlyInternetGateway
        | Kind::VpnGateway
        | Kind::GatewayEndpoint
        | Kind::EndpointService
        | Kind::TransitGateway
        | Kind::Internet
        | Kind::Site
        | Kind::Service
        | Kind::More => node.label.clone(),
    });
    titles.collect::<Vec<_>>().join(" → ")
}
