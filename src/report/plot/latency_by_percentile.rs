//! Latency by percentile, where every further nine takes the same room: the tail, enlarged.

use super::axis::Axis;
use super::curve;
use super::grid::Grid;
use super::page::{LINE, Page, left_out, sample_counts};
use super::panel::Panel;
use super::styling::{self, Swatch};
use crate::report::drawing::scene::{Scene, Stroke};
use crate::sim::WorkloadResults;
use crate::stats::Latency;

/// Samples that must lie beyond a percentile for it to be shown.
const BEYOND: f64 = 10.0;

/// The figure, if any series has enough samples.
pub(super) fn figure(title: &str, grid: &Grid<&WorkloadResults>) -> Option<Scene> {
    let latencies = || grid.cells.iter().map(|cell| &cell.value.latency);
    let most = latencies().map(supported_nines).fold(0.0, f64::max);
    // Two halves of a sample are the least that a percentile can tell apart.
    if most < 2_f64.log10() {
        return None;
    }
    let (low, high) = latencies()
        .flat_map(shown)
        .fold((f64::INFINITY, 0.0_f64), |(low, high), (_, _, value)| {
            (low.min(value), high.max(value))
        });

    let mut page = Page::new(title, &grid.subtitle("Latency by percentile"));
    let counts: Vec<u64> = latencies().map(Latency::count).collect();
    let samples = sample_counts(&counts).unwrap_or_default();
    let note = format!("{samples} A line ends where fewer than ten samples lie beyond.");
    page.notes([Some(note), left_out(&grid.empty)].into_iter().flatten());
    let styling = styling::style(&grid.dimensions, &grid.places(), Swatch::Line);
    if grid.cells.len() > 1 {
        page.legend_at_side(&styling.legend);
    }
    let x = Axis::percentile(most, 0.075);
    let panel = Panel::within(page.free, x, Axis::latency("Latency", low, high, 0.06));
    panel.draw(&mut page.scene);
    for (latency, style) in latencies().zip(&styling.styles) {
        let corners = shown(latency)
            .flat_map(|(from, to, value)| [panel.at(from, value), panel.at(to, value)]);
        let stroke = Stroke {
            color: style.color,
            width: LINE,
            dash: style.dash,
        };
        page.scene.line(curve::thinned(corners), stroke);
    }
    Some(page.scene)
}

/// How many nines the sample supports, −log₁₀(1 − q) of its last percentile; 0 for a tiny one.
fn supported_nines(latency: &Latency) -> f64 {
    (latency.count() as f64 / BEYOND).log10().max(0.0)
}

/// Steps (nines from, nines to, latency in seconds) as far as the sample supports them.
fn shown(latency: &Latency) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
    let last = supported_nines(latency);
    let nines = move |share: f64| (-(1.0 - share).log10()).min(last);
    curve::steps(latency)
        .map(move |(value, below, share)| (nines(below), nines(share), value))
        .take_while(move |&(from, _, _)| from < last)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::point;
    use super::super::grid::of_workloads;
    use super::*;

    #[test]
    fn a_line_stops_where_the_sample_does() {
        let ms: Vec<u64> = (1..=1000).collect();
        let points = [point(&[], &[("a", &ms)])];
        let latency = &points[0].results.workloads[0].latency;
        let steps: Vec<_> = shown(latency).collect();
        // Ten of a thousand lie beyond the 99th percentile: two nines.
        let (_, end, value) = *steps.last().unwrap();
        assert!((end - 2.0).abs() < 1e-9, "{end}");
        assert!((0.985..0.995).contains(&value), "{value}");
        assert!(steps.windows(2).all(|pair| pair[0].1 <= pair[1].0 + 1e-12));
    }

    #[test]
    fn a_tiny_sample_has_no_figure() {
        let points = [point(&[], &[("a", &[1, 2, 3])])];
        assert!(figure("t", &of_workloads(&points)).is_none());
    }
}
