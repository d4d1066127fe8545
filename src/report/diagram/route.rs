//! Finds the way of every line through the channels: short, with few bends, along what its net has
//! already and away from what others have.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::channels::{Channels, Side, Spot};
use super::model::LinkKind;
use super::nets::{Meaning, Net};
use super::place::Geometry;
use crate::report::drawing::scene::Rect;

/// What a bend costs, in pixels of detour.
const BEND: u32 = 40;
/// What each line costs that is in a channel already.
const CROWD: u32 = 5;
/// What it costs to use the side of a node that other kinds of lines prefer.
const OTHER_SIDE: u32 = 8;

/// A place in a channel where lines may turn, start or end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    pub channel: usize,
    /// Where it is along the channel, before lines take their room.
    pub at: f64,
    pub mark: Mark,
}

/// What is at a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Another channel.
    Crossing(usize),
    /// An access.
    Access(usize),
}

/// A part of a line in one channel, between two stops of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub channel: usize,
    pub from: usize,
    pub to: usize,
}

/// Where a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// At a node, reached by this access.
    Node(usize),
    /// At a line of the same net.
    Junction,
}

/// A line from a node to another, or to a line of its net. Invariant: there is a run.
#[derive(Debug)]
pub(super) struct Wire {
    pub net: usize,
    pub start: usize,
    pub runs: Vec<Run>,
    pub end: End,
}

/// All lines and the stops that they refer to.
#[derive(Debug, Default)]
pub(super) struct Routes {
    pub stops: Vec<Stop>,
    pub wires: Vec<Wire>,
}

/// Routes every net; what cannot be reached stays without a line.
pub(super) fn route(channels: &Channels, geometry: &Geometry, nets: &[Net]) -> Routes {
    let mut router = Router::new(channels, geometry);
    for (index, net) in nets.iter().enumerate() {
        router.route(index, net);
    }
    Routes {
        stops: router.stops,
        wires: router.wires,
    }
}

struct Router<'a> {
    channels: &'a Channels,
    stops: Vec<Stop>,
    /// The stop at the same crossing in the other channel.
    twin: Vec<Option<usize>>,
    /// The stops of each channel in their order, and the place of each stop in it.
    order: Vec<Vec<usize>>,
    rank: Vec<usize>,
    /// The stop of each access; none if it is anywhere.
    reached: Vec<Option<usize>>,
    /// From where to where the node of each access can be reached anywhere.
    extent: Vec<(f64, f64)>,
    /// Lines after each stop, up to the next of its channel.
    crowd: Vec<u32>,
    /// The accesses of each node.
    access: BTreeMap<usize, Vec<usize>>,
    wires: Vec<Wire>,
}

impl<'a> Router<'a> {
    fn new(channels: &'a Channels, geometry: &Geometry) -> Self {
        let middle = |channel: usize| {
            let (from, to) = geometry.channels[channel];
            f64::midpoint(from, to)
        };
        let mut stops = Vec::new();
        let mut twin = Vec::new();
        for &(vertical, horizontal) in &channels.crossings {
            for (channel, other) in [(vertical, horizontal), (horizontal, vertical)] {
                twin.push(Some(stops.len() ^ 1));
                stops.push(Stop {
                    channel,
                    at: middle(other),
                    mark: Mark::Crossing(other),
                });
            }
        }
        for (index, access) in channels.access.iter().enumerate() {
            if access.spot != Spot::Anywhere {
                twin.push(None);
                stops.push(Stop {
                    channel: access.channel,
                    at: geometry.along(*access),
                    mark: Mark::Access(index),
                });
            }
        }
        let mut order = vec![Vec::new(); channels.all.len()];
        for (index, stop) in stops.iter().enumerate() {
            order[stop.channel].push(index);
        }
        let mut rank = vec![0; stops.len()];
        for stops_of in &mut order {
            stops_of.sort_by(|&a: &usize, &b: &usize| stops[a].at.total_cmp(&stops[b].at));
            for (place, &stop) in stops_of.iter().enumerate() {
                rank[stop] = place;
            }
        }
        let mut router = Self {
            channels,
            twin,
            rank,
            reached: Vec::new(),
            extent: Vec::new(),
            crowd: vec![0; stops.len()],
            access: BTreeMap::new(),
            wires: Vec::new(),
            order,
            stops,
        };
        router.find_accesses(geometry);
        router
    }

    fn find_accesses(&mut self, geometry: &Geometry) {
        self.reached = vec![None; self.channels.access.len()];
        for (index, stop) in self.stops.iter().enumerate() {
            if let Mark::Access(access) = stop.mark {
                self.reached[access] = Some(index);
            }
        }
        for (index, access) in self.channels.access.iter().enumerate() {
            self.access.entry(access.node).or_default().push(index);
            let Rect { left, right, .. } = geometry.nodes[access.node];
            self.extent.push((left + 12.0, right - 12.0));
        }
    }

    /// Joins the nodes of a net one by one with what it has so far.
    fn route(&mut self, index: usize, net: &Net) {
        let mut joined = vec![net.to[0]];
        let mut missing: Vec<usize> = net.from.iter().chain(&net.to[1..]).copied().collect();
        let mut tree: BTreeSet<usize> = BTreeSet::new();
        while !missing.is_empty() {
            let found = self.opposite(&joined, &missing);
            let found = found.or_else(|| self.nearest(net, &joined, &missing, &tree));
            let Some((path, start, end)) = found else {
                return;
            };
            let runs = self.runs(&path);
            for run in &runs {
                let stops = self.between(*run);
                for &stop in &stops[..stops.len() - 1] {
                    self.crowd[stop] += 1;
                }
                tree.extend(stops);
            }
            let (start, end) = match end {
                // Lines start at what is missing.
                End::Node(other) if joined.contains(&self.channels.access[start].node) => {
                    (other, End::Node(start))
                }
                End::Node(_) | End::Junction => (start, end),
            };
            let node = self.channels.access[start].node;
            missing.retain(|&other| other != node);
            joined.push(node);
            self.wires.push(Wire {
                net: index,
                start,
                runs,
                end,
            });
        }
    }

    /// The stops of a run, its ends included.
    fn between(&self, run: Run) -> Vec<usize> {
        let (a, b) = (self.rank[run.from], self.rank[run.to]);
        self.order[run.channel][a.min(b)..=a.max(b)].to_vec()
    }

    fn accesses(&self, nodes: &[usize]) -> Vec<usize> {
        let accesses = nodes.iter().filter_map(|node| self.access.get(node));
        accesses.flatten().copied().collect()
    }

    /// The straight line across a channel between a missing node and one that the net has, if one
    /// of them can be reached anywhere and the other stands opposite.
    fn opposite(&self, joined: &[usize], missing: &[usize]) -> Option<(Vec<usize>, usize, End)> {
        let (joined, missing) = (self.accesses(joined), self.accesses(missing));
        let pairs = joined
            .iter()
            .flat_map(|&a| missing.iter().map(move |&b| (a, b)));
        let both = pairs.flat_map(|(a, b)| [(a, b), (b, a)]);
        both.into_iter().find_map(|(narrow, wide)| {
            let [a, b] = [narrow, wide].map(|access| self.channels.access[access]);
            let stop = self.reached[narrow]?;
            let (from, to) = self.extent[wide];
            let at = self.stops[stop].at;
            let meets = b.spot == Spot::Anywhere
                && a.channel == b.channel
                && a.side != b.side
                && from <= at
                && at <= to;
            meets.then(|| (vec![stop], narrow, End::Node(wide)))
        })
    }

    /// The cheapest line from one of the missing nodes to the lines of the net, or to its first
    /// node if there are none.
    fn nearest(
        &self,
        net: &Net,
        joined: &[usize],
        missing: &[usize],
        tree: &BTreeSet<usize>,
    ) -> Option<(Vec<usize>, usize, End)> {
        let ends = |nodes: &[usize]| -> Vec<(usize, u32, usize)> {
            let accesses = self.accesses(nodes).into_iter();
            let ends = accesses.filter_map(|access| {
                let cost = self.side_cost(access, net.meaning);
                Some((self.reached[access]?, cost, access))
            });
            ends.collect()
        };
        let sources: Vec<(u32, usize, End)> = if tree.is_empty() {
            let ends = ends(joined).into_iter();
            ends.map(|(stop, cost, access)| (cost, stop, End::Node(access)))
                .collect()
        } else {
            tree.iter().map(|&stop| (0, stop, End::Junction)).collect()
        };
        let targets = ends(missing).into_iter();
        let targets: BTreeMap<usize, (u32, usize)> = targets
            .map(|(stop, cost, access)| (stop, (cost, access)))
            .collect();
        self.cheapest(&sources, &targets)
    }

    /// Routes keep to the left of what they start at, other lines to the right.
    fn side_cost(&self, access: usize, meaning: Meaning) -> u32 {
        let left = match meaning {
            Meaning::Link(LinkKind::Route) => true,
            Meaning::Link(
                LinkKind::Targets
                | LinkKind::PrivateLink
                | LinkKind::Service
                | LinkKind::Attachment
                | LinkKind::Peering
                | LinkKind::Vpn,
            )
            | Meaning::Flow(_)
            | Meaning::OtherFlows => false,
        };
        match self.channels.access[access].side {
            Side::Left if !left => OTHER_SIDE,
            Side::Right if left => OTHER_SIDE,
            Side::Left | Side::Right | Side::Top | Side::Bottom => 0,
        }
    }

    /// The stops from a target to a source, the access of the target, and what the source is.
    fn cheapest(
        &self,
        sources: &[(u32, usize, End)],
        targets: &BTreeMap<usize, (u32, usize)>,
    ) -> Option<(Vec<usize>, usize, End)> {
        let mut cost = vec![u32::MAX; self.stops.len()];
        let mut before: Vec<Option<usize>> = vec![None; self.stops.len()];
        let mut ends: BTreeMap<usize, End> = BTreeMap::new();
        let mut heap = BinaryHeap::new();
        for &(at, stop, end) in sources {
            if at < cost[stop] {
                cost[stop] = at;
                ends.insert(stop, end);
                heap.push(Reverse((at, stop)));
            }
        }
        let mut best: Option<(u32, usize)> = None;
        while let Some(Reverse((at, stop))) = heap.pop() {
            if at > cost[stop] {
                continue;
            }
            if best.is_some_and(|(least, _)| least <= at) {
                break;
            }
            if let Some((more, _)) = targets.get(&stop)
                && best.is_none_or(|(least, _)| at + more < least)
            {
                best = Some((at + more, stop));
            }
            for (next, step) in self.steps(stop) {
                if at + step < cost[next] {
                    cost[next] = at + step;
                    before[next] = Some(stop);
                    heap.push(Reverse((at + step, next)));
                }
            }
        }
        let (_, target) = best?;
        let mut path = vec![target];
        let mut last = target;
        while let Some(stop) = before[last] {
            path.push(stop);
            last = stop;
        }
        Some((path, targets[&target].1, *ends.get(&last)?))
    }

    /// Where one gets from a stop, and at what cost.
    fn steps(&self, stop: usize) -> Vec<(usize, u32)> {
        let Stop { channel, at, .. } = self.stops[stop];
        let order = &self.order[channel];
        let rank = self.rank[stop];
        let mut steps = Vec::with_capacity(3);
        let mut go = |next: usize, crowd: u32| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // pixels of a page
            let length = (self.stops[next].at - at).abs() as u32;
            steps.push((next, length + crowd * CROWD));
        };
        if rank > 0 {
            let next = order[rank - 1];
            go(next, self.crowd[next]);
        }
        if rank + 1 < order.len() {
            go(order[rank + 1], self.crowd[stop]);
        }
        steps.extend(self.twin[stop].map(|twin| (twin, BEND)));
        steps
    }

    /// Cuts a path where it changes the channel.
    fn runs(&self, path: &[usize]) -> Vec<Run> {
        let pieces = path.chunk_by(|&a, &b| self.stops[a].channel == self.stops[b].channel);
        let run = |piece: &[usize]| Run {
            channel: self.stops[piece[0]].channel,
            from: piece[0],
            to: piece[piece.len() - 1],
        };
        pieces.map(run).collect()
    }
}
