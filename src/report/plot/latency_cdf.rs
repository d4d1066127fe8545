//! The cumulative distribution of latency: how many took at most so long.

use super::axis::Axis;
use super::curve;
use super::grid::Grid;
use super::page::{LINE, Page, left_out, sample_counts};
use super::panel::Panel;
use super::styling::{self, Swatch};
use crate::report::drawing::scene::{Scene, Stroke};
use crate::sim::WorkloadResults;
use crate::stats::Latency;

/// The figure, if there is anything to show.
pub(super) fn figure(title: &str, grid: &Grid<&WorkloadResults>) -> Option<Scene> {
    let latencies = || grid.cells.iter().map(|cell| &cell.value.latency);
    let low = latencies().filter_map(Latency::min_secs);
    let high = latencies().filter_map(Latency::max_secs);
    let (low, high) = (low.reduce(f64::min)?, high.reduce(f64::max)?);

    let mut page = Page::new(title, &grid.subtitle("Cumulative distribution of latency"));
    let counts: Vec<u64> = latencies().map(Latency::count).collect();
    page.notes(
        [sample_counts(&counts), left_out(&grid.empty)]
            .into_iter()
            .flatten(),
    );
    let styling = styling::style(&grid.dimensions, &grid.places(), Swatch::Line);
    if grid.cells.len() > 1 {
        page.legend_at_side(&styling.legend);
    }
    let x = Axis::log_latency("Latency", low, high, 0.08);
    let panel = Panel::within(page.free, x, Axis::share("Share of samples"));
    panel.draw(&mut page.scene);
    for (latency, style) in latencies().zip(&styling.styles) {
        let corners = curve::steps(latency)
            .flat_map(|(value, below, share)| [panel.at(value, below), panel.at(value, share)]);
        let stroke = Stroke {
            color: style.color,
            width: LINE,
            dash: style.dash,
        };
        page.scene.line(curve::thinned(corners), stroke);
    }
    Some(page.scene)
}
