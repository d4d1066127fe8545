//! Where lines may run: channels beside columns and rows and between boxes, where they cross, and
//! which of them a node can be reached from. Lines run nowhere else, so none crosses a text.

use super::arrange::{GAP, GUTTER, SIDE};
use super::model::Kind;
use super::plan::{Cell, Line, Plan};
use crate::report::drawing::scene::Point;

/// The direction of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Vertical,
    Horizontal,
}

impl Axis {
    /// The coordinate of a point along channels of this axis.
    pub(super) const fn along(self, (x, y): Point) -> f64 {
        match self {
            Self::Vertical => y,
            Self::Horizontal => x,
        }
    }

    /// The coordinate of a point across channels of this axis.
    pub(super) const fn across(self, (x, y): Point) -> f64 {
        match self {
            Self::Vertical => x,
            Self::Horizontal => y,
        }
    }
}

/// A strip of the page that belongs to lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Channel {
    pub axis: Axis,
    /// Its width without lines.
    pub bare: f64,
    /// Its width with a few lines.
    pub least: f64,
}

/// The side of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

/// A way to reach a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access {
    pub node: usize,
    pub channel: usize,
    /// The side of the node that faces the channel.
    pub side: Side,
    pub spot: Spot,
}

/// Where on a side lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    Middle,
    /// Near the left end.
    Start,
    /// Near the right end.
    End,
    /// Below the middle, which something else takes.
    Below,
    /// Wherever something stands exactly opposite.
    Anywhere,
}

/// Channels of a VPC.
#[derive(Debug)]
pub(super) struct VpcChannels {
    /// Before each column, and after the last.
    pub columns: Vec<usize>,
    /// Above each row, and below the last.
    pub rows: Vec<usize>,
}

/// Channels around a row of VPCs.
#[derive(Debug)]
pub(super) struct RowChannels {
    /// Between VPCs.
    pub gaps: Vec<usize>,
    /// Below the VPCs, and below each line of things below them.
    pub below: Vec<usize>,
}

/// Channels of a Region.
#[derive(Debug)]
pub(super) struct RegionChannels {
    pub left: usize,
    pub right: usize,
    pub rows: Vec<RowChannels>,
}

/// All channels of a page.
#[derive(Debug, Default)]
pub(super) struct Channels {
    pub all: Vec<Channel>,
    /// A vertical and a horizontal channel each.
    pub crossings: Vec<(usize, usize)>,
    pub access: Vec<Access>,
    /// Above each Region, and below the last.
    pub between: Vec<usize>,
    pub regions: Vec<RegionChannels>,
    pub vpcs: Vec<VpcChannels>,
}

impl Channels {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut channels = Self::default();
        for vpc in 0..plan.vpcs.len() {
            channels.add_vpc(plan, vpc);
        }
        let count = plan.regions.len().max(1);
        channels.between = (0..=count)
            .map(|index| {
                let edge = if index == 0 { &plan.above } else { &plan.below };
                let bare = if (index == 0 || index == count) && edge.is_empty() {
                    0.0
                } else {
                    26.0
                };
                channels.add(Axis::Horizontal, bare, 26.0)
            })
            .collect();
        for region in 0..plan.regions.len() {
            channels.add_region(plan, region);
        }
        let [first, last] = [0, count].map(|index| channels.between[index]);
        for &node in &plan.above {
            let spots = if plan.nodes[node].kind == Kind::Internet {
                [Spot::Start, Spot::End].as_slice()
            } else {
                &[Spot::Middle]
            };
            for &spot in spots.iter().chain(&[Spot::Anywhere]) {
                channels.reach(node, first, Side::Bottom, spot);
            }
        }
        for &node in &plan.below {
            channels.reach(node, last, Side::Top, Spot::Middle);
            channels.reach(node, last, Side::Top, Spot::Anywhere);
        }
        channels
    }

    fn add(&mut self, axis: Axis, bare: f64, least: f64) -> usize {
        self.all.push(Channel { axis, bare, least });
        self.all.len() - 1
    }

    fn reach(&mut self, node: usize, channel: usize, side: Side, spot: Spot) {
        self.access.push(Access {
            node,
            channel,
            side,
            spot,
        });
    }

    fn add_vpc(&mut self, plan: &Plan, index: usize) {
        let vpc = &plan.vpcs[index];
        let zones = vpc.zones.len();
        let columns: Vec<usize> = (0..=zones)
            .map(|column| {
                let side = column == 0 || column == zones;
                let width = if side { SIDE } else { GUTTER };
                self.add(Axis::Vertical, width, width)
            })
            .collect();
        let rows: Vec<usize> = (0..=vpc.rows.len())
            .map(|row| {
                let end = row == 0 || row == vpc.rows.len();
                let width = if end { 14.0 } else { 16.0 };
                self.add(Axis::Horizontal, width, width)
            })
            .collect();
        for &column in &columns {
            self.crossings.extend(rows.iter().map(|&row| (column, row)));
        }
        for cells in &vpc.rows {
            for (column, cell) in cells.iter().enumerate() {
                let nodes = match cell {
                    Cell::Empty => Vec::new(),
                    Cell::More(node) => vec![*node],
                    Cell::Subnet(subnet) => {
                        let own = [subnet.node].into_iter();
                        own.chain(subnet.chips.iter().copied()).collect()
                    }
                };
                for node in nodes {
                    self.reach(node, columns[column], Side::Left, Spot::Middle);
                    self.reach(node, columns[column + 1], Side::Right, Spot::Middle);
                }
            }
        }
        for &node in &vpc.top {
            self.reach(node, rows[0], Side::Bottom, Spot::Middle);
        }
        for &node in &vpc.bottom {
            self.reach(node, rows[vpc.rows.len()], Side::Top, Spot::Middle);
        }
        self.vpcs.push(VpcChannels { columns, rows });
    }

    fn add_region(&mut self, plan: &Plan, region: usize) {
        let left = self.add(Axis::Vertical, SIDE, SIDE);
        let right = self.add(Axis::Vertical, SIDE, SIDE);
        let outer = [self.between[region], self.between[region + 1]];
        let mut above = outer[0];
        let mut rows = Vec::new();
        let mut inner = Vec::new();
        let count = plan.regions[region].rows.len();
        for (number, row) in plan.regions[region].rows.iter().enumerate() {
            let mut below = vec![self.add(Axis::Horizontal, 8.0, 26.0)];
            let gaps: Vec<usize> = row
                .gaps
                .iter()
                .map(|_| self.add(Axis::Vertical, GAP, GAP))
                .collect();
            for &gap in &gaps {
                self.crossings.extend([(gap, above), (gap, below[0])]);
            }
            for &vpc in &row.vpcs {
                self.join(plan, vpc, above, below[0]);
            }
            for (pair, pill) in row.vpcs.windows(2).zip(&row.gaps) {
                if let Some(pill) = *pill {
                    let last = self.vpcs[pair[0]].columns.len() - 1;
                    self.reach(
                        pill,
                        self.vpcs[pair[0]].columns[last],
                        Side::Left,
                        Spot::Below,
                    );
                    self.reach(
                        pill,
                        self.vpcs[pair[1]].columns[0],
                        Side::Right,
                        Spot::Below,
                    );
                }
            }
            for (index, line) in row.lines.iter().enumerate() {
                let last = number + 1 == count && index + 1 == row.lines.len();
                let upper = below[below.len() - 1];
                below.push(self.add_line(line, upper, last.then_some(outer[1]), [left, right]));
            }
            above = below[below.len() - 1];
            inner.extend(below.iter().filter(|channel| !outer.contains(channel)));
            rows.push(RowChannels { gaps, below });
        }
        for side in [left, right] {
            let all = inner.iter().chain(&outer);
            self.crossings.extend(all.map(|&channel| (side, channel)));
        }
        self.regions.push(RegionChannels { left, right, rows });
    }

    /// Joins what stands in a line below a row with the channels around it; returns that below,
    /// which is `outer` for the last transit gateway of a Region.
    fn add_line(
        &mut self,
        line: &Line,
        upper: usize,
        outer: Option<usize>,
        [left, right]: [usize; 2],
    ) -> usize {
        match line {
            Line::Bar(node) => {
                let next = outer.unwrap_or_else(|| self.add(Axis::Horizontal, 20.0, 26.0));
                self.reach(*node, upper, Side::Top, Spot::Anywhere);
                self.reach(*node, next, Side::Bottom, Spot::Anywhere);
                self.reach(*node, left, Side::Left, Spot::Middle);
                self.reach(*node, right, Side::Right, Spot::Middle);
                next
            }
            Line::Pills(nodes) => {
                let next = self.add(Axis::Horizontal, 8.0, 26.0);
                for &node in nodes {
                    self.reach(node, upper, Side::Top, Spot::Middle);
                    self.reach(node, next, Side::Bottom, Spot::Middle);
                }
                next
            }
        }
    }

    /// Joins the channels of a VPC with those around its row: its border is crossed at its sides,
    /// and by what stands on it.
    fn join(&mut self, plan: &Plan, vpc: usize, above: usize, below: usize) {
        let columns = &self.vpcs[vpc].columns;
        let (first, last) = (columns[0], columns[columns.len() - 1]);
        self.crossings
            .extend([(first, below), (last, below), (last, above)]);
        for &node in &plan.vpcs[vpc].top {
            self.reach(node, above, Side::Top, Spot::Middle);
        }
        for &node in &plan.vpcs[vpc].bottom {
            self.reach(node, below, Side::Bottom, Spot::Middle);
        }
    }
}
