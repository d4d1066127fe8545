//! Which VPCs stand beside each other, and how wide their columns are.

use super::grid::Grid;
use super::measure::{self, CLOSE_GAP, COLUMN, PILL_GAP, ZONE_PAD};
use super::model::{Kind, Model, Thing, Vpc};

/// Widest row of VPCs, before lines take their room.
const WIDEST: f64 = 1270.0;
/// Room for lines: at the sides of a VPC, between its columns, and between VPCs.
pub(super) const SIDE: f64 = 22.0;
pub(super) const GUTTER: f64 = 26.0;
pub(super) const GAP: f64 = 36.0;
/// Step in which columns become narrower.
const STEP: f64 = 3.0;

/// Rows of VPCs.
#[derive(Debug)]
pub(super) struct Arrangement {
    /// By Region, then by row.
    pub rows: Vec<Vec<Vec<usize>>>,
    /// Width of the columns of each VPC.
    pub columns: Vec<f64>,
}

impl Arrangement {
    /// Region and row of a VPC.
    pub(super) fn place(&self, vpc: usize) -> (usize, usize) {
        let regions = self.rows.iter().enumerate();
        let mut places = regions.flat_map(|(region, rows)| {
            let rows = rows.iter().enumerate();
            rows.map(move |(row, vpcs)| (region, row, vpcs))
        });
        let found = places.find(|(_, _, vpcs)| vpcs.contains(&vpc));
        found.map_or((0, 0), |(region, row, _)| (region, row))
    }
}

/// What the width of a VPC depends on.
#[derive(Debug, Clone, Copy)]
struct Extent {
    columns: f64,
    /// Width of what is on its upper or lower border.
    borders: f64,
}

impl Extent {
    fn width(self, column: f64) -> f64 {
        let columns = self.columns * (column + 2.0 * ZONE_PAD) + (self.columns - 1.0) * GUTTER;
        (2.0 * SIDE + columns).max(self.borders)
    }

    /// The width of a column that makes the VPC as wide as its borders.
    fn column(self, column: f64) -> f64 {
        column
            + (self.width(column)
                - Self {
                    borders: 0.0,
                    ..self
                }
                .width(column))
                / self.columns
    }
}

/// Puts VPCs into as few rows as the narrowest columns allow, then makes columns as wide as these
/// rows allow. VPCs with something on their upper border come first.
pub(super) fn arrange(model: &Model, vpcs: &[(usize, &Vpc)], grids: &[Grid<'_>]) -> Arrangement {
    let extents: Vec<Extent> = vpcs
        .iter()
        .zip(grids)
        .map(|((_, vpc), grid)| extent(model, vpc, grid))
        .collect();
    let subnets = grids.iter().flat_map(|grid| &grid.rows);
    let subnets = subnets.flat_map(|row| row.cells.iter().flatten());
    let wanted = subnets.map(|subnet| measure::wanted_width(subnet));
    let widest = wanted.fold(COLUMN[0], f64::max).min(COLUMN[1]).ceil();
    let mut rows = Vec::new();
    for region in 0..model.regions.len() {
        let mut own: Vec<usize> = (0..vpcs.len()).filter(|&v| vpcs[v].0 == region).collect();
        let few = partition(&own, |row| fits(row, &extents, COLUMN[0]));
        if few.len() > 1 {
            own.sort_by_key(|&vpc| vpcs[vpc].1.gateways.is_empty());
        }
        rows.push(balanced(&own, few.len(), &extents));
    }
    let all = || rows.iter().flatten().map(Vec::as_slice);
    let mut column = widest;
    while column > COLUMN[0] && !all().all(|row| fits(row, &extents, column)) {
        column = (column - STEP).max(COLUMN[0]);
    }
    Arrangement {
        columns: extents.iter().map(|extent| extent.column(column)).collect(),
        rows,
    }
}

fn extent(model: &Model, vpc: &Vpc, grid: &Grid<'_>) -> Extent {
    let (below, above): (Vec<&Thing>, Vec<&Thing>) = vpc
        .gateways
        .iter()
        .partition(|thing| thing.kind == Kind::EndpointService);
    let gateways = model
        .regions
        .iter()
        .flat_map(|region| &region.transit_gateways);
    let gateways = gateways
        .filter(|gateway| gateway.vpcs.contains(&vpc.id))
        .count();
    let peerings = model
        .peerings
        .iter()
        .filter(|peering| peering.vpcs.contains(&vpc.id));
    // On which border these are is not known yet.
    let ports = (gateways + peerings.count()) as f64 * (measure::PILL + CLOSE_GAP);
    let title = measure::title_width(&vpc.name, &vpc.blocks.join(", ")) + 12.0 + PILL_GAP;
    let borders = [title + pills_width(&above), pills_width(&below)];
    Extent {
        columns: grid.columns as f64,
        borders: 2.0 * SIDE + borders[0].max(borders[1]) + ports,
    }
}

fn pills_width(things: &[&Thing]) -> f64 {
    let pills = things.iter().map(|thing| {
        let label = measure::THING.width(&measure::labelled(thing.kind, &thing.name));
        measure::GLYPH + label.min(150.0) + 24.0 + PILL_GAP
    });
    pills.sum()
}

fn row_width(row: &[usize], extents: &[Extent], column: f64) -> f64 {
    let widths = row.iter().map(|&vpc| extents[vpc].width(column));
    widths.sum::<f64>() + row.len().saturating_sub(1) as f64 * GAP
}

fn fits(row: &[usize], extents: &[Extent], column: f64) -> bool {
    row.len() == 1 || row_width(row, extents, column) <= WIDEST
}

/// Fills rows one after the other.
fn partition(vpcs: &[usize], fits: impl Fn(&[usize]) -> bool) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for &vpc in vpcs {
        if let Some(last) = rows.last_mut() {
            last.push(vpc);
            if fits(last) {
                continue;
            }
            last.pop();
        }
        rows.push(vec![vpc]);
    }
    rows
}

/// As many rows, of which the widest is as narrow as possible.
fn balanced(vpcs: &[usize], count: usize, extents: &[Extent]) -> Vec<Vec<usize>> {
    let width = |row: &[usize]| row_width(row, extents, COLUMN[0]);
    let starts = 0..vpcs.len();
    let mut limits: Vec<f64> = starts
        .flat_map(|start| (start + 1..=vpcs.len()).map(move |end| (start, end)))
        .map(|(start, end)| width(&vpcs[start..end]))
        .collect();
    limits.sort_by(f64::total_cmp);
    for limit in limits {
        let rows = partition(vpcs, |row| width(row) <= limit);
        let widest = rows.iter().map(|row| width(row)).fold(0.0, f64::max);
        if rows.len() <= count && widest <= limit {
            return rows;
        }
    }
    Vec::new()
}
