//! The corners of lines.

use super::channels::{Access, Axis, Side, Spot};
use super::lanes::{Frame, Lanes};
use super::route::{End, Mark, Run, Wire};
use crate::report::drawing::scene::Point;

/// Lines keep so far from the corners of a node that they reach anywhere.
const CORNER: f64 = 10.0;

/// The way of a line. Invariant: a point at its start, two for each run, and one at its end if that
/// is at a node.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    pub points: Vec<Point>,
}

/// The way of the wire with this index.
pub(super) fn trace(index: usize, frame: Frame<'_>, lanes: &Lanes) -> Trace {
    let wire = &frame.routes.wires[index];
    let tracer = Tracer {
        index,
        wire,
        frame,
        lanes,
    };
    let last = wire.runs.len() - 1;
    let mut points = Vec::with_capacity(2 + 2 * wire.runs.len());
    let first = tracer.along(0, true);
    points.push(tracer.at_border(wire.start, first));
    for run in 0..wire.runs.len() {
        for start in [true, false] {
            points.push(tracer.point(run, tracer.along(run, start)));
        }
    }
    if let End::Node(access) = wire.end {
        points.push(tracer.at_border(access, tracer.along(last, false)));
    }
    Trace { points }
}

struct Tracer<'a> {
    index: usize,
    wire: &'a Wire,
    frame: Frame<'a>,
    lanes: &'a Lanes,
}

impl Tracer<'_> {
    /// The lane of a run.
    fn lane(&self, run: usize) -> f64 {
        let lane = self.lanes.of_run[self.index][run];
        self.lanes.coordinate(lane, self.frame.geometry)
    }

    fn point(&self, run: usize, along: f64) -> Point {
        match self.frame.channels.all[self.wire.runs[run].channel].axis {
            Axis::Vertical => (self.lane(run), along),
            Axis::Horizontal => (along, self.lane(run)),
        }
    }

    /// Where a run starts or ends along its channel: where the line turns, or at its very end.
    fn along(&self, run: usize, start: bool) -> f64 {
        let last = self.wire.runs.len() - 1;
        let neighbor = if start {
            run.checked_sub(1)
        } else {
            Some(run + 1).filter(|&next| next <= last)
        };
        if let Some(neighbor) = neighbor {
            return self.lane(neighbor);
        }
        let ends = [End::Node(self.wire.start), self.wire.end];
        let [end, other] = if start { ends } else { [ends[1], ends[0]] };
        match (end, other) {
            (End::Node(access), End::Node(other)) if self.is_anywhere(access) => {
                // Opposite to the other end, as far as the node reaches.
                let Access { node, .. } = self.frame.channels.access[access];
                let rect = self.frame.geometry.nodes[node];
                self.pin(other)
                    .clamp(rect.left + CORNER, rect.right - CORNER)
            }
            (End::Node(access), _) => self.pin(access),
            (End::Junction, _) => self.junction(run),
        }
    }

    fn is_anywhere(&self, access: usize) -> bool {
        self.frame.channels.access[access].spot == Spot::Anywhere
    }

    /// Where the last run meets a line of its net: where it came from if it just crosses that.
    fn junction(&self, run: usize) -> f64 {
        let Run { from, to, .. } = self.wire.runs[run];
        if from == to && run > 0 {
            return self.lane(run - 1);
        }
        self.at_stop(to)
    }

    /// Where the net has a stop: at its own line across, if it has one there.
    fn at_stop(&self, stop: usize) -> f64 {
        match self.frame.routes.stops[stop].mark {
            Mark::Access(access) => self.pin(access),
            Mark::Crossing(channel) => {
                let (from, to) = self.frame.geometry.channels[channel];
                self.turn(stop, channel)
                    .map_or(f64::midpoint(from, to), |lane| {
                        self.lanes.coordinate(lane, self.frame.geometry)
                    })
            }
        }
    }

    /// The lane in `channel` that a line of the net turns into at a stop.
    fn turn(&self, stop: usize, channel: usize) -> Option<usize> {
        let stops = &self.frame.routes.stops;
        let back = Mark::Crossing(stops[stop].channel);
        let wires = self.frame.routes.wires.iter().enumerate();
        let own = wires.filter(|(_, wire)| wire.net == self.wire.net);
        let mut turns = own.flat_map(|(index, wire)| {
            let runs = wire.runs.iter().enumerate();
            let turning = runs.filter(|(_, run)| {
                run.channel == channel
                    && [run.from, run.to]
                        .iter()
                        .any(|&end| stops[end].mark == back)
            });
            turning.map(move |(run, _)| self.lanes.of_run[index][run])
        });
        turns.next()
    }

    /// Where lines of the net end at an access.
    fn pin(&self, access: usize) -> f64 {
        let at = self
            .frame
            .geometry
            .along(self.frame.channels.access[access]);
        at + self.lanes.pins.offset(access, self.wire.net)
    }

    fn at_border(&self, access: usize, along: f64) -> Point {
        let Access { node, side, .. } = self.frame.channels.access[access];
        let rect = self.frame.geometry.nodes[node];
        match side {
            Side::Left => (rect.left, along),
            Side::Right => (rect.right, along),
            Side::Top => (along, rect.top),
            Side::Bottom => (along, rect.bottom),
        }
    }
}
