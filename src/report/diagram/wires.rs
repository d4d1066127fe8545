//! Draws lines: links first, flows above them.

use std::collections::BTreeSet;

use super::layout::Layout;
use super::nets::Meaning;
use super::route::{End, Wire};
use super::style::{Look, look};
use crate::report::drawing::outline::{arrowhead, smooth, towards};
use crate::report::drawing::palette::WHITE;
use crate::report::drawing::scene::{Point, Rect, Scene, Stroke};

/// Radius of the corners of lines.
const CORNER: f64 = 6.0;

/// Draws every line.
pub(super) fn draw(scene: &mut Scene, layout: &Layout) {
    gap_peerings(scene, layout);
    let meaning = |wire: &Wire| layout.nets.all[wire.net].meaning;
    let wires = || layout.routes.wires.iter().zip(&layout.traces);
    let meanings: BTreeSet<Meaning> = layout.routes.wires.iter().map(meaning).collect();
    let (flows, links): (Vec<Meaning>, Vec<Meaning>) = meanings
        .into_iter()
        .partition(|meaning| !matches!(meaning, Meaning::Link(_)));
    // Other flows come last in the order; they belong below those with colors.
    for meaning_drawn in links.into_iter().chain(flows.into_iter().rev()) {
        let look = look(meaning_drawn);
        for (wire, trace) in wires().filter(|(wire, _)| meaning(wire) == meaning_drawn) {
            line(scene, layout, wire, &trace.points, look);
        }
    }
}

/// The lines of peering connections in gaps between VPCs, which need no channel.
fn gap_peerings(scene: &mut Scene, layout: &Layout) {
    let look = look(Meaning::Link(super::model::LinkKind::Peering));
    for row in layout.plan.regions.iter().flat_map(|region| &region.rows) {
        for (pair, gap) in row.vpcs.windows(2).zip(&row.gaps) {
            let Some(pill) = *gap else { continue };
            let y = layout.geometry.anchors[pill].1;
            let Rect { left, right, .. } = layout.geometry.nodes[pill];
            let [before, after] = [pair[0], pair[1]].map(|vpc| layout.geometry.vpcs[vpc]);
            scene.line(vec![(before.right, y), (left, y)], look.stroke);
            scene.line(vec![(right, y), (after.left, y)], look.stroke);
        }
    }
}

fn line(scene: &mut Scene, layout: &Layout, wire: &Wire, points: &[Point], look: Look) {
    let mut points = simplified(points);
    if points.len() < 2 {
        return;
    }
    let net = &layout.nets.all[wire.net];
    let node = |access: usize| layout.channels.access[access].node;
    // What stands on a border without a name is passed, not reached.
    let is_target = |access: usize| {
        net.to.contains(&node(access)) && !layout.plan.nodes[node(access)].label.is_empty()
    };
    let flow = !matches!(net.meaning, Meaning::Link(_));
    let size = if flow { 9.0 } else { 6.5 };
    let mut heads = Vec::new();
    if look.directed && is_target(wire.start) {
        heads.push(arrowhead(points[1], points[0], size));
        points[0] = towards(points[0], points[1], size * 0.7);
    }
    let last = points.len() - 1;
    match wire.end {
        End::Node(access) if look.directed && is_target(access) => {
            heads.push(arrowhead(points[last - 1], points[last], size));
            points[last] = towards(points[last], points[last - 1], size * 0.7);
        }
        End::Node(_) | End::Junction => {}
    }
    let course = smooth(&points, CORNER);
    if flow {
        scene.line(
            course.clone(),
            Stroke::solid(WHITE, look.stroke.width + 2.4),
        );
    }
    scene.line(course, look.stroke);
    for head in heads {
        scene.polygon(head, look.stroke.color);
    }
}

/// Without points that are twice there or lie on the way between their neighbors.
pub(super) fn simplified(points: &[Point]) -> Vec<Point> {
    let mut simple: Vec<Point> = Vec::with_capacity(points.len());
    for &point in points {
        let same = |a: Point, b: Point| (a.0 - b.0).abs() < 0.05 && (a.1 - b.1).abs() < 0.05;
        if simple.last().is_some_and(|&last| same(last, point)) {
            continue;
        }
        if let [.., a, b] = simple[..] {
            let straight = |a: f64, b: f64, c: f64| (a - b).abs() < 0.05 && (b - c).abs() < 0.05;
            if straight(a.0, b.0, point.0) || straight(a.1, b.1, point.1) {
                simple.pop();
            }
        }
        simple.push(point);
    }
    simple
}
