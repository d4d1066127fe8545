//! From a model to coordinates: what stands where, then how lines run, then how much room they
//! need, which moves what stands beside them.

use super::channels::{Axis, Channels};
use super::lanes::{Frame, Lanes};
use super::measure::{CHIP, badges_height};
use super::model::Model;
use super::nets::Nets;
use super::place::{Geometry, Room, place};
use super::plan::Plan;
use super::route::{Routes, route};
use super::trace::{Trace, trace};

/// How often lanes are put in order, each time with the places that the last order gave, and how
/// often they then get their places in the last order.
const ROUNDS: [usize; 2] = [4, 3];

/// A picture's coordinates.
#[derive(Debug)]
pub(super) struct Layout {
    pub plan: Plan,
    pub channels: Channels,
    pub nets: Nets,
    pub geometry: Geometry,
    pub routes: Routes,
    /// The corners of each wire.
    pub traces: Vec<Trace>,
}

/// Lays out a model from the top of the page.
pub(super) fn layout(model: &Model) -> Layout {
    let mut plan = Plan::new(model);
    let nets = Nets::new(model, &mut plan);
    plan.measure(&nets.counts(plan.nodes.len()));
    let neighbors = nets.neighbors(plan.nodes.len());
    let channels = Channels::new(&plan);
    let mut room = Room {
        channels: channels.all.iter().map(|channel| channel.bare).collect(),
        chips: plan
            .nodes
            .iter()
            .map(|node| badges_height(node).max(CHIP))
            .collect(),
    };
    let mut geometry = place(&plan, &channels, &room, &neighbors);
    let routes = route(&channels, &geometry, &nets.all);
    let mut lanes = Lanes::new(&routes, &channels);
    lanes.pins.heights(&channels, &mut room.chips);
    geometry = place(&plan, &channels, &room, &neighbors);
    for round in 0..ROUNDS[0] + ROUNDS[1] {
        for axis in [Axis::Vertical, Axis::Horizontal] {
            let frame = Frame {
                channels: &channels,
                routes: &routes,
                geometry: &geometry,
            };
            lanes.settle((axis, round < ROUNDS[0]), frame, &mut room.channels);
            geometry = place(&plan, &channels, &room, &neighbors);
        }
    }
    let frame = Frame {
        channels: &channels,
        routes: &routes,
        geometry: &geometry,
    };
    let wires = 0..routes.wires.len();
    let traces = wires.map(|wire| trace(wire, frame, &lanes)).collect();
    Layout {
        plan,
        channels,
        nets,
        geometry,
        routes,
        traces,
    }
}

impl Layout {
    /// Moves everything down.
    pub(super) fn move_down(&mut self, by: f64) {
        let Geometry {
            bottom,
            nodes,
            anchors,
            regions,
            vpcs,
            zones,
            ..
        } = &mut self.geometry;
        *bottom += by;
        for rect in nodes
            .iter_mut()
            .chain(regions)
            .chain(vpcs)
            .chain(zones.iter_mut().flatten())
        {
            rect.top += by;
            rect.bottom += by;
        }
        let corners = self.traces.iter_mut().flat_map(|trace| &mut trace.points);
        for point in anchors.iter_mut().chain(corners) {
            point.1 += by;
        }
    }
}
