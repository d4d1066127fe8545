//! How latency responds to what is swept: the mean with its interval, and the 99th percentile.

use super::axis::Axis;
use super::grid::Grid;
use super::page::{LINE, MARKER, Page, left_out, marker};
use super::panel::Panel;
use super::parameter::Parameter;
use super::styling::{self, Style, Swatch};
use crate::report::drawing::scene::{Point, Rect, Scene, Stroke};
use crate::sim::WorkloadResults;
use crate::stats::{Interval, Sums, ratio_interval};

const PERCENTILE: f64 = 0.99;
/// Samples of which ten lie beyond that percentile.
const ENOUGH: u64 = 1000;
/// What panels need beside their axis, about.
const BESIDE: f64 = 90.0;
const BETWEEN_PANELS: f64 = 34.0;
/// Distance between the marks of different lines at one value, at most.
const MOST_DODGE: f64 = 16.0;
/// Room for all marks at a number, whose place matters.
const NUMERIC_DODGE: f64 = 22.0;
/// Share of the room of a category that all marks at it take.
const DODGE_SHARE: f64 = 0.6;

/// A value to mark.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// Index of the swept value.
    x: usize,
    y: f64,
    interval: Option<Interval>,
    /// Whether the sample supports it.
    solid: bool,
}

/// The marks of one line, by the panel.
#[derive(Debug)]
struct Line {
    means: Vec<Mark>,
    percentiles: Vec<Mark>,
}

/// The figure, if something is swept.
pub(super) fn figure(title: &str, grid: &Grid<&WorkloadResults>) -> Option<Scene> {
    let (swept, others) = grid.dimensions.split_last()?;
    if !swept.swept || grid.cells.is_empty() {
        return None;
    }
    let (places, lines) = lines(grid);
    let subtitle = format!("Latency by {}", swept.name);
    let mut page = Page::new(title, &grid.subtitle(&subtitle));
    page.notes(notes(&lines, grid));
    let styling = styling::style(others, &places, Swatch::Marker);
    if lines.len() > 1 {
        page.legend_at_side(&styling.legend);
    }
    let means: Vec<&[Mark]> = lines.iter().map(|line| &line.means[..]).collect();
    let percentiles: Vec<&[Mark]> = lines.iter().map(|line| &line.percentiles[..]).collect();
    let parameter = Parameter::new(swept, page.free.width() / 2.0 - BESIDE);
    let [first, second] = halves(page.free, parameter.label_width());
    let plot = Plot::new(first, &parameter, mean_title(&means), &means);
    plot.draw(&mut page.scene, &means, &styling.styles);
    let parameter = parameter.without_labels_beside();
    let title = "99th percentile of latency";
    let plot = Plot::new(second, &parameter, title, &percentiles);
    plot.draw(&mut page.scene, &percentiles, &styling.styles);
    Some(page.scene)
}

fn mean_title(lines: &[&[Mark]]) -> &'static str {
    let mut marks = lines.iter().copied().flatten();
    if marks.any(|mark| mark.interval.is_some()) {
        "Mean latency, 95 % interval"
    } else {
        "Mean latency"
    }
}

/// One line per combination of all dimensions but the last, with its place in them.
fn lines(grid: &Grid<&WorkloadResults>) -> (Vec<Vec<usize>>, Vec<Line>) {
    let mut places: Vec<Vec<usize>> = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    for cell in &grid.cells {
        let (&x, place) = cell.coordinates.split_last().expect("something is swept");
        let known = places.iter().position(|other| other == place);
        let index = known.unwrap_or_else(|| {
            places.push(place.to_vec());
            lines.push(Line {
                means: Vec::new(),
                percentiles: Vec::new(),
            });
            lines.len() - 1
        });
        lines[index].means.extend(mean(x, cell.value));
        lines[index].percentiles.extend(percentile(x, cell.value));
    }
    (places, lines)
}

fn mean(x: usize, workload: &WorkloadResults) -> Option<Mark> {
    let replications: Vec<Sums> = workload.replications.values().copied().collect();
    Some(Mark {
        x,
        y: workload.latency.sums().mean_secs()?,
        interval: ratio_interval(&replications),
        solid: true,
    })
}

fn percentile(x: usize, workload: &WorkloadResults) -> Option<Mark> {
    Some(Mark {
        x,
        y: workload.latency.quantile_secs(PERCENTILE)?,
        interval: None,
        solid: workload.latency.count() >= ENOUGH,
    })
}

fn notes(lines: &[Line], grid: &Grid<&WorkloadResults>) -> Vec<String> {
    let replications = grid.cells.iter().map(|cell| cell.value.replications.len());
    let most = replications.max().unwrap_or(0);
    let mut notes = Vec::new();
    if most > 1 {
        notes.push(format!(
            "95 % interval of the mean over {most} replications."
        ));
    }
    let mut percentiles = lines.iter().flat_map(|line| &line.percentiles);
    if percentiles.any(|mark| !mark.solid) {
        notes.push("Hollow: fewer than ten samples lie beyond the 99th percentile.".to_owned());
    }
    notes.extend(left_out(&grid.empty));
    notes
}

/// The areas of two panels beside each other, the first of which has so much room for `labels`.
fn halves(free: Rect, labels: f64) -> [Rect; 2] {
    let width = (free.width() - BETWEEN_PANELS - labels) / 2.0;
    let left = Rect {
        right: free.left + labels + width,
        ..free
    };
    let right = Rect {
        left: free.right - width,
        ..free
    };
    [left, right]
}

/// Values of a measure from the lowest to the highest mark or end of an interval.
fn value_axis(measure: &str, lines: &[&[Mark]], gap: f64) -> Axis {
    let marks = || lines.iter().copied().flatten();
    let lows = marks().map(|mark| {
        let low = mark.interval.map_or(mark.y, |interval| interval.low);
        // An interval may reach below zero, which a logarithmic axis cannot.
        if low > 0.0 { low } else { mark.y }
    });
    let highs = marks().map(|mark| mark.interval.map_or(mark.y, |interval| interval.high));
    let low = lows.fold(f64::INFINITY, f64::min);
    Axis::latency(measure, low, highs.fold(0.0, f64::max), gap)
}

/// A panel of one measure against the parameter.
#[derive(Debug)]
struct Plot<'a> {
    panel: Panel,
    parameter: &'a Parameter,
    /// Room for the marks at one value.
    slot: f64,
    /// Of a marker.
    radius: f64,
}

impl<'a> Plot<'a> {
    fn new(outer: Rect, parameter: &'a Parameter, measure: &str, lines: &[&[Mark]]) -> Self {
        let axis = parameter.axis.clone();
        let panel = if parameter.down {
            Panel::within(outer, value_axis(measure, lines, 0.14), axis)
        } else {
            Panel::within(outer, axis, value_axis(measure, lines, 0.07))
        };
        let length = if parameter.down {
            panel.area.height()
        } else {
            panel.area.width()
        };
        let slot = length / parameter.places.len() as f64;
        Self {
            panel,
            parameter,
            slot,
            radius: (slot * 0.3).clamp(2.5, MARKER),
        }
    }

    /// Draws the marks of each line.
    fn draw(&self, scene: &mut Scene, lines: &[&[Mark]], styles: &[Style]) {
        self.panel.draw(scene);
        let room = if self.parameter.numeric {
            NUMERIC_DODGE
        } else {
            self.slot * DODGE_SHARE
        };
        let step = (room / lines.len() as f64)
            .min(self.slot * 0.15)
            .min(MOST_DODGE);
        for (index, (marks, &style)) in lines.iter().zip(styles).enumerate() {
            let aside = (index as f64 - (lines.len() - 1) as f64 / 2.0) * step;
            self.draw_line(scene, marks, style, aside);
        }
    }

    /// Draws the marks of a line, `aside` of their places, with intervals, and joined where the
    /// lines between them mean something.
    fn draw_line(&self, scene: &mut Scene, marks: &[Mark], style: Style, aside: f64) {
        let place = |mark: &Mark| self.parameter.places[mark.x];
        let mut marks = marks.to_vec();
        marks.sort_by(|a, b| place(a).total_cmp(&place(b)));
        if self.parameter.numeric {
            let points = marks.iter().map(|mark| self.at(mark.x, mark.y, aside));
            scene.line(points.collect(), Stroke::solid(style.color, LINE));
        }
        for mark in &marks {
            if let Some(Interval { low, high }) = mark.interval {
                let stroke = Stroke::solid(style.color, 1.6);
                let cap = self.radius * 0.8;
                let line = |ends: [(f64, f64); 2]| {
                    let ends = ends.map(|(value, aside)| self.at(mark.x, value, aside));
                    ends.to_vec()
                };
                scene.line(line([(low, aside), (high, aside)]), stroke);
                scene.line(line([(low, aside - cap), (low, aside + cap)]), stroke);
                scene.line(line([(high, aside - cap), (high, aside + cap)]), stroke);
            }
        }
        for mark in &marks {
            let at = self.at(mark.x, mark.y, aside);
            marker(scene, style, at, self.radius, mark.solid);
        }
    }

    /// Where `value` lies, `aside` of the place of the parameter's value `index`.
    fn at(&self, index: usize, value: f64, aside: f64) -> Point {
        let place = self.parameter.places[index];
        if self.parameter.down {
            let (x, y) = self.panel.at(value, place);
            (x, y + aside)
        } else {
            let (x, y) = self.panel.at(place, value);
            (x + aside, y)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{point, sweep};
    use super::super::grid::of_workloads;
    use super::*;

    #[test]
    fn lines_are_combinations_of_all_but_the_last_axis() {
        let points = sweep(&[("a", &["x", "y"]), ("b", &["1", "2", "3"])]);
        let (places, lines) = lines(&of_workloads(&points));
        assert_eq!(places, [[0], [1]]);
        assert!(lines.iter().all(|line| line.means.len() == 3));
        assert!(lines[0].means[0].interval.is_some());
        assert!(lines[0].percentiles[0].solid);
    }

    #[test]
    fn without_a_sweep_there_is_no_figure() {
        let points = [point(&[], &[("a", &[1, 2]), ("b", &[3])])];
        assert!(figure("t", &of_workloads(&points)).is_none());
    }
}
