//! Where on the sides of nodes lines end.

use std::collections::BTreeMap;

use super::channels::{Access, Channels, Side, Spot};
use super::lanes::Frame;
use super::pack::pack;
use super::place::Geometry;
use super::route::{End, Routes, Wire};
use super::trace::Trace;

/// Between lines that end at one side of a node, if there is room.
const PITCH: f64 = 7.0;
/// From the outermost of them to the corner of the node.
const EDGE: f64 = 5.0;
/// Most of them that a node makes room for.
const MOST: usize = 12;
/// Ends of different lines nearer than this lie upon each other.
const NEAR: f64 = 3.6;

/// A place where lines of a net end at a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pin {
    pub access: usize,
    pub net: usize,
    /// From where the access is.
    pub offset: f64,
}

/// What lines lie upon that lead to a pin in the wrong place.
#[derive(Debug)]
pub(super) struct Obstacles {
    /// For each pin the coordinate of the lane that leads to it.
    pub lanes: Vec<f64>,
    pub corners: Vec<Corner>,
}

/// A piece of a line across a channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corner {
    pub channel: usize,
    pub net: usize,
    /// Where it is along the channel.
    pub at: f64,
    pub from: f64,
    pub to: f64,
}

/// All pins.
#[derive(Debug, Default)]
pub(super) struct Pins {
    all: Vec<Pin>,
    /// By access and net.
    index: BTreeMap<(usize, usize), usize>,
}

/// Where a line leads from a pin.
#[derive(Debug, Clone, Copy, Default)]
struct Lead {
    /// Where it turns, from where the access is.
    target: f64,
    /// How far the lane is in which it leads there.
    distance: f64,
}

impl Lead {
    /// Of several lines of one net, the one that leads farther.
    fn or(self, other: Self) -> Self {
        if self.distance < other.distance {
            other
        } else {
            self
        }
    }

    /// Lines that go back (up, or left) come first, the nearest lane foremost; the last are those
    /// that go forward in the nearest lane.
    fn order(self) -> f64 {
        if self.target < 0.0 {
            self.distance - 1e6
        } else {
            1e6 - self.distance
        }
    }
}

/// The accesses of the ends of a wire that are at nodes.
fn ends(wire: &Wire) -> [Option<usize>; 2] {
    let end = match wire.end {
        End::Node(access) => Some(access),
        End::Junction => None,
    };
    [Some(wire.start), end]
}

impl Pins {
    /// One for each net at each access where its lines end.
    pub(super) fn new(routes: &Routes, channels: &Channels) -> Self {
        let mut pins = Self::default();
        for wire in &routes.wires {
            for access in ends(wire).into_iter().flatten() {
                let wide = channels.access[access].spot == Spot::Anywhere;
                if !wide && pins.find(access, wire.net).is_none() {
                    pins.index.insert((access, wire.net), pins.all.len());
                    pins.all.push(Pin {
                        access,
                        net: wire.net,
                        offset: 0.0,
                    });
                }
            }
        }
        pins
    }

    fn find(&self, access: usize, net: usize) -> Option<usize> {
        self.index.get(&(access, net)).copied()
    }

    /// How far from an access lines of a net end.
    pub(super) fn offset(&self, access: usize, net: usize) -> f64 {
        self.find(access, net)
            .map_or(0.0, |pin| self.all[pin].offset)
    }

    /// Makes nodes higher at which many lines end.
    pub(super) fn heights(&self, channels: &Channels, heights: &mut [f64]) {
        for pin in &self.all {
            let pins = self.all.iter().filter(|other| other.access == pin.access);
            let height = (pins.count().min(MOST) - 1) as f64 * PITCH + 2.0 * EDGE;
            let node = channels.access[pin.access].node;
            heights[node] = heights[node].max(height);
        }
    }

    /// For each pin the coordinate of the lane that leads to it, given that of a wire's run.
    pub(super) fn lanes(&self, routes: &Routes, lane: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let mut lanes = vec![0.0; self.all.len()];
        for (index, wire) in routes.wires.iter().enumerate() {
            let runs = [0, wire.runs.len() - 1];
            for (access, run) in ends(wire).into_iter().zip(runs) {
                let pin = access.and_then(|access| self.find(access, wire.net));
                if let Some(pin) = pin {
                    lanes[pin] = lane(index, run);
                }
            }
        }
        lanes
    }

    /// Puts pins where their lines need no bend, or else in an order in which they do not cross.
    pub(super) fn spread(&mut self, frame: Frame<'_>, traces: &[Trace]) {
        let mut leads: Vec<Lead> = vec![Lead::default(); self.all.len()];
        for (wire, trace) in frame.routes.wires.iter().zip(traces) {
            let [start, end] = ends(wire);
            for (own, other, reversed) in [(start, end, false), (end, start, true)] {
                let pin = own.and_then(|own| Some((own, self.find(own, wire.net)?)));
                if let Some((own, pin)) = pin {
                    let other = other.filter(|_| wire.runs.len() == 1);
                    leads[pin] = leads[pin].or(lead(frame, trace, (own, other), reversed));
                }
            }
        }
        for (access, mut same) in self.by_access() {
            same.sort_by(|&a, &b| leads[a].order().total_cmp(&leads[b].order()));
            let most = room(frame.channels.access[access], frame.geometry);
            let wanted: Vec<f64> = same
                .iter()
                .map(|&pin| match leads[pin].target {
                    target if target.abs() <= most => target,
                    _ if same.len() == 1 => 0.0,
                    target => target.signum() * most * 0.4,
                })
                .collect();
            let gap = PITCH.min(2.0 * most / (same.len() - 1).max(1) as f64);
            let offsets = pack(&wanted, &vec![0.0; same.len()], gap, (-most, most));
            for (&pin, offset) in same.iter().zip(offsets) {
                self.all[pin].offset = offset;
            }
        }
    }

    /// The pins of each access.
    fn by_access(&self) -> Vec<(usize, Vec<usize>)> {
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        order.sort_by_key(|&pin| self.all[pin].access);
        let same = order.chunk_by(|&a, &b| self.all[a].access == self.all[b].access);
        same.map(|pins| (self.all[pins[0]].access, pins.to_vec()))
            .collect()
    }

    /// Moves pins whose lines lie upon others on the way to their lanes: lets them change places with
    /// others of their node, or moves them a little.
    pub(super) fn part(&mut self, frame: Frame<'_>, obstacles: &Obstacles) {
        for (access, same) in self.by_access() {
            let most = room(frame.channels.access[access], frame.geometry);
            for &pin in &same {
                for &other in &same {
                    if self.conflicts(pin, frame, obstacles) == 0 {
                        break;
                    }
                    let both = |pins: &Self| {
                        let own = pins.conflicts(pin, frame, obstacles);
                        own + pins.conflicts(other, frame, obstacles)
                    };
                    let before = both(self);
                    self.swap(pin, other);
                    if both(self) >= before {
                        self.swap(pin, other);
                    }
                }
                self.shift(pin, &same, most, (frame, obstacles));
            }
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        let offset = self.all[a].offset;
        self.all[a].offset = self.all[b].offset;
        self.all[b].offset = offset;
    }

    /// Moves a pin to the nearest place where nothing lies upon its line, if there is one.
    fn shift(
        &mut self,
        pin: usize,
        same: &[usize],
        most: f64,
        (frame, obstacles): (Frame<'_>, &Obstacles),
    ) {
        let start = self.all[pin].offset;
        for step in [0.0, 4.0, -4.0, 8.0, -8.0] {
            let offset = start + step;
            let others = same.iter().filter(|&&other| other != pin);
            let mut others = others.map(|&other| (self.all[other].offset - offset).abs());
            if step != 0.0 && (offset.abs() > most || others.any(|distance| distance < NEAR)) {
                continue;
            }
            self.all[pin].offset = offset;
            if self.conflicts(pin, frame, obstacles) == 0 {
                return;
            }
        }
        self.all[pin].offset = start;
    }

    /// With how many others the way from a pin to its lane has a piece in common.
    fn conflicts(&self, pin: usize, frame: Frame<'_>, obstacles: &Obstacles) -> usize {
        let lanes = &obstacles.lanes;
        let way = |pin: usize| {
            let access = frame.channels.access[self.all[pin].access];
            let rect = frame.geometry.nodes[access.node];
            let border = match access.side {
                Side::Left => rect.left,
                Side::Right => rect.right,
                Side::Top => rect.top,
                Side::Bottom => rect.bottom,
            };
            let at = frame.geometry.along(access) + self.all[pin].offset;
            (access, at, (border.min(lanes[pin]), border.max(lanes[pin])))
        };
        let (own, at, (from, to)) = way(pin);
        let corners = obstacles.corners.iter().filter(|corner| {
            corner.net != self.all[pin].net
                && corner.channel == own.channel
                && (corner.at - at).abs() < NEAR
                && from < corner.to - 1.0
                && corner.from < to - 1.0
        });
        let others = (0..self.all.len()).filter(|&other| {
            let (access, theirs, (start, end)) = way(other);
            self.all[other].net != self.all[pin].net
                && access.channel == own.channel
                && access.node != own.node
                && (theirs - at).abs() < NEAR
                && from < end - 1.0
                && start < to - 1.0
        });
        others.count() + corners.count()
    }
}

/// How far from an access its pins may be.
fn room(access: Access, geometry: &Geometry) -> f64 {
    let length = match access.side {
        Side::Left | Side::Right => geometry.sides[access.node],
        Side::Top | Side::Bottom => geometry.nodes[access.node].width(),
    };
    match access.spot {
        Spot::Middle | Spot::Anywhere => length / 2.0 - EDGE,
        Spot::Start | Spot::End => 16.0,
        Spot::Below => 2.0,
    }
}

/// Where the line of a trace leads from its access `own`; `other` is where it ends if it is but one
/// run.
fn lead(
    frame: Frame<'_>,
    trace: &Trace,
    (own, other): (usize, Option<usize>),
    reversed: bool,
) -> Lead {
    let own = frame.channels.access[own];
    let axis = frame.channels.all[own.channel].axis;
    let last = trace.points.len() - 1;
    let point = |index: usize| trace.points[if reversed { last - index } else { index }];
    let middle = frame.geometry.along(own);
    let target = match other.map(|other| frame.channels.access[other]) {
        Some(other) if other.spot == Spot::Anywhere => middle,
        Some(other) => frame.geometry.along(other),
        None => axis.along(point(2)),
    };
    Lead {
        target: target - middle,
        distance: (axis.across(point(1)) - axis.across(point(0))).abs(),
    }
}
