//! Everything's left and right.

use super::{NOWHERE, Placer};
use crate::report::diagram::arrange::GAP;
use crate::report::diagram::measure::{CLOSE_GAP, MARGIN, PILL_GAP, SUBNET_PAD, ZONE_PAD};
use crate::report::diagram::pack::pack;
use crate::report::diagram::plan::{Cell, Line};
use crate::report::drawing::scene::Rect;

/// Narrowest page, without margins.
const NARROWEST: f64 = 700.0;
/// Least length of a transit gateway.
const BAR_LENGTH: f64 = 260.0;
/// Widest gap between things on a border.
const WIDE_GAP: f64 = 64.0;

impl Placer<'_> {
    fn vpc_width(&self, vpc: usize) -> f64 {
        let columns = self.channels.vpcs[vpc].columns.iter();
        let lines: f64 = columns.map(|&channel| self.needs[channel]).sum();
        let plan = &self.plan.vpcs[vpc];
        lines + plan.zones.len() as f64 * (plan.column + 2.0 * ZONE_PAD)
    }

    fn gap_width(&self, region: usize, row: usize, gap: usize) -> f64 {
        let lines = self.needs[self.channels.regions[region].rows[row].gaps[gap]];
        match self.plan.regions[region].rows[row].gaps[gap] {
            Some(pill) => lines.max(GAP / 2.0) + self.plan.nodes[pill].width + GAP / 2.0,
            None => lines,
        }
    }

    fn row_width(&self, region: usize, row: usize) -> f64 {
        let plan = &self.plan.regions[region].rows[row];
        let vpcs = plan.vpcs.iter().map(|&vpc| self.vpc_width(vpc));
        let gaps = (0..plan.gaps.len()).map(|gap| self.gap_width(region, row, gap));
        let lines = plan.lines.iter().map(|line| match line {
            Line::Bar(_) => BAR_LENGTH,
            Line::Pills(pills) => self.pills_width(pills),
        });
        lines.fold(vpcs.sum::<f64>() + gaps.sum::<f64>(), f64::max)
    }

    fn pills_width(&self, pills: &[usize]) -> f64 {
        let widths = pills
            .iter()
            .map(|&pill| self.plan.nodes[pill].width + 2.0 * PILL_GAP);
        widths.sum()
    }

    /// Everything's left and right.
    pub(super) fn columns(&mut self) {
        let boxes = |nodes: &[usize]| -> f64 {
            let widths = nodes
                .iter()
                .map(|&node| self.plan.nodes[node].width + PILL_GAP);
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
        let label = start + self.plan.regions[region].label + 14.0;
        for (number, row) in self.plan.regions[region].rows.iter().enumerate() {
            let vpcs: f64 = row.vpcs.iter().map(|&vpc| self.vpc_width(vpc)).sum();
            let gaps = (0..row.gaps.len()).map(|gap| self.gap_width(region, number, gap));
            let mut x = start + (inner - vpcs - gaps.sum::<f64>()) / 2.0;
            for (index, &vpc) in row.vpcs.iter().enumerate() {
                let clear = if number == 0 { label } else { start };
                let from = x;
                x = self.vpc_columns(vpc, x, clear);
                if let Some(pill) = index.checked_sub(1).and_then(|before| row.gaps[before]) {
                    self.put_across(pill, from - GAP / 2.0, self.plan.nodes[pill].width);
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
    pub(super) fn put_across(&mut self, node: usize, right: f64, width: f64) {
        let rect = &mut self.geometry.nodes[node];
        (rect.left, rect.right) = (right - width, right);
        self.geometry.anchors[node].0 = right - width / 2.0;
    }

    /// Puts pills near what they are joined with.
    fn line(&mut self, pills: &[usize], left: f64, right: f64) {
        let widths: Vec<f64> = pills
            .iter()
            .map(|&pill| self.plan.nodes[pill].width)
            .collect();
        self.packed(pills, &widths, 2.0 * PILL_GAP, (left, right));
    }

    pub(super) fn packed(
        &mut self,
        nodes: &[usize],
        widths: &[f64],
        gap: f64,
        (left, right): (f64, f64),
    ) {
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
        let title = left + 12.0 + plan.title + PILL_GAP;
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
            .map(|&pill| self.plan.nodes[pill].width)
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
