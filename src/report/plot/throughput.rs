//! Throughput over simulated time, of workloads that are measured by it.

use super::axis::Axis;
use super::curve;
use super::grid::Grid;
use super::page::{LINE, Page, left_out};
use super::panel::Panel;
use super::styling::{self, Swatch};
use crate::report::drawing::scene::{Point, Scene, Stroke};
use crate::sim::WorkloadResults;

/// The figure, if anything was delivered.
pub(super) fn figure(title: &str, grid: &Grid<&WorkloadResults>) -> Option<Scene> {
    let all = || grid.cells.iter().map(|cell| steps(cell.value));
    let corners = || all().flatten();
    let end = corners().map(|(time, _)| time).fold(0.0, f64::max);
    let most = corners().map(|(_, bps)| bps).fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let mut page = Page::new(title, &grid.subtitle("Throughput over simulated time"));
    let note = "Payload, in bins of equal width; means over the replications.".to_owned();
    page.notes([Some(note), left_out(&grid.empty)].into_iter().flatten());
    let styling = styling::style(&grid.dimensions, &grid.places(), Swatch::Line);
    if grid.cells.len() > 1 {
        page.legend_at_side(&styling.legend);
    }
    let x = Axis::simulated_time(end, 0.08);
    let panel = Panel::within(page.free, x, Axis::rate("Throughput", most, 0.06));
    panel.draw(&mut page.scene);
    for (corners, style) in all().zip(&styling.styles) {
        let points = corners.into_iter().map(|(time, bps)| panel.at(time, bps));
        let stroke = Stroke {
            color: style.color,
            width: LINE,
            dash: style.dash,
        };
        page.scene.line(curve::thinned(points), stroke);
    }
    Some(page.scene)
}

/// The corners of a line of steps: times in seconds, and bits per second.
fn steps(results: &WorkloadResults) -> Vec<Point> {
    let replications = results.replications.len().max(1) as f64;
    let bins = results.timeline.throughput_bps();
    bins.flat_map(|(start, end, bps)| {
        let bps = bps / replications;
        [(start.as_secs_f64(), bps), (end.as_secs_f64(), bps)]
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::point;
    use super::super::grid::of_streams;
    use super::*;
    use crate::units::{Duration, Time};

    #[test]
    fn only_what_is_measured_by_bytes_is_shown() {
        let mut points = [point(&[], &[("a", &[1]), ("b", &[1])])];
        assert!(figure("t", &of_streams(&points)).is_none());
        let stream = &mut points[0].results.workloads[1];
        stream.delivered = Some(250_000_000);
        let end = Time::ZERO + Duration::from_secs(1);
        stream.timeline.delivered(Time::ZERO, end, 250_000_000);
        let grid = of_streams(&points);
        assert_eq!(grid.only.as_deref(), Some("b"));
        // Two replications of a Gbit each.
        let steps = steps(grid.cells[0].value);
        assert!((steps[0].1 / 1e9 - 1.0).abs() < 1e-6, "{steps:?}");
        assert!(figure("t", &grid).is_some());
    }
}
