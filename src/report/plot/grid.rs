//! Points × workloads (or functions) as a grid: which dimensions there are, and how to name a cell.

use std::collections::BTreeSet;

use toml::Value;

use crate::experiment::PointResults;
use crate::report::numbers::rounded;
use crate::sim::{FunctionResults, WorkloadResults};

/// Something that cells differ in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dimension {
    /// `workload`, `function`, or the last key of a swept path.
    pub name: String,
    /// Whether it is swept.
    pub swept: bool,
    /// Its distinct values, in order of appearance.
    pub values: Vec<String>,
}

/// A cell: its place in each dimension, and what was measured there.
#[derive(Debug, Clone)]
pub(super) struct Cell<T> {
    pub coordinates: Vec<usize>,
    pub value: T,
}

/// Everything that one kind of plot shows.
#[derive(Debug, Clone)]
pub(super) struct Grid<T> {
    /// Only those with more than one value.
    pub dimensions: Vec<Dimension>,
    pub cells: Vec<Cell<T>>,
    /// The name that all cells share, if they are of one workload or function.
    pub only: Option<String>,
    /// Those left out because nothing was measured there, by workload or function.
    pub empty: BTreeSet<String>,
}

/// The workloads of all points; those without samples are left out.
pub(super) fn of_workloads(points: &[PointResults]) -> Grid<&WorkloadResults> {
    build("workload", points, |point| {
        let workloads = point.results.workloads.iter();
        workloads
            .map(|workload| {
                let measured = (workload.latency.count() > 0).then_some(workload);
                (workload.name.as_str(), measured)
            })
            .collect()
    })
}

/// The workloads of all points that are measured by what they deliver.
pub(super) fn of_streams(points: &[PointResults]) -> Grid<&WorkloadResults> {
    build("workload", points, |point| {
        let workloads = point.results.workloads.iter();
        workloads
            .filter(|workload| workload.delivered.is_some())
            .map(|workload| (workload.name.as_str(), Some(workload)))
            .collect()
    })
}

/// The functions of all points; those without cold starts are left out.
pub(super) fn of_functions(points: &[PointResults]) -> Grid<&FunctionResults> {
    build("function", points, |point| {
        let functions = point.results.functions.iter();
        functions
            .map(|function| {
                let measured = (function.cold_starts > 0).then_some(function);
                (function.name.as_str(), measured)
            })
            .collect()
    })
}

/// The functions of all points, at each point of which something has happened over time, if one of
/// them has more than one environment at once somewhere.
pub(super) fn of_environments(points: &[PointResults]) -> Grid<&FunctionResults> {
    let all = points.iter().flat_map(|point| &point.results.functions);
    let watched = |function: &FunctionResults| function.environments.over_time().next().is_some();
    let several: BTreeSet<&str> = all
        .filter(|function| function.environments.peak > 1 && watched(function))
        .map(|function| function.name.as_str())
        .collect();
    build("function", points, |point| {
        let functions = point.results.functions.iter();
        functions
            .filter(|function| several.contains(function.name.as_str()) && watched(function))
            .map(|function| (function.name.as_str(), Some(function)))
            .collect()
    })
}

fn build<'a, T>(
    kind: &str,
    points: &'a [PointResults],
    of_point: impl Fn(&'a PointResults) -> Vec<(&'a str, Option<T>)>,
) -> Grid<T> {
    let mut dimensions = dimensions(kind, points);
    let (mut cells, mut empty) = (Vec::new(), BTreeSet::new());
    for point in points {
        for (name, value) in of_point(point) {
            let Some(value) = value else {
                empty.insert(name.to_owned());
                continue;
            };
            let parameters = point.parameters.iter().map(|(_, value)| shown(value));
            let place = std::iter::once(name.to_owned()).chain(parameters);
            let coordinates = dimensions
                .iter_mut()
                .zip(place)
                .map(|(dimension, value)| dimension.place(value))
                .collect();
            cells.push(Cell { coordinates, value });
        }
    }
    // One workload after the other, each in the order of the sweep.
    cells.sort_by(|a, b| a.coordinates.cmp(&b.coordinates));
    for dimension in &mut dimensions {
        dimension.shorten();
    }
    let only = match &dimensions[0].values[..] {
        [only] => Some(only.clone()),
        _ => None,
    };
    let mut grid = Grid {
        dimensions,
        cells,
        only,
        empty,
    };
    grid.keep(|dimension| dimension.values.len() > 1);
    grid
}

/// The kind, then the swept paths: all points have the same, since a sweep is a product.
fn dimensions(kind: &str, points: &[PointResults]) -> Vec<Dimension> {
    let parameters = points.first().map_or(&[][..], |point| &point.parameters);
    let paths: Vec<&str> = parameters.iter().map(|(path, _)| path.as_str()).collect();
    let named = |name: String, swept| Dimension {
        name,
        swept,
        values: Vec::new(),
    };
    let swept = paths
        .iter()
        .map(|path| named(short_name(path, &paths), true));
    std::iter::once(named(kind.to_owned(), false))
        .chain(swept)
        .collect()
}

/// As many last keys of `path` as tell it from the other `paths`.
fn short_name(path: &str, paths: &[&str]) -> String {
    let keys: Vec<&str> = path.split('.').collect();
    let last = |count: usize| {
        let tail = keys[keys.len() - count..].join(".");
        tail.replace('"', "")
    };
    let ambiguous = |name: &str| {
        let same = |other: &&&str| {
            let other = other.replace('"', "");
            other == name || other.ends_with(&format!(".{name}"))
        };
        paths.iter().filter(same).count() > 1
    };
    (1..keys.len())
        .map(last)
        .find(|name| !ambiguous(name))
        .unwrap_or_else(|| last(keys.len()))
}

/// A TOML value without the quotes of a string.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Array(_)
        | Value::Table(_) => value.to_string(),
    }
}

/// A long text without its middle: both ends may tell it from others.
fn abridged(text: &str) -> String {
    const MOST: usize = 36;
    const START: usize = 20;
    let count = text.chars().count();
    if count <= MOST {
        return text.to_owned();
    }
    let start: String = text.chars().take(START).collect();
    let end: String = text.chars().skip(count - (MOST - START - 1)).collect();
    format!("{}…{}", start.trim_end(), end.trim_start())
}

impl Dimension {
    /// The index of `value`, which becomes the last if it is new.
    fn place(&mut self, value: String) -> usize {
        let known = self.values.iter().position(|other| *other == value);
        known.unwrap_or_else(|| {
            self.values.push(value);
            self.values.len() - 1
        })
    }

    /// Shortens the values, if they can still be told apart.
    fn shorten(&mut self) {
        let values = self.values.iter();
        let short: Vec<String> = values.map(|value| abridged(&rounded(value))).collect();
        let distinct: BTreeSet<&String> = short.iter().collect();
        if distinct.len() == self.values.len() {
            self.values = short;
        }
    }
}

impl<T> Grid<T> {
    /// The names of the dimensions.
    pub(super) fn heading(&self) -> String {
        heading(&self.dimensions)
    }

    /// The name of a cell by its values: `uniform - 40 %`.
    pub(super) fn label(&self, cell: &Cell<T>) -> String {
        let label = label(&self.dimensions, &cell.coordinates);
        if label.is_empty() {
            self.only.clone().unwrap_or_default()
        } else {
            label
        }
    }

    /// What the figure shows, with the name that all cells share.
    pub(super) fn subtitle(&self, what: &str) -> String {
        match &self.only {
            Some(only) => format!("{what}: {only}"),
            None => what.to_owned(),
        }
    }

    /// The coordinates of all cells.
    pub(super) fn places(&self) -> Vec<Vec<usize>> {
        let cells = self.cells.iter();
        cells.map(|cell| cell.coordinates.clone()).collect()
    }

    fn keep(&mut self, wanted: impl Fn(&Dimension) -> bool) {
        let kept: Vec<bool> = self.dimensions.iter().map(wanted).collect();
        let mut flags = kept.iter();
        self.dimensions.retain(|_| flags.next() == Some(&true));
        for cell in &mut self.cells {
            let mut flags = kept.iter();
            cell.coordinates.retain(|_| flags.next() == Some(&true));
        }
    }
}

/// The names of dimensions, as a legend's heading.
pub(super) fn heading(dimensions: &[Dimension]) -> String {
    join(dimensions, dimensions.iter().map(|d| d.name.as_str()))
}

/// The values at `coordinates`.
pub(super) fn label(dimensions: &[Dimension], coordinates: &[usize]) -> String {
    let values = dimensions.iter().zip(coordinates);
    join(dimensions, values.map(|(d, &at)| d.values[at].as_str()))
}

/// Parameters are separated by commas, and by a dash from the workload in front of them.
fn join<'a>(dimensions: &[Dimension], parts: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for (index, part) in parts.enumerate() {
        text.push_str(match index {
            0 => "",
            1 if !dimensions[0].swept => " - ",
            _ => ", ",
        });
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{point, sweep};
    use super::*;

    #[test]
    fn one_point_is_named_by_workload() {
        let points = [point(&[], &[("a", &[1, 2]), ("b", &[3]), ("refused", &[])])];
        let grid = of_workloads(&points);
        assert_eq!(grid.heading(), "workload");
        let labels: Vec<String> = grid.cells.iter().map(|cell| grid.label(cell)).collect();
        assert_eq!(labels, ["a", "b"]);
        assert!(grid.empty.contains("refused"));
    }

    #[test]
    fn one_workload_is_named_by_its_parameters_without_their_keys() {
        let points = sweep(&[("function.api.memory", &["128 MB", "1 GB"])]);
        let grid = of_workloads(&points);
        assert_eq!(grid.heading(), "memory");
        assert_eq!(grid.label(&grid.cells[1]), "1 GB");
        assert_eq!(grid.only.as_deref(), Some("users"));
    }

    #[test]
    fn several_of_both_are_named_by_both() {
        let points = [("1", 5), ("2", 6)].map(|(value, ms)| {
            point(
                &[("a.load", value), ("a.size", "9 kB")],
                &[("x", &[ms]), ("y", &[ms])],
            )
        });
        let grid = of_workloads(&points);
        assert_eq!(grid.heading(), "workload - load");
        assert_eq!(grid.label(&grid.cells[2]), "y - 1");
        assert_eq!(grid.places(), [[0, 0], [0, 1], [1, 0], [1, 1]]);
    }

    #[test]
    fn paths_with_the_same_last_key_keep_more_of_them() {
        let paths = [
            "instance.a.instance_type",
            "instance.b.instance_type",
            "seed",
        ];
        assert_eq!(short_name(paths[0], &paths), "a.instance_type");
        assert_eq!(short_name(paths[2], &paths), "seed");
        assert_eq!(
            short_name("profile.\"lambda.code\"", &["profile.\"lambda.code\""]),
            "code"
        );
    }

    #[test]
    fn long_values_keep_both_ends() {
        let text = "{ poisson = { rate = \"20/s\" }, size = 10 }";
        assert_eq!(abridged(text), "{ poisson = { rate =…}, size = 10 }");
        assert_eq!(abridged("128 MB"), "128 MB");
    }

    #[test]
    fn nothing_measured_is_an_empty_grid() {
        assert!(of_workloads(&[]).cells.is_empty());
        assert!(of_functions(&sweep(&[("a", &["1"])])).cells.is_empty());
    }
}
