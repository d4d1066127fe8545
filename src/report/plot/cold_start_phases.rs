//! What a cold start consists of: the mean of each phase.

use super::bars::{Bars, Kind, Row};
use super::breakdown::hop_colors;
use super::grid::Grid;
use crate::report::drawing::scene::Scene;
use crate::sim::FunctionResults;

/// The figure, if a function started cold.
pub(super) fn figure(title: &str, grid: &Grid<&FunctionResults>) -> Option<Scene> {
    let phases = top_level(grid);
    if grid.cells.is_empty() || phases.is_empty() {
        return None;
    }
    let rows: Vec<Row> = grid
        .cells
        .iter()
        .map(|cell| Row {
            label: grid.label(cell),
            group: cell.coordinates.first().copied().unwrap_or(0),
            values: means(cell.value, &phases),
        })
        .collect();
    let starts: Vec<u64> = grid
        .cells
        .iter()
        .map(|cell| cell.value.cold_starts)
        .collect();
    let hops: Vec<String> = phases.iter().map(|name| format!("lambda.{name}")).collect();
    let hops: Vec<&str> = hops.iter().map(String::as_str).collect();
    let kinds = phases.iter().zip(hop_colors(&hops));
    let kinds = kinds.map(|(name, color)| Kind {
        name: (*name).to_owned(),
        color,
    });
    let bars = Bars {
        subtitle: grid.subtitle("Mean cold start by phase"),
        measure: "Mean cold start",
        heading: grid.heading(),
        kinds: kinds.collect(),
        rows,
        notes: note(&starts),
        whole: None,
    };
    Some(bars.figure(title))
}

/// The phases that add up, in their order, as far as some cold start has them; the others are subsets
/// of them, named with a point.
fn top_level(grid: &Grid<&FunctionResults>) -> Vec<&'static str> {
    let had = |wanted: &str| {
        let mut all = grid.cells.iter().flat_map(|cell| &cell.value.phases);
        all.any(|(name, latency)| *name == wanted && latency.count() > 0)
    };
    let first = grid.cells.first();
    let names = first.map_or(&[][..], |cell| &cell.value.phases).iter();
    let names = names.map(|(name, _)| *name);
    names
        .filter(|name| !name.contains('.') && had(name))
        .collect()
}

/// The mean of each phase in seconds over all cold starts, those without it included.
fn means(function: &FunctionResults, phases: &[&str]) -> Vec<f64> {
    let of_phase = |wanted: &&str| {
        let mut all = function.phases.iter();
        let sum = all.find(|(name, _)| name == wanted);
        sum.map_or(0.0, |(_, latency)| {
            latency.sums().sum_secs() / function.cold_starts.max(1) as f64
        })
    };
    phases.iter().map(of_phase).collect()
}

fn note(starts: &[u64]) -> Vec<String> {
    let (Some(&least), Some(&most)) = (starts.iter().min(), starts.iter().max()) else {
        return Vec::new();
    };
    let shown = crate::report::numbers::count;
    vec![if least == most {
        format!("{} cold starts per bar.", shown(most))
    } else {
        format!("{} to {} cold starts per bar.", shown(least), shown(most))
    }]
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{sweep, with_cold_starts};
    use super::super::grid::of_functions;
    use super::*;

    #[test]
    fn phases_are_weighted_by_how_many_cold_starts_have_them() {
        let points = with_cold_starts(
            sweep(&[]),
            &[
                ("placement", &[]),
                ("code", &[10; 10]),
                ("vpc_attach", &[100; 5]),
                ("vpc_attach.create_network_interface", &[100; 5]),
            ],
        );
        let grid = of_functions(&points);
        let function = grid.cells[0].value;
        assert_eq!(top_level(&grid), ["code", "vpc_attach"]);
        let means = means(function, &["code", "vpc_attach"]);
        assert!((means[0] - 0.010).abs() < 1e-12 && (means[1] - 0.050).abs() < 1e-12);
    }
}
