//! Coordinates of boxes, nodes and channels, given how wide the channels are.

use super::arrange::GAP;
use super::channels::{Access, Channels, Side, Spot};
use super::measure::{
    BAR, BOX, CHIP_GAP, CLOSE_GAP, MARGIN, PILL, PILL_GAP, REGION, REGION_HEADER, SUBNET_PAD,
    SubnetText, VPC_HEADER, ZONE_HEADER, ZONE_PAD, box_width, pill_width, subnet_height,
    title_width,
};
use super::model::Kind;
use super::pack::pack;
use super::plan::{Cell, Line, Plan};
use crate::report::drawing::scene::{Point, Rect};

/// Narrowest page, without margins.
const NARROWEST: f64 = 700.0;
/// Between the last channel of a VPC or Region and its border.
const FOOT: f64 = 10.0;
/// Widest gap between things on a border.
const WIDE_GAP: f64 = 64.0;

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
    /// What the nodes of subnets say.
    pub texts: Vec<Option<SubnetText>>,
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
        texts: vec![None; plan.nodes.len()],
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
    placer.texts();
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
    /// What subnets say at their width.
    fn texts(&mut self) {
        for vpc in &self.plan.vpcs {
            for cell in vpc.rows.iter().flatten() {
                if let Cell::Subnet(subnet) = cell {
                    let name = &self.plan.nodes[subnet.node].label;
                    let text = SubnetText::new(name, subnet, vpc.column);
                    self.geometry.texts[subnet.node] = Some(text);
                }
            }
        }
    }

    fn channel(&mut self, channel: usize, from: f64) -> f64 {
        let to = from + self.needs[channel];
        self.geometry.channels[channel] = (from, to);
        to
    }

    fn vpc_width(&self, vpc: usize) -> f64 {
        let columns = self.channels.vpcs[vpc].columns.iter();
        let lines: f64 = columns.map(|&channel| self.needs[channel]).sum();
        let plan = &self.plan.vpcs[vpc];
        lines + plan.zones.len() as f64 * (plan.column + 2.0 * ZONE_PAD)
    }

    fn gap_width(&self, region: usize, row: usize, gap: usize) -> f64 {
        let lines = self.needs[self.channels.regions[region].rows[row].gaps[gap]];
        match self.plan.regions[region].rows[row].gaps[gap] {
            Some(pill) => lines.max(GAP / 2.0) + pill_width(&self.plan.nodes[pill]) + GAP / 2.0,
            None => lines,
        }
    }

    fn row_width(&self, region: usize, row: usize) -> f64 {
        let plan = &self.plan.regions[region].rows[row];
        let vpcs = plan.vpcs.iter().map(|&vpc| self.vpc_width(vpc));
        let gaps = (0..plan.gaps.len()).map(|gap| self.gap_width(region, row, gap));
        let lines = plan.lines.iter().map(|line| match line {
            Line::Bar(_) => 260.0,
            Line::Pills(pills) => self.pills_width(pills),
        });
        lines.fold(vpcs.sum::<f64>() + gaps.sum::<f64>(), f64::max)
    }

    fn pills_width(&self, pills: &[usize]) -> f64 {
        let widths = pills
            .iter()
            .map(|&pill| pill_width(&self.plan.nodes[pill]) + 2.0 * PILL_GAP);
        widths.sum()
    }

    /// Everything's left and right.
    fn columns(&mut self) {
        let boxes = |nodes: &[usize]| -> f64 {
            let widths = nodes
                .iter()
                .map(|&node| box_width(&self.plan.nodes[node]) + PILL_GAP);
            widths.sum()
        };
        let inner: Vec<f64> = (0..self.plan.regions.len())
            .map(|region| {
                let rows = 0..self.plan.regions[region].rows.len();
                rows.map(|row| self.row_width(region, row))
                    .fold(200.0, f64::max)
            })
            .collect();
        let sides = |region: usize| {
            let channels = &self.channels.regions[region];
            self.needs[channels.left] + self.needs[channels.right]
        };
        let widest = inner
            .iter()
            .enumerate()
            .map(|(region, width)| width + sides(region));
        let content = widest
            .chain([boxes(&self.plan.above), boxes(&self.plan.below)])
            .fold(NARROWEST, f64::max);
        self.geometry.width = content + 2.0 * MARGIN;
        for (region, inner) in inner.into_iter().enumerate() {
            let left = MARGIN + (content - inner - sides(region)) / 2.0;
            self.region_columns(region, left, inner);
        }
    }

    fn region_columns(&mut self, region: usize, left: f64, inner: f64) {
        let channels = &self.channels.regions[region];
        let start = self.channel(channels.left, left);
        let right = self.channel(channels.right, start + inner);
        self.geometry.regions[region] = Rect {
            left,
            right,
            ..NOWHERE
        };
        let label = start + REGION.width(&self.plan.regions[region].name) + 14.0;
        for (number, row) in self.plan.regions[region].rows.iter().enumerate() {
            let vpcs: f64 = row.vpcs.iter().map(|&vpc| self.vpc_width(vpc)).sum();
            let gaps = (0..row.gaps.len()).map(|gap| self.gap_width(region, number, gap));
            let mut x = start + (inner - vpcs - gaps.sum::<f64>()) / 2.0;
            for (index, &vpc) in row.vpcs.iter().enumerate() {
                let clear = if number == 0 { label } else { start };
                let from = x;
                x = self.vpc_columns(vpc, x, clear);
                if let Some(pill) = index.checked_sub(1).and_then(|before| row.gaps[before]) {
                    self.put_across(pill, from - GAP / 2.0, pill_width(&self.plan.nodes[pill]));
                }
                if let Some(&gap) = channels.rows[number].gaps.get(index) {
                    self.channel(gap, x);
                    x += self.gap_width(region, number, index);
                }
            }
            for line in &row.lines {
                match line {
                    Line::Bar(node) => self.put_across(*node, start + inner, inner),
                    Line::Pills(pills) => self.line(pills, start, start + inner),
                }
            }
        }
    }

    /// Gives a node its right side and its width.
    fn put_across(&mut self, node: usize, right: f64, width: f64) {
        let rect = &mut self.geometry.nodes[node];
        (rect.left, rect.right) = (right - width, right);
        self.geometry.anchors[node].0 = right - width / 2.0;
    }

    /// Puts pills near what they are joined with.
    fn line(&mut self, pills: &[usize], left: f64, right: f64) {
        let widths: Vec<f64> = pills
            .iter()
            .map(|&pill| pill_width(&self.plan.nodes[pill]))
            .collect();
        self.packed(pills, &widths, 2.0 * PILL_GAP, (left, right));
    }

    fn packed(&mut self, nodes: &[usize], widths: &[f64], gap: f64, (left, right): (f64, f64)) {
        let wanted: Vec<f64> = nodes
            .iter()
            .map(|&node| {
                let joined = &self.neighbors[node];
                let opposite: Vec<usize> = joined
                    .iter()
                    .copied()
                    .filter(|n| self.plan.at_border.contains(n))
                    .collect();
                let sum: f64 = opposite.iter().map(|&n| self.geometry.anchors[n].0).sum();
                match (joined.len(), opposite.len()) {
                    (0, _) => f64::midpoint(left, right),
                    // Lines from inside a VPC come round its side.
                    (_, 0) => right,
                    (_, count) => sum / count as f64,
                }
            })
            .collect();
        let lefts = pack(&wanted, widths, gap, (left, right));
        for ((&node, left), width) in nodes.iter().zip(lefts).zip(widths) {
            self.put_across(node, left + width, *width);
        }
    }

    /// Returns the right side of the VPC. What is on its upper border stands right of `clear`.
    fn vpc_columns(&mut self, vpc: usize, left: f64, clear: f64) -> f64 {
        let plan = &self.plan.vpcs[vpc];
        let channels = &self.channels.vpcs[vpc];
        let mut x = left;
        let last = plan.zones.len();
        for column in 0..=last {
            x = self.channel(channels.columns[column], x);
            if column == last {
                break;
            }
            let right = x + plan.column + 2.0 * ZONE_PAD;
            self.geometry.zones[vpc].push(Rect {
                left: x,
                right,
                ..NOWHERE
            });
            for row in &plan.rows {
                self.cell_columns(&row[column], right - ZONE_PAD, plan.column);
            }
            x = right;
        }
        self.geometry.vpcs[vpc] = Rect {
            left,
            right: x,
            ..NOWHERE
        };
        let [first, last] = [channels.columns[0], channels.columns[last]];
        let (start, end) = (
            self.geometry.channels[first].1,
            self.geometry.channels[last].0 - 4.0,
        );
        let title = left + 12.0 + title_width(&plan.name, &plan.blocks) + PILL_GAP;
        self.border(&plan.top, title.max(clear), end, f64::midpoint(left, x));
        self.border(&plan.bottom, start + 4.0, end, f64::midpoint(left, x));
        x
    }

    fn cell_columns(&mut self, cell: &Cell, right: f64, width: f64) {
        match cell {
            Cell::Empty => {}
            Cell::More(node) => self.put_across(*node, right, width),
            Cell::Subnet(subnet) => {
                self.put_across(subnet.node, right, width);
                for &chip in &subnet.chips {
                    self.put_across(chip, right - SUBNET_PAD, width - 2.0 * SUBNET_PAD);
                }
            }
        }
    }

    /// Spreads pills on a border around its middle.
    fn border(&mut self, pills: &[usize], left: f64, right: f64, middle: f64) {
        let widths: Vec<f64> = pills
            .iter()
            .map(|&pill| pill_width(&self.plan.nodes[pill]))
            .collect();
        let total: f64 = widths.iter().sum();
        let room = (right - left - total) / pills.len().max(1) as f64;
        let gap = room.clamp(CLOSE_GAP, WIDE_GAP);
        let all = total + gap * pills.len().saturating_sub(1) as f64;
        let mut x = (middle - all / 2.0).min(right - all).max(left);
        for (&pill, width) in pills.iter().zip(widths) {
            self.put_across(pill, x + width, width);
            x += width + gap;
        }
    }
}

/// The second half: everything's top and bottom.
impl Placer<'_> {
    fn rows(&mut self) {
        let (left, right) = (MARGIN, self.geometry.width - MARGIN);
        let mut y = 0.0;
        if !self.plan.above.is_empty() {
            self.outside(&self.plan.above, (left, right), y);
            y += BOX;
        }
        for region in 0..self.plan.regions.len() {
            y = self.channel(self.channels.between[region], y);
            y = self.region_rows(region, y);
        }
        if !self.plan.below.is_empty() {
            let last = self.channels.between[self.plan.regions.len()];
            y = self.channel(last, y);
            self.outside(&self.plan.below, (left, right), y);
            y += BOX;
        }
        self.geometry.bottom = y;
    }

    /// Puts things outside VPCs near what they are joined with; the internet reaches as far as its
    /// gateways.
    fn outside(&mut self, nodes: &[usize], (left, right): (f64, f64), top: f64) {
        let widths: Vec<f64> = nodes
            .iter()
            .map(|&node| box_width(&self.plan.nodes[node]))
            .collect();
        self.packed(nodes, &widths, PILL_GAP, (left, right));
        for &node in nodes {
            self.put_along(node, top, BOX);
        }
        let mut order = nodes.to_vec();
        order.sort_by(|&a, &b| {
            self.geometry.nodes[a]
                .left
                .total_cmp(&self.geometry.nodes[b].left)
        });
        for (index, &node) in order.iter().enumerate() {
            if self.plan.nodes[node].kind != Kind::Internet {
                continue;
            }
            let joined = self.neighbors[node]
                .iter()
                .map(|&n| self.geometry.anchors[n].0);
            let (least, most) = joined.fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(x), b.max(x)));
            let before = index.checked_sub(1).map_or(left, |before| {
                self.geometry.nodes[order[before]].right + PILL_GAP
            });
            let after = order
                .get(index + 1)
                .map_or(right, |&after| self.geometry.nodes[after].left - PILL_GAP);
            let rect = &mut self.geometry.nodes[node];
            rect.left = rect.left.min((least - 40.0).max(before));
            rect.right = rect.right.max((most + 40.0).min(after));
            self.geometry.anchors[node].0 = f64::midpoint(rect.left, rect.right);
        }
    }

    fn put_along(&mut self, node: usize, top: f64, height: f64) {
        let rect = &mut self.geometry.nodes[node];
        (rect.top, rect.bottom) = (top, top + height);
        self.geometry.anchors[node].1 = top + height / 2.0;
    }

    fn region_rows(&mut self, region: usize, top: f64) -> f64 {
        let mut y = top + REGION_HEADER;
        for (number, row) in self.plan.regions[region].rows.iter().enumerate() {
            let channels = &self.channels.regions[region].rows[number];
            let heights = row.vpcs.iter().map(|&vpc| self.vpc_height(vpc));
            let height = heights.fold(0.0, f64::max);
            for &vpc in &row.vpcs {
                self.vpc_rows(vpc, y, height);
            }
            for &pill in row.gaps.iter().flatten() {
                self.put_along(pill, y + (height - PILL) / 2.0, PILL);
            }
            y = self.channel(channels.below[0], y + height + PILL / 2.0);
            let last = self.channels.between[region + 1];
            for (line, &below) in row.lines.iter().zip(&channels.below[1..]) {
                let (nodes, height) = match line {
                    Line::Bar(node) => (std::slice::from_ref(node), BAR),
                    Line::Pills(pills) => (pills.as_slice(), PILL),
                };
                for &node in nodes {
                    self.put_along(node, y, height);
                }
                y += height;
                if below != last {
                    y = self.channel(below, y);
                }
            }
            y += PILL / 2.0;
        }
        let rect = &mut self.geometry.regions[region];
        (rect.top, rect.bottom) = (top, y);
        y
    }

    fn cell_height(&self, cell: &Cell) -> f64 {
        match cell {
            Cell::Empty => 0.0,
            Cell::More(_) => BAR,
            Cell::Subnet(subnet) => match &self.geometry.texts[subnet.node] {
                Some(text) => {
                    subnet_height(text, subnet.chips.iter().map(|&chip| self.chips[chip]))
                }
                None => 0.0,
            },
        }
    }

    fn row_height(&self, row: &[Cell]) -> f64 {
        row.iter()
            .map(|cell| self.cell_height(cell))
            .fold(0.0, f64::max)
    }

    fn vpc_height(&self, vpc: usize) -> f64 {
        let rows = self.plan.vpcs[vpc]
            .rows
            .iter()
            .map(|row| self.row_height(row));
        let channels = self.channels.vpcs[vpc].rows.iter();
        let lines: f64 = channels.map(|&channel| self.needs[channel]).sum();
        VPC_HEADER + lines + ZONE_HEADER + rows.sum::<f64>() + ZONE_PAD + FOOT
    }

    fn vpc_rows(&mut self, vpc: usize, top: f64, height: f64) {
        let plan = &self.plan.vpcs[vpc];
        let channels = &self.channels.vpcs[vpc].rows;
        let zone_top = self.channel(channels[0], top + VPC_HEADER);
        let mut y = zone_top + ZONE_HEADER;
        for (number, row) in plan.rows.iter().enumerate() {
            if number > 0 {
                y = self.channel(channels[number], y);
            }
            let height = self.row_height(row);
            for cell in row {
                self.cell_rows(cell, y, height);
            }
            y += height;
        }
        let last = channels[plan.rows.len()];
        let zone_bottom = top + height - FOOT - self.needs[last];
        self.channel(last, zone_bottom);
        for zone in &mut self.geometry.zones[vpc] {
            (zone.top, zone.bottom) = (zone_top, zone_bottom);
        }
        let rect = &mut self.geometry.vpcs[vpc];
        (rect.top, rect.bottom) = (top, top + height);
        for (nodes, y) in [(&plan.top, top), (&plan.bottom, top + height)] {
            for &node in nodes {
                self.put_along(node, y - PILL / 2.0, PILL);
            }
        }
    }

    fn cell_rows(&mut self, cell: &Cell, top: f64, height: f64) {
        match cell {
            Cell::Empty => {}
            Cell::More(node) => self.put_along(*node, top, BAR),
            Cell::Subnet(subnet) => {
                self.put_along(subnet.node, top, height);
                let Some(text) = &self.geometry.texts[subnet.node] else {
                    return;
                };
                self.geometry.anchors[subnet.node].1 = top + text.anchor();
                let mut y = top + text.height() + 2.0;
                for &chip in &subnet.chips {
                    self.put_along(chip, y, self.chips[chip]);
                    y += self.chips[chip] + CHIP_GAP;
                }
            }
        }
    }
}
