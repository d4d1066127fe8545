//! Draws a layout: boxes from the outside in, then lines, then what lines end at.

use super::glyph::glyph;
use super::layout::Layout;
use super::measure::{
    BADGE, BADGES, GLYPH, LARGE_GLYPH, MORE, OUTSIDE, REGION, SMALL, SUBNET, SUBNET_PAD,
    SubnetText, THING, VPC, VPC_BLOCK, ZONE, badges, first_line,
};
use super::plan::{Cell, Line, Node, VpcPlan};
use super::style::{
    BAR_FILL, BOX_BORDER, CHIP_BORDER, CHIP_FILL, MORE_BORDER, PILL_BORDER, REGION_BORDER,
    REGION_FILL, VPC_BORDER, VPC_FILL, ZONE_BORDER, ZONE_FILL, subnet,
};
use super::wires;
use crate::report::drawing::lettering::{Anchor, HEADING, Lettering};
use crate::report::drawing::outline::rounded;
use crate::report::drawing::palette::{Color, LINES, WHITE};
use crate::report::drawing::scene::{Point, Rect, Scene, Stroke};

/// Draws everything but the header and the legend.
pub(super) fn draw(scene: &mut Scene, layout: &Layout) {
    for (index, region) in layout.plan.regions.iter().enumerate() {
        let rect = layout.geometry.regions[index];
        panel(scene, rect, 8.0, REGION_FILL, REGION_BORDER);
        let (_, left) = layout.geometry.channels[layout.channels.regions[index].left];
        scene.text((left + 1.0, rect.top + 20.0), &region.name, REGION);
    }
    for (index, vpc) in layout.plan.vpcs.iter().enumerate() {
        boxes_of_vpc(scene, layout, index, vpc);
    }
    wires::draw(scene, layout);
    for vpc in &layout.plan.vpcs {
        contents_of_vpc(scene, layout, vpc);
    }
    for row in layout.plan.regions.iter().flat_map(|region| &region.rows) {
        for &node in row.gaps.iter().flatten() {
            pill(scene, layout, node);
        }
        for line in &row.lines {
            match line {
                Line::Bar(node) => bar(scene, layout, *node),
                Line::Pills(nodes) => nodes.iter().for_each(|&node| pill(scene, layout, node)),
            }
        }
    }
    for &node in layout.plan.above.iter().chain(&layout.plan.below) {
        outside(scene, layout, node);
    }
}

/// A rounded box with a border.
pub(super) fn panel(scene: &mut Scene, rect: Rect, radius: f64, fill: Color, border: Stroke) {
    let outline = rounded(rect, radius);
    scene.polygon(outline.clone(), fill);
    scene.line(outline, border);
}

fn boxes_of_vpc(scene: &mut Scene, layout: &Layout, index: usize, vpc: &VpcPlan) {
    let geometry = &layout.geometry;
    let rect = geometry.vpcs[index];
    panel(scene, rect, 7.0, VPC_FILL, VPC_BORDER);
    let left = rect.left + 12.0;
    let pills = vpc.top.iter().map(|&node| geometry.nodes[node].left - 8.0);
    let columns = &layout.channels.vpcs[index].columns;
    let (edge, _) = geometry.channels[columns[columns.len() - 1]];
    let width = pills.fold(edge - 4.0, f64::min) - left;
    let name = first_line(VPC, &vpc.name, width);
    scene.text((left, rect.top + 20.0), &name, VPC);
    let blocks = first_line(VPC_BLOCK, &vpc.blocks, width);
    scene.text((left, rect.top + 35.0), &blocks, VPC_BLOCK);
    for (zone, name) in geometry.zones[index].iter().zip(&vpc.zones) {
        if name.is_empty() {
            continue;
        }
        panel(scene, *zone, 6.0, ZONE_FILL, ZONE_BORDER);
        let name = first_line(ZONE, name, zone.width() - 16.0);
        let middle = f64::midpoint(zone.left, zone.right);
        let at = (middle, zone.top + 15.0);
        scene.text(at, &name, ZONE.anchored(Anchor::Middle));
    }
    for cell in vpc.rows.iter().flatten() {
        match cell {
            Cell::Empty => {}
            Cell::More(node) => {
                panel(scene, geometry.nodes[*node], 5.0, ZONE_FILL, MORE_BORDER);
            }
            Cell::Subnet(plan) => {
                let (fill, border) = subnet(plan.tier);
                panel(scene, geometry.nodes[plan.node], 5.0, fill, border);
            }
        }
    }
}

fn contents_of_vpc(scene: &mut Scene, layout: &Layout, vpc: &VpcPlan) {
    for cell in vpc.rows.iter().flatten() {
        match cell {
            Cell::Empty => {}
            Cell::More(node) => more(scene, layout, *node),
            Cell::Subnet(plan) => {
                subnet_text(scene, layout.geometry.nodes[plan.node], &plan.text);
                for &chip in &plan.chips {
                    let rect = layout.geometry.nodes[chip];
                    panel(scene, rect, 4.0, CHIP_FILL, CHIP_BORDER);
                    labelled(scene, &layout.plan.nodes[chip], rect, 4.0);
                }
            }
        }
    }
    for &node in vpc.top.iter().chain(&vpc.bottom) {
        pill(scene, layout, node);
    }
}

fn subnet_text(scene: &mut Scene, rect: Rect, text: &SubnetText) {
    let left = rect.left + SUBNET_PAD;
    let baseline = |line: usize| rect.top + SubnetText::baseline(line);
    scene.text((left, baseline(0)), &text.name, SUBNET);
    let right = (rect.right - SUBNET_PAD, baseline(0));
    scene.text(right, &text.blocks, SMALL.anchored(Anchor::End));
    for (index, line) in text.lines.iter().enumerate() {
        scene.text((left, baseline(index + 1)), line, SMALL);
    }
}

/// Glyph, name, detail and badges of a node that is one line high.
fn labelled(scene: &mut Scene, node: &Node, rect: Rect, pad: f64) {
    let y = f64::midpoint(rect.top, rect.bottom);
    glyph(scene, node.kind, (rect.left + pad + GLYPH / 2.0, y), GLYPH);
    let left = rect.left + pad + GLYPH + 6.0;
    let right = rect.right - badges(node) - 7.0;
    let label = first_line(THING, &node.label, right - left + 0.5);
    scene.text((left, y + THING.middle()), &label, THING);
    let used = left + THING.width(&label) + 8.0;
    if !node.detail.is_empty() && used + SMALL.width(&node.detail) <= right {
        let at = (right, y + SMALL.middle());
        scene.text(at, &node.detail, SMALL.anchored(Anchor::End));
    }
    draw_badges(scene, node, (rect.right - 5.0, y));
}

/// The numbers of the flows that start here, to the left of a point.
fn draw_badges(scene: &mut Scene, node: &Node, (right, y): Point) {
    let rows = node.starts.chunks(BADGES);
    let top = y - (rows.len() as f64 - 1.0) * BADGE / 2.0;
    for (row, flows) in rows.enumerate() {
        for (index, &flow) in flows.iter().rev().enumerate() {
            let x = right - 7.5 - index as f64 * BADGE;
            badge(scene, flow, (x, top + row as f64 * BADGE));
        }
    }
}

/// The number of a flow, from 1.
pub(super) fn badge(scene: &mut Scene, flow: usize, center: Point) {
    const DIGIT: Lettering = HEADING.sized(10.0).colored(WHITE).anchored(Anchor::Middle);
    scene.circle(center, 7.5, LINES[flow % LINES.len()]);
    let at = (center.0, center.1 + DIGIT.middle());
    scene.text(at, &(flow + 1).to_string(), DIGIT);
}

fn pill(scene: &mut Scene, layout: &Layout, node: usize) {
    let rect = layout.geometry.nodes[node];
    let node = &layout.plan.nodes[node];
    if node.label.is_empty() {
        let center = (
            f64::midpoint(rect.left, rect.right),
            f64::midpoint(rect.top, rect.bottom),
        );
        if rect.width() > rect.height() {
            panel(scene, rect, rect.height() / 2.0, WHITE, PILL_BORDER);
        } else {
            scene.circle(center, GLYPH / 2.0 + 2.5, WHITE);
        }
        glyph(scene, node.kind, center, GLYPH);
        return;
    }
    panel(scene, rect, rect.height() / 2.0, WHITE, PILL_BORDER);
    labelled(scene, node, rect, 4.0);
}

fn more(scene: &mut Scene, layout: &Layout, node: usize) {
    let rect = layout.geometry.nodes[node];
    let node = &layout.plan.nodes[node];
    let label = first_line(MORE, &node.label, rect.width() - 12.0 - badges(node));
    let y = f64::midpoint(rect.top, rect.bottom);
    scene.text((rect.left + 9.0, y + MORE.middle()), &label, MORE);
    draw_badges(scene, node, (rect.right - 5.0, y));
}

fn bar(scene: &mut Scene, layout: &Layout, node: usize) {
    let rect = layout.geometry.nodes[node];
    let node = &layout.plan.nodes[node];
    panel(scene, rect, rect.height() / 2.0, BAR_FILL, PILL_BORDER);
    let label = first_line(OUTSIDE, &node.label, rect.width() - 60.0 - badges(node));
    let width = 22.0 + 8.0 + OUTSIDE.width(&label);
    let middle = (
        f64::midpoint(rect.left, rect.right),
        f64::midpoint(rect.top, rect.bottom),
    );
    let left = middle.0 - width / 2.0;
    glyph(scene, node.kind, (left + 11.0, middle.1), 22.0);
    scene.text((left + 30.0, middle.1 + OUTSIDE.middle()), &label, OUTSIDE);
    draw_badges(scene, node, (rect.right - 10.0, middle.1));
}

fn outside(scene: &mut Scene, layout: &Layout, node: usize) {
    let rect = layout.geometry.nodes[node];
    let node = &layout.plan.nodes[node];
    panel(scene, rect, 7.0, WHITE, BOX_BORDER);
    let room = rect.width() - LARGE_GLYPH - 32.0 - badges(node);
    let label = first_line(OUTSIDE, &node.label, room + 1.0);
    let detail = first_line(SMALL, &node.detail, room + 1.0);
    let text = OUTSIDE.width(&label).max(SMALL.width(&detail));
    let width = LARGE_GLYPH + 8.0 + text;
    let y = f64::midpoint(rect.top, rect.bottom);
    let middle = f64::midpoint(rect.left, rect.right - badges(node));
    let left = middle - width / 2.0;
    glyph(scene, node.kind, (left + LARGE_GLYPH / 2.0, y), LARGE_GLYPH);
    let text = left + LARGE_GLYPH + 8.0;
    if detail.is_empty() {
        scene.text((text, y + OUTSIDE.middle()), &label, OUTSIDE);
    } else {
        scene.text((text, y - 2.5), &label, OUTSIDE);
        scene.text((text, y + 11.5), &detail, SMALL);
    }
    draw_badges(scene, node, (rect.right - 8.0, y));
}
