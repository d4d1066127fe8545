//! Environments of functions over simulated time: how many there are and how many are busy, what waits
//! for one, and how many invocations are turned away. A column of panels for each function and point.

use super::columns::{COLUMNS, Columns};
use super::curve;
use super::grid::{Cell, Grid};
use super::page::{LINE, Page};
use super::styling::{Marker, Section, Style, Swatch, evenly};
use crate::report::drawing::palette::{Color, DASHES, LINES};
use crate::report::drawing::scene::{Point, Scene, Stroke};
use crate::report::numbers;
use crate::sim::FunctionResults;
use crate::stats::LevelResults;

/// Rows of panels below each other.
const ROWS: usize = 3;

/// What a line shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Series {
    Environments,
    /// The most in any replication.
    MostEnvironments,
    Busy,
    Interfaces,
    Waiting,
    Throttled,
}

/// What a row of panels shows, from the top down.
const KINDS: [(&str, &[Series]); 3] = [
    (
        "Environments",
        &[
            Series::MostEnvironments,
            Series::Environments,
            Series::Busy,
            Series::Interfaces,
        ],
    ),
    ("Waiting", &[Series::Waiting]),
    ("Throttled per second", &[Series::Throttled]),
];

/// The figure, if a function had more than one environment at once.
pub(super) fn figure(title: &str, grid: &Grid<&FunctionResults>) -> Option<Scene> {
    if grid.cells.is_empty() {
        return None;
    }
    let happens = |series: Series| {
        let mut cells = grid.cells.iter();
        cells.any(|cell| most(series.steps(cell.value, grid)) > 0.0)
    };
    let kinds = KINDS
        .iter()
        .filter(|(_, all)| all.iter().any(|&series| happens(series)));
    let kinds: Vec<&(&str, &[Series])> = kinds.collect();
    // Panels of one kind can stand below each other; several kinds are read downwards.
    let bands = if kinds.len() == 1 { ROWS } else { 1 };
    let shown = evenly(grid.cells.len(), COLUMNS * bands);
    let cells: Vec<&Cell<&FunctionResults>> = shown.into_iter().map(|at| &grid.cells[at]).collect();

    let mut page = Page::new(title, &subtitle(grid));
    page.notes(notes(cells.len(), grid.cells.len()));
    let series = kinds.iter().flat_map(|(_, all)| all.iter().copied());
    let series: Vec<Series> = series.filter(|&series| happens(series)).collect();
    page.legend_at_side(&[legend(&series)]);
    let axes = |cell: &Cell<&FunctionResults>| {
        let row = |(what, all): &&(&'static str, &[Series])| {
            let drawn: Vec<Series> = all
                .iter()
                .copied()
                .filter(|one| series.contains(one))
                .collect();
            let high = scale_of(grid, cell.value, &drawn);
            (*what, drawn, high)
        };
        kinds.iter().map(row).collect::<Vec<_>>()
    };
    let names: Vec<String> = cells.iter().map(|cell| name(grid, cell)).collect();
    let mut columns = Columns::new(page.free, cells.len(), kinds.len());
    let all: Vec<_> = cells.iter().map(|cell| axes(cell)).collect();
    let highs = all.iter().flatten().map(|(_, _, high)| *high);
    columns.make_room(highs, &names);
    let end = end_of(grid);
    for (index, (cell, rows)) in cells.iter().zip(all).enumerate() {
        columns.name(&mut page.scene, index, &names[index]);
        for (row, (what, drawn, high)) in rows.into_iter().enumerate() {
            let panel = columns.panel(&mut page.scene, (index, row), what, end, high);
            for one in drawn {
                let corners = until(one.steps(cell.value, grid), end).into_iter();
                let points = corners.map(|(time, value)| panel.at(time, value));
                page.scene.line(curve::thinned(points), one.stroke());
            }
        }
    }
    Some(page.scene)
}

/// What distinguishes a cell: a single swept value with its key, if it is a number that would say
/// nothing by itself.
fn name(grid: &Grid<&FunctionResults>, cell: &Cell<&FunctionResults>) -> String {
    let label = grid.label(cell);
    match &grid.dimensions[..] {
        [only] if only.swept && numbers::quantity(&label).is_some() => {
            format!("{} = {label}", only.name)
        }
        _ => label,
    }
}

fn subtitle(grid: &Grid<&FunctionResults>) -> String {
    let what = grid.subtitle("Environments over simulated time");
    let heading = grid.heading();
    if heading.is_empty() {
        what
    } else {
        format!("{what}, by {heading}")
    }
}

fn notes(shown: usize, all: usize) -> Vec<String> {
    let mut notes = vec![
        "Means over the replications, in bins of equal width. Pale: the most environments in any \
         replication."
            .to_owned(),
    ];
    if shown < all {
        notes.push(format!("{shown} of {all} are shown."));
    }
    notes
}

fn legend(series: &[Series]) -> Section {
    let entries = series.iter().map(|one| {
        let Stroke { color, dash, .. } = one.stroke();
        let style = Style {
            color,
            dash,
            marker: Marker::Circle,
        };
        (Swatch::Line(style), one.name().to_owned())
    });
    Section {
        heading: String::new(),
        entries: entries.collect(),
    }
}

/// When the last of all lines ends, in seconds.
fn end_of(grid: &Grid<&FunctionResults>) -> f64 {
    let cells = grid.cells.iter();
    let ends = cells.map(|cell| {
        let steps = steps(&cell.value.environments, |mean, _| mean);
        steps.last().map_or(0.0, |&(time, _)| time)
    });
    ends.fold(0.0, f64::max)
}

/// The greatest value of these series at all points of a function, so that its panels compare.
fn scale_of(grid: &Grid<&FunctionResults>, function: &FunctionResults, series: &[Series]) -> f64 {
    let same = grid
        .cells
        .iter()
        .filter(|cell| cell.value.name == function.name);
    let all = same.flat_map(|cell| series.iter().map(|one| most(one.steps(cell.value, grid))));
    all.fold(0.0, f64::max)
}

/// The steps up to `end`: what is invoked may be so longer than environments are watched.
fn until(steps: Vec<Point>, end: f64) -> Vec<Point> {
    let cut = steps
        .into_iter()
        .map(|(time, value)| (time.min(end), value));
    let mut cut: Vec<Point> = cut.collect();
    // The first corner at the end closes its step.
    if let Some(at) = cut.iter().position(|&(time, _)| time >= end) {
        cut.truncate(at + 1);
    }
    cut
}

fn most(steps: Vec<Point>) -> f64 {
    let values = steps.into_iter().map(|(_, value)| value);
    values.fold(0.0, f64::max)
}

impl Series {
    const fn name(self) -> &'static str {
        match self {
            Self::Environments => "environments",
            Self::MostEnvironments => "environments, most",
            Self::Busy => "busy",
            Self::Interfaces => "network interfaces",
            Self::Waiting => "waiting for one",
            Self::Throttled => "throttled per second",
        }
    }

    fn stroke(self) -> Stroke {
        let of = |index: usize| Stroke {
            color: LINES[index],
            width: LINE,
            dash: DASHES[index],
        };
        match self {
            Self::Environments => of(0),
            Self::MostEnvironments => Stroke {
                color: pale(LINES[0]),
                width: LINE,
                dash: &[],
            },
            Self::Busy => of(1),
            Self::Interfaces => of(2),
            Self::Waiting => Stroke { dash: &[], ..of(3) },
            Self::Throttled => Stroke { dash: &[], ..of(7) },
        }
    }

    /// The corners of a line of steps: times in seconds, and values.
    fn steps(self, function: &FunctionResults, grid: &Grid<&FunctionResults>) -> Vec<Point> {
        match self {
            Self::Environments => steps(&function.environments, |mean, _| mean),
            Self::MostEnvironments => steps(&function.environments, |_, most| most as f64),
            Self::Busy => steps(&function.concurrency, |mean, _| mean),
            Self::Interfaces => steps(&function.network_interfaces, |mean, _| mean),
            Self::Waiting => steps(&function.queued, |mean, _| mean),
            Self::Throttled => throttled(function, width_of(grid)),
        }
    }
}

fn pale(color: Color) -> Color {
    color.tinted()
}

fn steps(level: &LevelResults, value: fn(f64, u64) -> f64) -> Vec<Point> {
    let width = level.width().as_secs_f64();
    let corners = level.over_time().flat_map(|(start, mean, most)| {
        let (start, value) = (start.as_secs_f64(), value(mean, most));
        [(start, value), (start + width, value)]
    });
    corners.collect()
}

/// The widest bins of environments anywhere, in seconds.
fn width_of(grid: &Grid<&FunctionResults>) -> f64 {
    let cells = grid.cells.iter();
    let widths = cells.map(|cell| cell.value.environments.width().as_secs_f64());
    widths.fold(0.0, f64::max)
}

/// Throttled invocations per second of a replication, in bins that are `width` wide or wider: rates
/// over different times do not compare. All bins are a power of two wide.
fn throttled(function: &FunctionResults, width: f64) -> Vec<Point> {
    let replications = function.counts.len().max(1) as f64;
    let width = width.max(function.attempts.width().as_secs_f64());
    let mut rates: Vec<(f64, f64)> = Vec::new();
    for (start, bin) in function.attempts.bins() {
        let start = (start.as_secs_f64() / width).floor() * width;
        let rate = bin.failed as f64 / width / replications;
        match rates.last_mut() {
            Some((last, sum)) if *last >= start => *sum += rate,
            _ => rates.push((start, rate)),
        }
    }
    let end = rates.last().map(|(start, _)| (start + width, 0.0));
    let corners = rates.iter();
    corners
        .flat_map(|&(start, rate)| [(start, rate), (start + width, rate)])
        .chain(end)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::grid::of_environments;
    use super::*;
    use crate::experiment::PointResults;
    use crate::report::lambda::fixture::{Function, point, secs};
    use crate::sim::ThrottleReason;

    fn spike(most: u64) -> Function {
        Function::new("api")
            .replication(100, &[0.2])
            .replication(100, &[0.2])
            .busy(&[(1.0, most), (3.0, most / 2), (8.0, 0)])
    }

    fn texts(points: &[PointResults]) -> Option<Vec<String>> {
        let scene = figure("t", &of_environments(points))?;
        let texts = scene.texts();
        Some(texts.iter().map(|(text, _)| (*text).to_owned()).collect())
    }

    fn has(texts: &[String], wanted: &str) -> bool {
        texts.iter().any(|text| text == wanted)
    }

    #[test]
    fn one_environment_at_a_time_is_not_worth_a_figure() {
        assert_eq!(texts(&[point(&[], vec![spike(1)], 0)]), None);
        assert_eq!(texts(&[point(&[], vec![Function::new("idle")], 0)]), None);
        assert_eq!(texts(&[]), None);
    }

    #[test]
    fn rows_are_there_for_what_happens() {
        let calm = texts(&[point(&[], vec![spike(40)], 0)]).unwrap();
        assert!(has(&calm, "busy") && has(&calm, "Environments"), "{calm:?}");
        assert!(!has(&calm, "Waiting") && !has(&calm, "Throttled per second"));
        assert!(
            has(&calm, "Environments over simulated time: api"),
            "{calm:?}"
        );
        let reason = ThrottleReason::ConcurrencyScalingRateExceeded;
        let troubled = spike(40)
            .queued(&[(1.0, 9), (2.0, 0)])
            .throttled(reason, 50, secs(2.0));
        let troubled = texts(&[point(&[], vec![troubled], 0)]).unwrap();
        assert!(has(&troubled, "Waiting") && has(&troubled, "Throttled per second"));
    }

    #[test]
    fn a_point_that_stays_small_is_shown_beside_one_that_does_not() {
        let at = |memory, most| point(&[("f.memory", memory)], vec![spike(most)], 0);
        let texts = texts(&[at("1 GB", 1), at("2 GB", 30)]).unwrap();
        let named = ["memory = 1 GB", "memory = 2 GB"];
        assert!(named.iter().all(|name| has(&texts, name)), "{texts:?}");
    }

    #[test]
    fn the_first_and_the_last_of_many_are_among_the_shown() {
        let points: Vec<PointResults> = (1..=30)
            .map(|n| point(&[("f.load", &*format!("{n} %"))], vec![spike(n)], 0))
            .collect();
        let texts = texts(&points).unwrap();
        assert!(has(&texts, "load = 1 %") && has(&texts, "load = 30 %"));
        assert!(has(&texts, "12 of 30 are shown."), "{texts:?}");
    }

    #[test]
    fn lines_end_with_the_axis() {
        let steps = vec![
            (0.0, 3.0),
            (2.0, 3.0),
            (2.0, 5.0),
            (4.0, 5.0),
            (4.0, 1.0),
            (6.0, 1.0),
        ];
        assert_eq!(until(steps.clone(), 9.0), steps);
        assert_eq!(
            until(steps.clone(), 3.0),
            [(0.0, 3.0), (2.0, 3.0), (2.0, 5.0), (3.0, 5.0)]
        );
        assert_eq!(until(steps, 4.0).len(), 4);
    }

    #[test]
    fn throttling_is_a_rate_of_one_replication() {
        let reason = ThrottleReason::ConcurrencyScalingRateExceeded;
        let function = spike(5).throttled(reason, 50, secs(2.0)).results();
        let steps = throttled(&function, 4.0);
        let width = steps[1].0 - steps[0].0;
        assert!(width >= 4.0, "{width}");
        let total: f64 = steps.iter().step_by(2).map(|(_, rate)| rate * width).sum();
        assert!((total - 25.0).abs() < 1e-9, "{total}");
    }
}
