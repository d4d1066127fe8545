//! The legend: flows with their ways, and what colors, lines and glyphs mean.

use std::collections::BTreeSet;

use super::draw::{badge, panel};
use super::glyph::glyph;
use super::layout::Layout;
use super::measure::{MARGIN, SUBNET, first_line};
use super::model::{Kind, LinkKind, Tier};
use super::nets::Meaning;
use super::plan::Cell;
use super::style::{RULE, link_name, look, subnet, tier_name};
use crate::report::drawing::lettering::{Lettering, NOTE};
use crate::report::drawing::outline::arrowhead;
use crate::report::drawing::scene::{Point, Rect, Scene};

const ENTRY: Lettering = NOTE.sized(11.5);
/// Height of a row.
const ROW: f64 = 22.0;
/// Length of a sample of a line.
const SAMPLE: f64 = 34.0;
const ENTRY_GAP: f64 = 22.0;

/// What stands before the text of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sample {
    Subnet(Tier),
    Line(LinkKind),
    Thing(Kind),
}

/// Draws the legend below `top`; returns where it ends.
pub(super) fn legend(scene: &mut Scene, layout: &Layout, top: f64) -> f64 {
    let (left, right) = (MARGIN, scene.width - MARGIN);
    scene.line(vec![(left, top), (right, top)], RULE);
    let mut y = top + 12.0 + ROW / 2.0;
    for (number, flow) in layout.nets.flows.iter().enumerate() {
        badge(scene, number, (left + 7.5, y));
        sample(scene, Meaning::Flow(number), (left + 22.0, y));
        let text = left + 22.0 + SAMPLE + 10.0;
        let name = first_line(SUBNET, &flow.name, 340.0);
        scene.text((text, y + SUBNET.middle()), &name, SUBNET);
        let after = text + SUBNET.width(&name) + 12.0;
        let way = first_line(ENTRY, &flow.way, right - after);
        scene.text((after, y + ENTRY.middle()), &way, ENTRY);
        y += ROW;
    }
    if layout.nets.others > 0 {
        sample(scene, Meaning::OtherFlows, (left + 22.0, y));
        let text = match layout.nets.others {
            1 => "1 more flow".to_owned(),
            others => format!("{others} more flows"),
        };
        let at = (left + 22.0 + SAMPLE + 10.0, y + ENTRY.middle());
        scene.text(at, &text, ENTRY);
        y += ROW;
    }
    if !layout.nets.flows.is_empty() {
        y += 6.0;
    }
    let mut x = left;
    for entry in entries(layout) {
        let (before, text) = match entry {
            Sample::Subnet(tier) => (22.0, tier_name(tier)),
            Sample::Line(kind) => (SAMPLE, link_name(kind)),
            Sample::Thing(kind) => (16.0, kind.noun()),
        };
        let width = before + 7.0 + ENTRY.width(text);
        if x > left && x + width > right {
            x = left;
            y += ROW;
        }
        match entry {
            Sample::Subnet(tier) => swatch(scene, tier, (x, y)),
            Sample::Line(kind) => sample(scene, Meaning::Link(kind), (x, y)),
            Sample::Thing(kind) => glyph(scene, kind, (x + 8.0, y), 16.0),
        }
        scene.text((x + before + 7.0, y + ENTRY.middle()), text, ENTRY);
        x += width + ENTRY_GAP;
    }
    y + ROW / 2.0
}

/// What there is in the picture.
fn entries(layout: &Layout) -> BTreeSet<Sample> {
    let plan = &layout.plan;
    let mut entries = BTreeSet::new();
    let cells = plan.vpcs.iter().flat_map(|vpc| vpc.rows.iter().flatten());
    let mut boxes = BTreeSet::new();
    for cell in cells {
        match cell {
            Cell::Empty => {}
            Cell::More(node) => {
                boxes.insert(*node);
            }
            Cell::Subnet(subnet) => {
                entries.insert(Sample::Subnet(subnet.tier));
                boxes.insert(subnet.node);
            }
        }
    }
    let things = plan.nodes.iter().enumerate();
    let things = things.filter(|(index, _)| !boxes.contains(index));
    entries.extend(things.map(|(_, node)| Sample::Thing(node.kind)));
    entries.remove(&Sample::Thing(Kind::More));
    for wire in &layout.routes.wires {
        if let Meaning::Link(kind) = layout.nets.all[wire.net].meaning {
            entries.insert(Sample::Line(kind));
        }
    }
    let gaps = plan.regions.iter().flat_map(|region| &region.rows);
    if gaps.flat_map(|row| &row.gaps).any(Option::is_some) {
        entries.insert(Sample::Line(LinkKind::Peering));
    }
    entries
}

fn sample(scene: &mut Scene, meaning: Meaning, (x, y): Point) {
    let look = look(meaning);
    let end = x + SAMPLE;
    if look.directed {
        scene.line(vec![(x, y), (end - 5.0, y)], look.stroke);
        scene.polygon(arrowhead((x, y), (end, y), 7.0), look.stroke.color);
    } else {
        scene.line(vec![(x, y), (end, y)], look.stroke);
    }
}

fn swatch(scene: &mut Scene, tier: Tier, (x, y): Point) {
    let rect = Rect {
        left: x,
        top: y - 7.0,
        right: x + 22.0,
        bottom: y + 7.0,
    };
    let (fill, border) = subnet(tier);
    panel(scene, rect, 3.0, fill, border);
}
