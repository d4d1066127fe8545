//! What stands beside what, without coordinates: rows of VPCs, rows and columns of subnets, what
//! stands on borders and between VPCs.

use std::collections::{BTreeMap, BTreeSet};

use super::arrange::{Arrangement, arrange};
use super::grid::{Chip, Grid, chips, chips_of};
use super::measure::{self, SubnetText};
use super::model::{Kind, Model, NodeId, Subnet, Thing, Tier, Vpc};

/// Most VPCs.
const MAX_VPCS: usize = 12;
/// Most subnets of all VPCs, unless each needs at least a row.
const MAX_SUBNETS: usize = 72;
/// Most pills of a kind, and of all kinds, at the top of a VPC or the edge of the page.
const MAX_PILLS: usize = 5;
/// Most transit gateways of a Region.
const MAX_BARS: usize = 4;
/// Most peering connections.
const MAX_PEERINGS: usize = 24;
/// Peering connections beside each other between two rows of VPCs.
const PILLS_OF_LINE: usize = 4;

/// Everything that a line can end at.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub label: String,
    pub detail: String,
    /// The VPC it is in or on the border of.
    pub vpc: Option<usize>,
    /// Numbers of the flows that start here.
    pub starts: Vec<usize>,
    /// Its width, unless it is as wide as what it is in.
    pub width: f64,
}

/// A cell of a VPC's grid.
#[derive(Debug)]
pub(super) enum Cell {
    Empty,
    Subnet(SubnetPlan),
    /// The node that stands for all subnets without a cell.
    More(usize),
}

/// A subnet with its own node and those in it.
#[derive(Debug)]
pub(super) struct SubnetPlan {
    pub node: usize,
    pub tier: Tier,
    pub text: SubnetText,
    pub chips: Vec<usize>,
}

/// A VPC.
#[derive(Debug)]
pub(super) struct VpcPlan {
    pub name: String,
    pub blocks: String,
    /// Width of its name and blocks.
    pub title: f64,
    pub zones: Vec<String>,
    /// Width of a column.
    pub column: f64,
    pub rows: Vec<Vec<Cell>>,
    /// Nodes on its upper border.
    pub top: Vec<usize>,
    /// Nodes on its lower border.
    pub bottom: Vec<usize>,
}

/// A Region.
#[derive(Debug)]
pub(super) struct RegionPlan {
    pub name: String,
    /// Width of its name.
    pub label: f64,
    pub rows: Vec<RowPlan>,
}

/// VPCs beside each other.
#[derive(Debug)]
pub(super) struct RowPlan {
    pub vpcs: Vec<usize>,
    /// Peering connections in the gaps between them.
    pub gaps: Vec<Option<usize>>,
    /// What stands below them.
    pub lines: Vec<Line>,
}

/// What stands between two rows of VPCs.
#[derive(Debug)]
pub(super) enum Line {
    /// A transit gateway, as wide as its Region.
    Bar(usize),
    /// Peering connections.
    Pills(Vec<usize>),
}

/// The whole page.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub nodes: Vec<Node>,
    pub vpcs: Vec<VpcPlan>,
    pub regions: Vec<RegionPlan>,
    /// What stands above the Regions.
    pub above: Vec<usize>,
    /// What stands below them.
    pub below: Vec<usize>,
    /// What links and flows refer to.
    joined: BTreeSet<NodeId>,
    /// The nodes that stand for that.
    by_id: BTreeMap<NodeId, usize>,
    /// Where a VPC's border is crossed to reach a transit gateway or peering connection.
    pub ports: BTreeMap<(usize, usize), usize>,
    /// Nodes on borders of VPCs, and transit gateways.
    pub at_border: BTreeSet<usize>,
}

impl Plan {
    pub(super) fn new(model: &Model) -> Self {
        let flows = model.flows.iter().flat_map(|flow| &flow.through);
        let wanted: BTreeSet<&NodeId> = flows.collect();
        let links = model.links.iter();
        let joined = links.flat_map(|link| link.from.iter().chain(&link.to));
        let mut plan = Self {
            joined: joined.chain(wanted.iter().copied()).cloned().collect(),
            ..Self::default()
        };
        let mut shown: Vec<(usize, &Vpc)> = Vec::new();
        let mut hidden: Vec<&Vpc> = Vec::new();
        for (region, written) in model.regions.iter().enumerate() {
            for vpc in &written.vpcs {
                if shown.len() < MAX_VPCS {
                    shown.push((region, vpc));
                } else {
                    hidden.push(vpc);
                }
            }
        }
        let cells = MAX_SUBNETS / shown.len().max(1);
        let grids: Vec<Grid<'_>> = shown
            .iter()
            .map(|(_, vpc)| Grid::new(vpc, cells, &wanted))
            .collect();
        let arrangement = arrange(model, &shown, &grids);
        for (index, ((_, vpc), grid)) in shown.iter().zip(&grids).enumerate() {
            plan.add_vpc(index, vpc, grid, arrangement.columns[index]);
        }
        let vpcs: BTreeMap<&NodeId, usize> =
            shown.iter().map(|(_, vpc)| &vpc.id).zip(0..).collect();
        plan.add_regions(model, &arrangement, &vpcs);
        plan.add_peerings(model, &arrangement, &vpcs);
        plan.add_outside(model);
        plan.add_hidden(&hidden);
        let borders = plan
            .vpcs
            .iter()
            .flat_map(|vpc| vpc.top.iter().chain(&vpc.bottom));
        let nodes = plan.nodes.iter().enumerate();
        let bars = nodes.filter(|(_, node)| node.kind == Kind::TransitGateway);
        plan.at_border = borders
            .copied()
            .chain(bars.map(|(index, _)| index))
            .collect();
        plan
    }

    /// Measures nodes, once it is known which flows start at them and how many lines end there.
    pub(super) fn measure(&mut self, lines: &[usize]) {
        for (node, lines) in self.nodes.iter_mut().zip(lines) {
            node.width = if node.label.is_empty() {
                measure::port_width(*lines)
            } else {
                measure::pill_width(node)
            };
        }
        for &node in self.above.iter().chain(&self.below) {
            self.nodes[node].width = measure::box_width(&self.nodes[node]);
        }
    }

    /// The node that stands for a thing; for one that has an interface per zone or subnet, which are
    /// called `thing (zone)`, that of the first.
    pub(super) fn find(&self, id: &NodeId) -> Option<usize> {
        if let Some(&node) = self.by_id.get(id) {
            return Some(node);
        }
        let prefix = format!("{id} (");
        let mut after = self.by_id.range(NodeId::new(prefix.as_str())..);
        let (first, &node) = after.next()?;
        first.as_str().starts_with(&prefix).then_some(node)
    }

    /// Notes which node a thing is in, if anything refers to it.
    fn stands_for(&mut self, node: usize, id: &NodeId) {
        let whole = id
            .as_str()
            .split_once(" (")
            .map(|(whole, _)| NodeId::new(whole));
        if self.joined.contains(id) || whole.is_some_and(|whole| self.joined.contains(&whole)) {
            self.by_id.insert(id.clone(), node);
        }
    }

    fn add(&mut self, kind: Kind, label: &str, detail: &str, vpc: Option<usize>) -> usize {
        self.nodes.push(Node {
            kind,
            label: label.to_owned(),
            detail: detail.to_owned(),
            vpc,
            starts: Vec::new(),
            width: 0.0,
        });
        self.nodes.len() - 1
    }

    fn add_vpc(&mut self, index: usize, vpc: &Vpc, grid: &Grid<'_>, column: f64) {
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for row in &grid.rows {
            let cells = row.cells.iter().map(|cell| match cell {
                Some(subnet) => Cell::Subnet(self.subnet(index, subnet, column)),
                None => Cell::Empty,
            });
            rows.push(cells.collect());
        }
        if !grid.hidden.is_empty() {
            let label = format!("… and {} more subnets", grid.hidden.len());
            let more = self.add(Kind::More, &label, "", Some(index));
            for subnet in &grid.hidden {
                self.stands_for_subnet(more, subnet);
            }
            let mut cells = vec![Cell::More(more)];
            cells.resize_with(grid.columns, || Cell::Empty);
            rows.push(cells);
        }
        let (bottom, top): (Vec<Thing>, Vec<Thing>) = vpc
            .gateways
            .iter()
            .cloned()
            .partition(|thing| thing.kind == Kind::EndpointService);
        let mut zones: Vec<String> = vpc.zones.iter().take(grid.columns).cloned().collect();
        zones.resize(grid.columns, String::new());
        if rows.is_empty() {
            // Lines may run where there are no subnets.
            zones.fill(String::new());
        }
        let [top, bottom] = [top, bottom].map(|things| self.pills(&things, Some(index)));
        self.vpcs.push(VpcPlan {
            name: vpc.name.clone(),
            title: measure::title_width(&vpc.name, &vpc.blocks.join(", ")),
            blocks: vpc.blocks.join(", "),
            zones,
            column,
            rows,
            top,
            bottom,
        });
    }

    fn subnet(&mut self, vpc: usize, subnet: &Subnet, column: f64) -> SubnetPlan {
        let node = self.add(Kind::More, &subnet.name, "", Some(vpc));
        self.stands_for(node, &subnet.id);
        let chips = chips_of(subnet);
        let chips = chips
            .iter()
            .map(|chip| self.chip(chip, Some(vpc)))
            .collect();
        SubnetPlan {
            node,
            tier: subnet.tier,
            text: SubnetText::new(subnet, column),
            chips,
        }
    }

    /// A node for one thing or a group of them.
    fn chip(&mut self, chip: &Chip<'_>, vpc: Option<usize>) -> usize {
        let label = match chip.members.len() {
            1 => measure::labelled(chip.kind, &chip.label),
            _ => chip.label.clone(),
        };
        let node = self.add(chip.kind, &label, &chip.detail, vpc);
        for &id in &chip.members {
            self.stands_for(node, id);
        }
        node
    }

    fn stands_for_subnet(&mut self, node: usize, subnet: &Subnet) {
        self.stands_for(node, &subnet.id);
        for thing in &subnet.resources {
            self.stands_for(node, &thing.id);
        }
    }

    /// Nodes for things on a border, at most a few.
    fn pills(&mut self, things: &[Thing], vpc: Option<usize>) -> Vec<usize> {
        let mut things = chips(things, MAX_PILLS, MAX_PILLS);
        things.sort_by_key(|chip| measure::border_order(chip.kind));
        things.iter().map(|chip| self.chip(chip, vpc)).collect()
    }

    fn add_regions(
        &mut self,
        model: &Model,
        arrangement: &Arrangement,
        vpcs: &BTreeMap<&NodeId, usize>,
    ) {
        for (written, rows) in model.regions.iter().zip(&arrangement.rows) {
            let mut rows: Vec<RowPlan> = rows
                .iter()
                .map(|vpcs| RowPlan {
                    gaps: vec![None; vpcs.len().saturating_sub(1)],
                    vpcs: vpcs.clone(),
                    lines: Vec::new(),
                })
                .collect();
            for (number, transit_gateway) in written.transit_gateways.iter().enumerate() {
                let bar = if number < MAX_BARS {
                    let bar = self.add(
                        Kind::TransitGateway,
                        &measure::labelled(Kind::TransitGateway, &transit_gateway.name),
                        "",
                        None,
                    );
                    if rows.is_empty() {
                        rows.push(RowPlan {
                            vpcs: Vec::new(),
                            gaps: Vec::new(),
                            lines: Vec::new(),
                        });
                    }
                    rows[0].lines.push(Line::Bar(bar));
                    bar
                } else {
                    let last = self
                        .nodes
                        .iter()
                        .rposition(|n| n.kind == Kind::TransitGateway);
                    last.expect("some were added before")
                };
                self.stands_for(bar, &transit_gateway.id);
                let attached = transit_gateway.vpcs.iter().filter_map(|id| vpcs.get(id));
                for &vpc in attached {
                    self.port(vpc, bar, Kind::Attachment, arrangement);
                }
            }
            self.regions.push(RegionPlan {
                name: written.name.clone(),
                label: measure::REGION.width(&written.name),
                rows,
            });
        }
    }

    /// A place on the border of a VPC to leave it for `connector`.
    fn port(&mut self, vpc: usize, connector: usize, kind: Kind, arrangement: &Arrangement) {
        if self.ports.contains_key(&(vpc, connector)) {
            return;
        }
        let port = self.add(kind, "", "", Some(vpc));
        let (_, row) = arrangement.place(vpc);
        let edge = &mut self.vpcs[vpc];
        if row == 0 {
            edge.bottom.push(port);
        } else {
            edge.top.push(port);
        }
        self.ports.insert((vpc, connector), port);
    }

    fn add_peerings(
        &mut self,
        model: &Model,
        arrangement: &Arrangement,
        vpcs: &BTreeMap<&NodeId, usize>,
    ) {
        let mut pills: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        let drawn = model.peerings.iter().filter_map(|peering| {
            let [a, b] = &peering.vpcs;
            Some((peering, *vpcs.get(a)?, *vpcs.get(b)?))
        });
        for (peering, a, b) in drawn.take(MAX_PEERINGS) {
            let pill = self.add(Kind::Peering, &peering.name, "", None);
            self.stands_for(pill, &peering.id);
            let ((region, row), other) = (arrangement.place(a), arrangement.place(b));
            let vpcs = &arrangement.rows[region][row];
            let neighbors = |pair: &[usize]| pair == [a, b] || pair == [b, a];
            let gap = vpcs.windows(2).position(neighbors);
            let gap = gap.map(|gap| &mut self.regions[region].rows[row].gaps[gap]);
            match gap {
                Some(gap) if gap.is_none() => *gap = Some(pill),
                _ => {
                    let below = (region, row).min(other);
                    pills.entry(below).or_default().push(pill);
                    self.port(a, pill, Kind::Peering, arrangement);
                    self.port(b, pill, Kind::Peering, arrangement);
                }
            }
        }
        for ((region, row), pills) in pills {
            let lines = pills
                .chunks(PILLS_OF_LINE)
                .map(|pills| Line::Pills(pills.to_vec()));
            self.regions[region].rows[row].lines.extend(lines);
        }
    }

    /// Sites of transit gateways go below, everything else above.
    fn add_outside(&mut self, model: &Model) {
        let bars: BTreeSet<&NodeId> = model
            .regions
            .iter()
            .flat_map(|region| region.transit_gateways.iter().map(|gateway| &gateway.id))
            .collect();
        let at_bar = |thing: &&Thing| {
            let links = || {
                let touching = model.links.iter();
                touching.filter(|l| l.from.contains(&thing.id) || l.to.contains(&thing.id))
            };
            let others = || links().flat_map(|link| link.from.iter().chain(&link.to));
            thing.kind == Kind::Site
                && links().next().is_some()
                && others().all(|id| *id == thing.id || bars.contains(id))
        };
        let (below, above): (Vec<&Thing>, Vec<&Thing>) = model.outside.iter().partition(at_bar);
        let [above, below] = [above, below].map(|things| {
            let things: Vec<Thing> = things.into_iter().cloned().collect();
            self.pills(&things, None)
        });
        (self.above, self.below) = (above, below);
    }

    fn add_hidden(&mut self, hidden: &[&Vpc]) {
        if hidden.is_empty() {
            return;
        }
        let label = format!("… and {} more VPCs", hidden.len());
        let more = self.add(Kind::More, &label, "", None);
        for vpc in hidden {
            self.stands_for(more, &vpc.id);
            for subnet in &vpc.subnets {
                self.stands_for_subnet(more, subnet);
            }
            for thing in &vpc.gateways {
                self.stands_for(more, &thing.id);
            }
        }
        self.below.push(more);
    }
}
