//! Which subnet of a VPC stands in which row and column, which are left out, and which of their
//! resources share a glyph.

use std::collections::BTreeSet;

use super::model::{Kind, NodeId, Subnet, Thing, Tier, Vpc};

/// So many resources of a kind in a subnet are drawn one by one.
const ALONE: usize = 6;
/// Most glyphs of a subnet.
const MAX_CHIPS: usize = 8;
/// So many rows of a VPC are drawn even if there are many VPCs.
const LEAST_ROWS: usize = 2;
/// Most columns of a VPC.
const MAX_ZONES: usize = 8;
/// Fewest characters of a common prefix that says something about a group.
const PREFIX: usize = 3;

/// The subnets of a VPC in rows, each with a cell per zone.
#[derive(Debug)]
pub(super) struct Grid<'a> {
    /// How many cells a row has; at least one.
    pub columns: usize,
    pub rows: Vec<Row<'a>>,
    /// Subnets that there is no room for.
    pub hidden: Vec<&'a Subnet>,
}

/// A row of subnets.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub tier: Tier,
    /// What the names in it have in common.
    stem: &'a str,
    pub cells: Vec<Option<&'a Subnet>>,
}

/// What is drawn as one glyph.
#[derive(Debug, PartialEq)]
pub(super) struct Chip<'a> {
    pub kind: Kind,
    pub label: String,
    pub detail: String,
    pub members: Vec<&'a NodeId>,
}

impl<'a> Grid<'a> {
    /// Sorts the subnets into about so many cells at most. Rows with something in `wanted` come first
    /// when there are too many.
    pub(super) fn new(vpc: &'a Vpc, cells: usize, wanted: &BTreeSet<&NodeId>) -> Self {
        let zones = vpc.zones.len().clamp(1, MAX_ZONES);
        let mut hidden = Vec::new();
        let mut rows: Vec<Row<'a>> = Vec::new();
        for subnet in &vpc.subnets {
            if subnet.zone >= zones {
                hidden.push(subnet);
                continue;
            }
            let zone = vpc.zones.get(subnet.zone).map_or("", String::as_str);
            let stem = stem(&subnet.name, zone);
            let row = rows.iter().position(|row| {
                row.tier == subnet.tier && row.stem == stem && row.cells[subnet.zone].is_none()
            });
            let row = row.unwrap_or_else(|| {
                rows.push(Row {
                    tier: subnet.tier,
                    stem,
                    cells: vec![None; zones],
                });
                rows.len() - 1
            });
            rows[row].cells[subnet.zone] = Some(subnet);
        }
        rows.sort_by_key(|row| row.tier);
        // Subnets with one stem belong beside each other even if their routes differ.
        let mut rows = merged(rows, |a, b| a.tier == b.tier || a.stem == b.stem);
        let most = (cells / zones).max(LEAST_ROWS);
        if rows.len() > most {
            hidden.extend(keep(&mut rows, most, wanted));
        }
        Self {
            columns: zones,
            rows,
            hidden,
        }
    }
}

/// A subnet's name without its zone: `app` of `app-a`, `app-1a` and `app-us-east-1a`.
fn stem<'a>(name: &'a str, zone: &str) -> &'a str {
    const SEPARATORS: [char; 4] = ['-', '_', '.', ' '];
    if let Some(stem) = name.strip_suffix(zone).filter(|_| !zone.is_empty()) {
        return stem.trim_end_matches(SEPARATORS);
    }
    match name.rsplit_once(SEPARATORS) {
        Some((stem, last)) if last.len() <= 3 => stem,
        _ => name,
    }
}

/// Puts rows that belong together into one where no cell is taken twice.
fn merged<'a>(rows: Vec<Row<'a>>, together: impl Fn(&Row<'a>, &Row<'a>) -> bool) -> Vec<Row<'a>> {
    let mut merged: Vec<Row<'_>> = Vec::new();
    for row in rows {
        let fitting = merged.iter_mut().rev().find(|above| {
            let mut pairs = above.cells.iter().zip(&row.cells);
            together(above, &row) && pairs.all(|(a, b)| a.is_none() || b.is_none())
        });
        match fitting {
            Some(above) => {
                for (cell, other) in above.cells.iter_mut().zip(row.cells) {
                    *cell = cell.or(other);
                }
            }
            None => merged.push(row),
        }
    }
    merged
}

/// Keeps so many rows in their order, first of all wanted ones; returns the subnets of the others.
fn keep<'a>(rows: &mut Vec<Row<'a>>, most: usize, wanted: &BTreeSet<&NodeId>) -> Vec<&'a Subnet> {
    let is_wanted = |row: &Row<'_>| {
        row.cells.iter().flatten().any(|subnet| {
            let resources = subnet.resources.iter().map(|thing| &thing.id);
            resources.chain([&subnet.id]).any(|id| wanted.contains(id))
        })
    };
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&index| !is_wanted(&rows[index]));
    let kept: BTreeSet<usize> = order.into_iter().take(most).collect();
    let all = std::mem::take(rows);
    let mut hidden = Vec::new();
    for (index, row) in all.into_iter().enumerate() {
        if kept.contains(&index) {
            rows.push(row);
        } else {
            hidden.extend(row.cells.into_iter().flatten());
        }
    }
    hidden
}

/// The glyphs of things that stand together, at most `most` unless there are more kinds.
pub(super) fn chips(things: &[Thing], alone: usize, most: usize) -> Vec<Chip<'_>> {
    let mut kinds: Vec<(Kind, Vec<&Thing>, bool)> = Vec::new();
    for thing in things {
        match kinds.iter_mut().find(|(kind, ..)| *kind == thing.kind) {
            Some((_, members, _)) => members.push(thing),
            None => kinds.push((thing.kind, vec![thing], false)),
        }
    }
    kinds.sort_by_key(|(kind, ..)| *kind);
    for (_, members, grouped) in &mut kinds {
        *grouped = members.len() > alone;
    }
    let count = |kinds: &[(Kind, Vec<&Thing>, bool)]| -> usize {
        let one = |(_, members, grouped): &(Kind, Vec<&Thing>, bool)| {
            if *grouped { 1 } else { members.len() }
        };
        kinds.iter().map(one).sum()
    };
    while count(&kinds) > most {
        let apart = kinds.iter_mut().filter(|(_, _, grouped)| !grouped);
        match apart.max_by_key(|(_, members, _)| members.len()) {
            Some((_, members, grouped)) if members.len() > 1 => *grouped = true,
            _ => break,
        }
    }
    let mut chips = Vec::new();
    for (kind, members, grouped) in kinds {
        if grouped {
            chips.push(group(kind, &members));
        } else {
            chips.extend(members.into_iter().map(single));
        }
    }
    chips
}

/// The glyphs of a subnet's resources.
pub(super) fn chips_of(subnet: &Subnet) -> Vec<Chip<'_>> {
    chips(&subnet.resources, ALONE, MAX_CHIPS)
}

fn single(thing: &Thing) -> Chip<'_> {
    Chip {
        kind: thing.kind,
        label: thing.name.clone(),
        detail: thing.detail.clone(),
        members: vec![&thing.id],
    }
}

fn group<'a>(kind: Kind, members: &[&'a Thing]) -> Chip<'a> {
    let mut prefix = members.first().map_or("", |thing| thing.name.as_str());
    for thing in members {
        let common = prefix.chars().zip(thing.name.chars());
        let length = common
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a.len_utf8());
        prefix = &prefix[..length.sum()];
    }
    let prefix = prefix.trim_end_matches(|c: char| c.is_ascii_digit());
    Chip {
        kind,
        label: format!("{} × {}", kind.noun(), members.len()),
        detail: if prefix.len() < PREFIX {
            String::new()
        } else {
            format!("{prefix}…")
        },
        members: members.iter().map(|thing| &thing.id).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::diagram::samples::{subnet, thing, vpc};

    fn names<'a>(grid: &Grid<'a>) -> Vec<Vec<&'a str>> {
        let name = |cell: Option<&'a Subnet>| cell.map_or("", |subnet| subnet.name.as_str());
        let rows = grid.rows.iter();
        rows.map(|row| row.cells.iter().copied().map(name).collect())
            .collect()
    }

    #[test]
    fn subnets_with_one_stem_share_a_row_and_public_ones_come_first() {
        let vpc = vpc(
            "main",
            2,
            vec![
                subnet("data-a", 0, Tier::Isolated),
                subnet("app-a", 0, Tier::Private),
                subnet("web-a", 0, Tier::Private),
                subnet("web-us-east-1b", 1, Tier::Private),
                subnet("public-b", 1, Tier::Public),
                subnet("app-b", 1, Tier::Private),
            ],
        );
        let grid = Grid::new(&vpc, 99, &BTreeSet::new());
        let expected = [
            vec!["", "public-b"],
            vec!["app-a", "app-b"],
            vec!["web-a", "web-us-east-1b"],
            vec!["data-a", ""],
        ];
        assert_eq!(names(&grid), expected);
    }

    #[test]
    fn rows_that_complement_each_other_become_one() {
        let vpc = vpc(
            "main",
            2,
            vec![
                subnet("front", 0, Tier::Public),
                subnet("lobby", 1, Tier::Public),
            ],
        );
        let grid = Grid::new(&vpc, 99, &BTreeSet::new());
        assert_eq!(names(&grid), [["front", "lobby"]]);
    }

    #[test]
    fn what_flows_pass_is_kept_when_there_is_too_much() {
        let row = |n: usize| subnet(&format!("tier{n}-a"), 0, Tier::Private);
        let vpc = vpc("main", 1, (0..9).map(row).collect());
        let wanted = NodeId::new("subnet.tier7-a");
        let grid = Grid::new(&vpc, 3, &BTreeSet::from([&wanted]));
        assert_eq!(names(&grid), [["tier0-a"], ["tier1-a"], ["tier7-a"]]);
        assert_eq!(grid.hidden.len(), 6);
    }

    #[test]
    fn many_of_a_kind_share_a_glyph() {
        let mut things: Vec<Thing> = (0..24)
            .map(|n| thing(Kind::Instance, &format!("app-{n}")))
            .collect();
        things.push(thing(Kind::NatGateway, "a"));
        let chips = chips(&things, ALONE, MAX_CHIPS);
        let labels: Vec<&str> = chips.iter().map(|chip| chip.label.as_str()).collect();
        assert_eq!(labels, ["a", "instance × 24"]);
        assert_eq!(chips[1].detail, "app-…");
        assert_eq!(chips[1].members.len(), 24);
    }

    #[test]
    fn the_largest_group_gives_way_first() {
        let several =
            |kind, name, count| (0..count).map(move |n| thing(kind, &format!("{name}{n}")));
        let things: Vec<Thing> = several(Kind::Instance, "i", 5)
            .chain(several(Kind::NetworkInterface, "e", 4))
            .collect();
        let chips = chips(&things, ALONE, MAX_CHIPS);
        assert_eq!(chips[0].label, "instance × 5");
        assert_eq!(chips.len(), 5);
    }
}
