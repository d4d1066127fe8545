//! Where the time goes: mean latency by hop.

use super::bars::{Bars, Kind, Row, need_shares};
use super::grid::Grid;
use super::page::left_out;
use crate::report::drawing::palette::{AREAS, Color, OTHER};
use crate::report::drawing::scene::Scene;
use crate::sim::{Part, WorkloadResults};

/// Parts that are nowhere this share of the longest bar are not worth a color.
const OF_LONGEST: f64 = 0.01;
/// Where shares are shown as well: nor those that are nowhere this share of their own bar.
const OF_OWN: f64 = 0.03;
const QUEUE: &str = ".queue";

/// The figure, if there is anything to show.
pub(super) fn figure(title: &str, grid: &Grid<&WorkloadResults>) -> Option<Scene> {
    if grid.cells.is_empty() {
        return None;
    }
    let rows: Vec<Row> = grid
        .cells
        .iter()
        .map(|cell| Row {
            label: grid.label(cell),
            group: cell.coordinates.first().copied().unwrap_or(0),
            values: by_part(cell.value),
        })
        .collect();
    let (kinds, rows) = collected(rows);
    let bars = Bars {
        subtitle: grid.subtitle("Mean latency by hop"),
        measure: "Mean latency",
        heading: grid.heading(),
        kinds,
        rows,
        notes: left_out(&grid.empty).into_iter().collect(),
        whole: None,
    };
    Some(bars.figure(title))
}

/// The mean of each of [`Part::ALL`] in seconds.
fn by_part(workload: &WorkloadResults) -> Vec<f64> {
    let mut values = vec![0.0; Part::COUNT];
    let latency = &workload.latency;
    let parts = latency.breakdown().parts().iter();
    for (&part, mean) in parts.zip(latency.part_means_secs()) {
        values[part] = mean;
    }
    values
}

/// The parts worth a color, and the rest as `other`.
fn collected(mut rows: Vec<Row>) -> (Vec<Kind>, Vec<Row>) {
    let longest = rows.iter().map(Row::total).fold(0.0, f64::max);
    let of_own = if need_shares(&rows) {
        OF_OWN
    } else {
        f64::INFINITY
    };
    let matters = |row: &Row, part: usize| {
        let value = row.values[part];
        value >= OF_LONGEST * longest || value >= of_own * row.total()
    };
    let (mut shown, rest): (Vec<usize>, Vec<usize>) = (0..Part::COUNT)
        .filter(|&part| rows.iter().any(|row| row.values[part] > 0.0))
        .partition(|&part| rows.iter().any(|row| matters(row, part)));
    // One part under another name would only hide what it is.
    let other = rest.len() > 1;
    if !other {
        shown.extend(rest.iter());
        shown.sort_unstable();
    }
    for row in &mut rows {
        let mut values: Vec<f64> = shown.iter().map(|&part| row.values[part]).collect();
        if other {
            values.push(rest.iter().map(|&part| row.values[part]).sum());
        }
        row.values = values;
    }
    let mut kinds = kinds(&shown);
    if other {
        kinds.push(Kind {
            name: format!("other ({} parts)", rest.len()),
            color: OTHER,
        });
    }
    (kinds, rows)
}

/// A color for each hop, a lighter one of the same hue for waiting at it.
fn kinds(parts: &[usize]) -> Vec<Kind> {
    let names: Vec<&str> = parts.iter().map(|&part| Part::ALL[part].name()).collect();
    let mut hops: Vec<&str> = names.iter().map(|name| hop(name)).collect();
    hops.dedup();
    let colors = hop_colors(&hops);
    let of_name = |&name: &&str| {
        let index = hops.iter().position(|&other| other == hop(name));
        let color = index.map_or(OTHER, |index| colors[index]);
        Kind {
            name: name.to_owned(),
            color: if name.ends_with(QUEUE) {
                color.tinted()
            } else {
                color
            },
        }
    };
    names.iter().map(of_name).collect()
}

/// Places of Lambda's hops among the colors for areas: those of a cold start can be told from each
/// other, and from what stands beside them, by color-blind readers as well.
const LAMBDA: [(&str, usize); 12] = [
    ("lambda.invoke", 0),
    ("lambda.front_end", 12),
    ("lambda", 11), // what waits for an environment, `lambda.queue`
    ("lambda.placement", 1),
    ("lambda.microvm_boot", 2),
    ("lambda.code", 3),
    ("lambda.vpc_attach", 4),
    ("lambda.extension_init", 14),
    ("lambda.runtime_init", 5),
    ("lambda.function_init", 8),
    ("lambda.restore", 7),
    ("lambda.handler", 6),
];
/// The place of the first hop that is not Lambda's.
const OTHERS: usize = 7;

/// A color for each hop of a figure: mostly the same in all figures, and while there are enough,
/// distinct within one.
pub(super) fn hop_colors(hops: &[&str]) -> Vec<Color> {
    let lambda = |hop: &str| {
        let mut own = LAMBDA.iter();
        own.find(|(name, _)| *name == hop).map(|(_, slot)| *slot)
    };
    let mut others: Vec<&str> = Part::ALL.into_iter().map(|part| hop(part.name())).collect();
    others.retain(|hop| lambda(hop).is_none());
    others.dedup();
    let mut taken = [false; AREAS.len()];
    let choose = |hop: &&str| {
        let wanted = lambda(hop).unwrap_or_else(|| {
            let place = others.iter().position(|other| other == hop);
            OTHERS + place.unwrap_or(0)
        });
        let slots = (wanted..wanted + AREAS.len()).map(|slot| slot % AREAS.len());
        let free = slots.into_iter().find(|&slot| !taken[slot]);
        let slot = free.unwrap_or(wanted % AREAS.len());
        taken[slot] = true;
        AREAS[slot]
    };
    hops.iter().map(choose).collect()
}

/// The hop that a part belongs to.
fn hop(part: &str) -> &str {
    part.trim_end_matches(QUEUE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::drawing::vision::difference;

    fn row(values: &[(Part, f64)]) -> Row {
        let mut all = vec![0.0; Part::COUNT];
        for &(part, value) in values {
            all[part as usize] = value;
        }
        Row {
            label: String::new(),
            group: 0,
            values: all,
        }
    }

    fn names(kinds: &[Kind]) -> Vec<&str> {
        kinds.iter().map(|kind| kind.name.as_str()).collect()
    }

    #[test]
    fn small_parts_are_collected_and_queues_share_the_hue_of_their_hop() {
        let (kinds, rows) = collected(vec![row(&[
            (Part::HostLinkQueue, 0.3),
            (Part::HostLink, 0.5),
            (Part::GuestSend, 0.001),
            (Part::GuestReceive, 0.002),
            (Part::Service, 0.2),
        ])]);
        assert_eq!(
            names(&kinds),
            [
                "fabric.host_link.queue",
                "fabric.host_link",
                "service",
                "other (2 parts)"
            ]
        );
        assert_eq!(kinds[0].color, kinds[1].color.tinted());
        assert!((rows[0].values[3] - 0.003).abs() < 1e-12);
        assert!((rows[0].total() - 1.003).abs() < 1e-12);
    }

    #[test]
    fn color_blind_readers_can_tell_the_phases_of_a_cold_start() {
        let (order, slots): (Vec<&str>, Vec<usize>) = LAMBDA.into_iter().unzip();
        let colors = hop_colors(&order);
        assert!(
            colors
                .iter()
                .zip(slots)
                .all(|(&color, slot)| color == AREAS[slot])
        );
        for (index, &color) in colors.iter().enumerate().skip(1) {
            let apart = difference(color, colors[index - 1]);
            assert!(
                apart > 20.0,
                "{} follows too closely: {apart}",
                order[index]
            );
        }
        let phases = &colors[3..11];
        for (index, &color) in phases.iter().enumerate() {
            for &other in &phases[..index] {
                assert!(difference(color, other) > 15.0, "{color:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_single_small_part_keeps_its_name() {
        let (kinds, _) = collected(vec![row(&[(Part::Service, 1.0), (Part::GuestSend, 0.001)])]);
        assert_eq!(names(&kinds), ["guest.send", "service"]);
    }

    #[test]
    fn beside_a_long_bar_the_parts_of_a_short_one_keep_their_names() {
        let (kinds, _) = collected(vec![
            row(&[(Part::LambdaVpcAttach, 9.0)]),
            row(&[(Part::LambdaInvoke, 0.01), (Part::LambdaHandler, 0.02)]),
        ]);
        assert_eq!(
            names(&kinds),
            ["lambda.invoke", "lambda.vpc_attach", "lambda.handler"]
        );
    }
}
