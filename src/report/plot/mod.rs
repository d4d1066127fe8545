//! Plots of results, as SVG and PNG, from the same results always the same bytes.
//!
//! Each kind of plot is one file: it turns a grid of results into a scene of shapes, which `drawing`
//! draws with any backend.

mod axis;
mod bars;
mod breakdown;
mod cold_start_phases;
mod columns;
mod curve;
mod environments;
#[cfg(test)]
mod fixture;
mod grid;
mod latency_by_percentile;
mod latency_cdf;
mod page;
mod panel;
mod parameter;
mod styling;
mod sweep_response;
mod throughput;

use std::path::{Path, PathBuf};

use super::drawing::scene::Scene;
use super::drawing::write;
use crate::experiment::PointResults;

pub use super::drawing::PlotError;

/// Writes `<name>.svg` and `<name>.png` of every plot that these results have something to show in
/// into `directory`, which exists. Returns their paths in a fixed order.
///
/// # Errors
/// If a file cannot be written; those before it stay.
pub fn write_plots(
    title: &str,
    points: &[PointResults],
    directory: &Path,
) -> Result<Vec<PathBuf>, PlotError> {
    let mut paths = Vec::new();
    for (name, figure) in figures(title, points) {
        paths.extend(write(&figure, directory, name)?);
    }
    Ok(paths)
}

/// The figures by the name of their file.
fn figures(title: &str, points: &[PointResults]) -> Vec<(&'static str, Scene)> {
    let workloads = grid::of_workloads(points);
    let streams = grid::of_streams(points);
    let functions = grid::of_functions(points);
    let figures = [
        ("latency_cdf", latency_cdf::figure(title, &workloads)),
        (
            "latency_by_percentile",
            latency_by_percentile::figure(title, &workloads),
        ),
        ("throughput", throughput::figure(title, &streams)),
        ("breakdown", breakdown::figure(title, &workloads)),
        ("sweep_response", sweep_response::figure(title, &workloads)),
        (
            "cold_start_phases",
            cold_start_phases::figure(title, &functions),
        ),
        (
            "environments",
            environments::figure(title, &grid::of_environments(points)),
        ),
    ];
    let made = figures.into_iter();
    made.filter_map(|(name, figure)| Some((name, figure?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::fixture::{point, spikes, sweep, with_cold_starts};
    use super::*;

    const TITLE: &str = "Lambda <in> a VPC & \"three\" eras of 'cold' starts";

    /// Results of many shapes, by what they try.
    fn cases() -> Vec<(&'static str, Vec<PointResults>)> {
        let numbered = |count: usize| (0..count).map(|n| format!("{n}.25 %")).collect::<Vec<_>>();
        let borrowed = |texts: &[String]| -> Vec<&'static str> {
            texts.iter().map(|text| &*text.clone().leak()).collect()
        };
        let long = "a value so long that nobody would ever write it, except perhaps as a \
                    { poisson = { rate = \"20/s\" }, burst = { rate = \"2/s\", size = 10 } }";
        let memory = [
            "128 MB", "256 MB", "512 MB", "1024 MB", "1769 MB", "3008 MB",
        ];
        let attachment = [
            "none",
            "per_environment_eni",
            "hyperplane",
            "hyperplane_prewarmed",
        ];
        vec![
            ("one sample", vec![point(&[], &[("a", &[1])])]),
            (
                "alike",
                vec![point(&[], &[("a", &[7; 500]), ("b", &[7; 500])])],
            ),
            (
                "no time at all",
                vec![point(&[], &[("a", &[0, 0]), ("b", &[0; 90])])],
            ),
            (
                "far apart",
                vec![point(&[], &[("a", &[1; 50]), ("b", &[100_000; 50])])],
            ),
            ("four by six", {
                let axes = [
                    ("f.vpc_attachment", &attachment[..]),
                    ("f.memory", &memory[..]),
                ];
                with_cold_starts(sweep(&axes), &[("placement", &[9; 10]), ("code", &[8; 10])])
            }),
            (
                "categories",
                sweep(&[("a.kind", &borrowed(&numbered(2))), ("a.type", &attachment)]),
            ),
            (
                "a long axis",
                sweep(&[("a.load", &borrowed(&numbered(60)))]),
            ),
            (
                "many kinds",
                sweep(&[(
                    "a.type",
                    &borrowed(&(0..30).map(|n| format!("m5.{n}xlarge")).collect::<Vec<_>>()),
                )]),
            ),
            (
                "long labels",
                sweep(&[("a.arrivals", &[long, "short"]), ("a.b", &[long, "x", "y"])]),
            ),
            ("a spike", spikes(sweep(&[]), false)),
            ("a spike that is throttled", spikes(sweep(&[]), true)),
            (
                "four spikes",
                spikes(sweep(&[("f.vpc_attachment", &attachment)]), false),
            ),
            (
                "four that are throttled",
                spikes(sweep(&[("f.arrivals", &[long, "short", "x", "y"])]), true),
            ),
            ("six spikes", spikes(sweep(&[("f.memory", &memory)]), false)),
            (
                "six that are throttled",
                spikes(sweep(&[("f.memory", &memory)]), true),
            ),
            (
                "many spikes",
                spikes(
                    sweep(&[("f.vpc_attachment", &attachment), ("f.memory", &memory)]),
                    false,
                ),
            ),
            (
                "three axes",
                sweep(&[
                    ("a", &["1", "2"]),
                    ("b", &["x", "y", "z"]),
                    ("c", &["1 s", "2 s", "9 s"]),
                ]),
            ),
        ]
    }

    #[test]
    fn no_text_leaves_the_page_or_runs_into_another() {
        for (case, points) in cases() {
            for (name, scene) in figures(TITLE, &points) {
                let texts = scene.texts();
                for (index, (text, room)) in texts.iter().enumerate() {
                    let inside = room.left >= 0.0
                        && room.top >= 0.0
                        && room.right <= scene.width
                        && room.bottom <= scene.height;
                    assert!(inside, "{case}, {name}: `{text}` at {room:?}");
                    for (other, theirs) in &texts[index + 1..] {
                        let apart = room.right <= theirs.left
                            || theirs.right <= room.left
                            || room.bottom <= theirs.top
                            || theirs.bottom <= room.top;
                        assert!(apart, "{case}, {name}: `{text}` runs into `{other}`");
                    }
                }
            }
        }
    }

    #[test]
    fn each_kind_of_plot_is_there_when_it_has_something_to_show() {
        let names: BTreeMap<&str, Vec<&str>> = cases()
            .into_iter()
            .map(|(case, points)| {
                let figures = figures(TITLE, &points);
                (case, figures.into_iter().map(|(name, _)| name).collect())
            })
            .collect();
        assert_eq!(names["one sample"], ["latency_cdf", "breakdown"]);
        assert_eq!(
            names["alike"],
            ["latency_cdf", "latency_by_percentile", "breakdown"]
        );
        assert!(names["a spike"].contains(&"environments"));
        assert_eq!(
            names["four by six"],
            [
                "latency_cdf",
                "latency_by_percentile",
                "breakdown",
                "sweep_response",
                "cold_start_phases"
            ]
        );
    }

    #[test]
    fn nothing_measured_writes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let refused = [point(&[], &[("refused", &[])])];
        for points in [&[][..], &refused] {
            assert!(
                write_plots(TITLE, points, directory.path())
                    .unwrap()
                    .is_empty()
            );
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn files_are_whole_and_the_same_every_time() {
        let points = sweep(&[(
            "function.api.memory",
            &["128 MB", "<256> & \"MB\"", "512 MB"],
        )]);
        let [first, second] = [(), ()].map(|()| {
            let directory = tempfile::tempdir().unwrap();
            let paths = write_plots(TITLE, &points, directory.path()).unwrap();
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), paths.len());
            let file = |path: &PathBuf| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, fs::read(path).unwrap())
            };
            paths.iter().map(file).collect::<Vec<_>>()
        });
        assert_eq!(first.len(), 8);
        assert_eq!(first, second);
        for (name, bytes) in first {
            if bytes.starts_with(b"<svg") {
                assert_well_formed(std::str::from_utf8(&bytes).unwrap());
            } else {
                assert!(
                    bytes.starts_with(b"\x89PNG") && bytes.len() > 10_000,
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_error_with_the_path() {
        let directory = tempfile::tempdir().unwrap().path().join("gone");
        let points = [point(&[], &[("a", &[1])])];
        let error = write_plots(TITLE, &points, &directory).unwrap_err();
        assert_eq!(error.path, directory.join("latency_cdf.svg"));
        assert!(
            error.to_string().starts_with("cannot write the plot"),
            "{error}"
        );
    }

    /// Tags match, attributes are quoted, and markup in texts is escaped.
    fn assert_well_formed(svg: &str) {
        let mut open = Vec::new();
        let mut rest = svg;
        while let Some(start) = rest.find('<') {
            assert_escaped(&rest[..start]);
            let end = start + rest[start..].find('>').expect("a tag ends");
            let tag = &rest[start + 1..end];
            let name = tag.trim_start_matches('/').split([' ', '/']).next();
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            assert_escaped(tag);
            if tag.starts_with('/') {
                assert_eq!(open.pop(), name, "{tag}");
            } else if !tag.ends_with('/') {
                open.extend(name);
            }
            rest = &rest[end + 1..];
        }
        assert!(open.is_empty() && rest.trim().is_empty());
    }

    fn assert_escaped(text: &str) {
        for after in text.split('&').skip(1) {
            let entity = after.split(';').next();
            assert!(
                ["amp", "lt", "gt", "quot", "apos"]
                    .map(Some)
                    .contains(&entity),
                "{text}"
            );
        }
    }
}
