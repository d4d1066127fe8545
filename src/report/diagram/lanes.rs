//! Lines side by side: which lines share a lane of a channel, and where lanes lie.

use std::collections::BTreeSet;

use super::channels::{Axis, Channels};
use super::order::{Course, ordered, tracks};
use super::pins::{Corner, Obstacles, Pins};
use super::place::Geometry;
use super::route::Routes;
use super::trace::{Trace, trace};

/// Between the middles of neighboring lanes.
const PITCH: f64 = 7.5;
/// Between the outermost lanes and the sides of their channel.
const EDGE: f64 = 10.0;
/// Lines of one lane are at least so far from each other.
const APART: f64 = 14.0;

/// What lines lie in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub channels: &'a Channels,
    pub routes: &'a Routes,
    pub geometry: &'a Geometry,
}

/// A lane of a channel, for what a net has there in one piece.
#[derive(Debug)]
pub(super) struct Lane {
    pub channel: usize,
    pub net: usize,
    /// From the middle of the channel.
    pub offset: f64,
}

/// Which line runs where, beside the others.
#[derive(Debug)]
pub(super) struct Lanes {
    all: Vec<Lane>,
    /// The lane of each run of each wire.
    pub of_run: Vec<Vec<usize>>,
    pub pins: Pins,
    /// The lanes of each channel in their order.
    order: Vec<Vec<usize>>,
    /// Lanes that have to lie beside each other since they did when the order was final.
    beside: BTreeSet<(usize, usize)>,
}

/// A run of a wire as lanes are given out.
#[derive(Debug, Clone, Copy)]
struct Piece {
    channel: usize,
    net: usize,
    from: f64,
    to: f64,
    wire: usize,
    run: usize,
}

impl Lanes {
    /// One lane for whatever of a net touches in a channel; their order is not decided.
    pub(super) fn new(routes: &Routes, channels: &Channels) -> Self {
        let mut of_run: Vec<Vec<usize>> = Vec::new();
        of_run.extend(routes.wires.iter().map(|wire| vec![0; wire.runs.len()]));
        let mut lanes: Vec<Lane> = Vec::new();
        let mut end = f64::MIN;
        for piece in pieces(routes) {
            let Piece { channel, net, .. } = piece;
            let same = |lane: &Lane| lane.channel == channel && lane.net == net;
            if !lanes.last().is_some_and(same) || piece.from > end + 0.5 {
                lanes.push(Lane {
                    channel,
                    net,
                    offset: 0.0,
                });
                end = piece.to;
            }
            end = end.max(piece.to);
            of_run[piece.wire][piece.run] = lanes.len() - 1;
        }
        let mut order = vec![Vec::new(); channels.all.len()];
        for (index, lane) in lanes.iter().enumerate() {
            order[lane.channel].push(index);
        }
        Self {
            all: lanes,
            of_run,
            pins: Pins::new(routes, channels),
            order,
            beside: BTreeSet::new(),
        }
    }

    /// The middle of a lane.
    pub(super) fn coordinate(&self, lane: usize, geometry: &Geometry) -> f64 {
        let Lane {
            channel, offset, ..
        } = self.all[lane];
        let (from, to) = geometry.channels[channel];
        f64::midpoint(from, to) + offset
    }

    /// Gives the lanes of all channels of an axis their places, and pins as well, for lines that run
    /// as they do at present; in a new order, or in that of before. Notes how wide the channels have
    /// to be.
    pub(super) fn settle(
        &mut self,
        (axis, reorder): (Axis, bool),
        frame: Frame<'_>,
        needs: &mut [f64],
    ) {
        let wires = 0..frame.routes.wires.len();
        let traces: Vec<Trace> = wires.map(|wire| trace(wire, frame, self)).collect();
        let courses = self.courses(frame, &traces);
        for (index, channel) in frame.channels.all.iter().enumerate() {
            if channel.axis != axis || self.order[index].is_empty() {
                continue;
            }
            let own = self.order[index].iter().map(|&lane| courses[lane].clone());
            let mut own: Vec<Course> = own.collect();
            if reorder {
                own = ordered(own);
                self.order[index] = own.iter().map(|course| course.lane).collect();
            }
            let count = self.assign(&own, !reorder);
            let width = count.saturating_sub(1) as f64 * PITCH + 2.0 * EDGE;
            needs[index] = width.max(channel.least);
        }
        self.pins.spread(frame, &traces);
        let obstacles = Obstacles {
            lanes: self.lanes_of_pins(frame),
            corners: self.corners(frame, &traces),
        };
        self.pins.part(frame, &obstacles);
    }

    /// What is known of each lane.
    fn courses(&self, frame: Frame<'_>, traces: &[Trace]) -> Vec<Course> {
        let lanes = 0..self.all.len();
        let mut courses: Vec<Course> = lanes.map(Course::new).collect();
        for (index, (wire, trace)) in frame.routes.wires.iter().zip(traces).enumerate() {
            for (run_index, run) in wire.runs.iter().enumerate() {
                let axis = frame.channels.all[run.channel].axis;
                let (near, far) = frame.geometry.channels[run.channel];
                let middle = f64::midpoint(near, far);
                let course = &mut courses[self.of_run[index][run_index]];
                let (start, end) = (1 + 2 * run_index, 2 + 2 * run_index);
                let outside = |point: &&(f64, f64)| {
                    let at = axis.across(**point);
                    at < near || far < at
                };
                let before = trace.points[..start].iter().rev().find(outside);
                let after = trace.points[end + 1..].iter().find(outside);
                for (point, neighbor) in [(start, before), (end, after)] {
                    let at = axis.along(trace.points[point]);
                    course.reach(at);
                    if let Some(neighbor) = neighbor {
                        course.taps.push((at, axis.across(*neighbor) > middle));
                    }
                }
            }
        }
        courses
    }

    /// Gives lanes in this order their offsets; returns how many lie side by side. Those that do once
    /// the order is `definite` always will.
    fn assign(&mut self, courses: &[Course], definite: bool) -> usize {
        let mut touching = vec![Vec::new(); courses.len()];
        for (index, course) in courses.iter().enumerate() {
            for (before, other) in courses[..index].iter().enumerate() {
                let pair = (course.lane.min(other.lane), course.lane.max(other.lane));
                let touches = course.touches(other, APART);
                if touches && definite {
                    self.beside.insert(pair);
                }
                if touches || self.beside.contains(&pair) {
                    touching[index].push(before);
                }
            }
        }
        let (offsets, most) = tracks(&touching);
        for (course, offset) in courses.iter().zip(offsets) {
            self.all[course.lane].offset = offset * PITCH;
        }
        most
    }

    /// The pieces that lines cross channels with where they turn into others.
    fn corners(&self, frame: Frame<'_>, traces: &[Trace]) -> Vec<Corner> {
        let mut corners = Vec::new();
        for (index, (wire, trace)) in frame.routes.wires.iter().zip(traces).enumerate() {
            let lane = |run: usize| self.coordinate(self.of_run[index][run], frame.geometry);
            let mut corner = |own: usize, other: usize, far: usize| {
                let channel = wire.runs[own].channel;
                let (near, end) = frame.geometry.channels[channel];
                let axis = frame.channels.all[channel].axis;
                let forward = axis.across(trace.points[far]) > f64::midpoint(near, end);
                corners.push(Corner {
                    channel,
                    net: wire.net,
                    at: lane(other),
                    from: if forward { lane(own) } else { near },
                    to: if forward { end } else { lane(own) },
                });
            };
            for run in 1..wire.runs.len() {
                corner(run - 1, run, 2 + 2 * run);
                corner(run, run - 1, 2 * run - 1);
            }
        }
        corners
    }

    /// The lanes that lead to each pin.
    fn lanes_of_pins(&self, frame: Frame<'_>) -> Vec<f64> {
        let lane =
            |wire: usize, run: usize| self.coordinate(self.of_run[wire][run], frame.geometry);
        self.pins.lanes(frame.routes, lane)
    }
}

/// The runs of all wires, by channel, net and where they start.
fn pieces(routes: &Routes) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (wire_index, wire) in routes.wires.iter().enumerate() {
        for (index, run) in wire.runs.iter().enumerate() {
            let (a, b) = (routes.stops[run.from].at, routes.stops[run.to].at);
            pieces.push(Piece {
                channel: run.channel,
                net: wire.net,
                from: a.min(b),
                to: a.max(b),
                wire: wire_index,
                run: index,
            });
        }
    }
    pieces.sort_by(|a, b| {
        let first = (a.channel, a.net).cmp(&(b.channel, b.net));
        first.then(a.from.total_cmp(&b.from))
    });
    pieces
}
