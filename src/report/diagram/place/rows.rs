//! Everything's top and bottom.

use super::Placer;
use crate::report::diagram::measure::{
    BAR, BOX, CHIP, CHIP_GAP, MARGIN, PILL, PILL_GAP, REGION_HEADER, VPC_HEADER, ZONE_HEADER,
    ZONE_PAD, subnet_height,
};
use crate::report::diagram::model::Kind;
use crate::report::diagram::plan::{Cell, Line};

/// Between the last channel of a VPC and its border.
const FOOT: f64 = 10.0;

impl Placer<'_> {
    pub(super) fn rows(&mut self) {
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
            .map(|&node| self.plan.nodes[node].width)
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
        self.geometry.sides[node] = height;
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
            Cell::Subnet(subnet) => subnet_height(
                &subnet.text,
                subnet.chips.iter().map(|&chip| self.chips[chip]),
            ),
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
                // Lines of a subnet start at what it says about its routes.
                self.geometry.anchors[subnet.node].1 = top + subnet.text.anchor();
                self.geometry.sides[subnet.node] = CHIP;
                let mut y = top + subnet.text.height() + 2.0;
                for &chip in &subnet.chips {
                    self.put_along(chip, y, self.chips[chip]);
                    y += self.chips[chip] + CHIP_GAP;
                }
            }
        }
    }
}
