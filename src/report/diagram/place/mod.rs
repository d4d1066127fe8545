//! Coordinates of boxes, nodes and channels, given how wide the channels are.

mod columns;
mod rows;

use super::channels::{Access, Channels, Side, Spot};
use super::plan::Plan;
use crate::report::drawing::scene::{Point, Rect};

/// Where everything is.
#[derive(Debug, Default, Clone)]
pub(super) struct Geometry {
    pub width: f64,
    /// The bottom of the lowest box.
    pub bottom: f64,
    pub nodes: Vec<Rect>,
    /// Where lines to a node end: their y at its sides, their x at its top and bottom.
    pub anchors: Vec<Point>,
    /// Where channels are across their direction.
    pub channels: Vec<(f64, f64)>,
    pub regions: Vec<Rect>,
    pub vpcs: Vec<Rect>,
    /// By VPC and column.
    pub zones: Vec<Vec<Rect>>,
    /// On what length lines end at the left and right of nodes.
    pub sides: Vec<f64>,
}

const NOWHERE: Rect = Rect {
    left: 0.0,
    top: 0.0,
    right: 0.0,
    bottom: 0.0,
};

impl Geometry {
    /// Where along its channel an access is.
    pub(super) fn along(&self, access: Access) -> f64 {
        let rect = self.nodes[access.node];
        let corner = 24.0_f64.min(rect.width() / 4.0);
        match (access.side, access.spot) {
            (Side::Left | Side::Right, Spot::Below) => self.anchors[access.node].1 + 5.5,
            (Side::Left | Side::Right, _) => self.anchors[access.node].1,
            (Side::Top | Side::Bottom, Spot::Start) => rect.left + corner,
            (Side::Top | Side::Bottom, Spot::End) => rect.right - corner,
            (Side::Top | Side::Bottom, Spot::Middle | Spot::Anywhere | Spot::Below) => {
                self.anchors[access.node].0
            }
        }
    }
}

/// What lines need.
#[derive(Debug)]
pub(super) struct Room {
    /// The widths of channels.
    pub channels: Vec<f64>,
    /// The heights of nodes in subnets.
    pub chips: Vec<f64>,
}

/// Puts everything in its place; `neighbors` are the nodes that each node is joined with.
pub(super) fn place(
    plan: &Plan,
    channels: &Channels,
    room: &Room,
    neighbors: &[Vec<usize>],
) -> Geometry {
    let mut geometry = Geometry {
        nodes: vec![NOWHERE; plan.nodes.len()],
        anchors: vec![(0.0, 0.0); plan.nodes.len()],
        channels: vec![(0.0, 0.0); room.channels.len()],
        regions: vec![NOWHERE; plan.regions.len()],
        vpcs: vec![NOWHERE; plan.vpcs.len()],
        zones: vec![Vec::new(); plan.vpcs.len()],
        sides: vec![0.0; plan.nodes.len()],
        ..Geometry::default()
    };
    let mut placer = Placer {
        plan,
        channels,
        needs: &room.channels,
        chips: &room.chips,
        neighbors,
        geometry: &mut geometry,
    };
    placer.columns();
    placer.rows();
    geometry
}

struct Placer<'a> {
    plan: &'a Plan,
    channels: &'a Channels,
    needs: &'a [f64],
    chips: &'a [f64],
    neighbors: &'a [Vec<usize>],
    geometry: &'a mut Geometry,
}

impl Placer<'_> {
    fn channel(&mut self, channel: usize, from: f64) -> f64 {
        let to = from + self.needs[channel];
        self.geometry.channels[channel] = (from, to);
        to
    }
}
