//! The options that every command on scenarios has, and reading a scenario with them.

use std::io::IsTerminal;
use std::path::Path;

use clap::{Args, ValueEnum};
use toml::Value;

use super::Failure;
use crate::experiment::{self, Diagnosis, Plan, PointBill, resolve_topology};
use crate::scenario::{Document, Edit, command_line_axis};
use crate::topology::Topology;

/// Changes to a scenario from the command line.
#[derive(Debug, Args)]
pub(super) struct Changes {
    /// Set any key of the scenario: PATH=VALUE, such as function.api.memory="512 MB"; a key that
    /// is set is not swept
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Try several values of a key: PATH=V1,V2,…
    #[arg(long, value_name = "PATH=V1,V2,…")]
    sweep: Vec<String>,
    /// Seed of all random numbers
    #[arg(long, value_name = "N")]
    seed: Option<u32>,
    /// Independent repetitions of every point
    #[arg(long, value_name = "N")]
    replications: Option<u32>,
}

/// Changes to a scenario that is not run.
#[derive(Debug, Args)]
pub(super) struct Settings {
    /// Set any key of the scenario: PATH=VALUE, such as duration="1 min"
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
}

/// Form of what goes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

impl Changes {
    fn edits(&self) -> Result<Vec<Edit>, Failure> {
        let number = |flag: &str, key: &str, value: Option<u32>| {
            value.map(|value| {
                Edit::option(
                    format!("{flag} {value}"),
                    key,
                    Value::from(i64::from(value)),
                )
            })
        };
        let mut edits = set_edits(&self.set)?;
        edits.extend(number("--seed", "seed", self.seed));
        edits.extend(number("--replications", "replications", self.replications));
        Ok(edits)
    }
}

fn set_edits(set: &[String]) -> Result<Vec<Edit>, Failure> {
    set.iter()
        .map(|text| {
            Edit::parse("--set", text)
                .map_err(|why| Failure::input(format!("error: --set: {why}\n")))
        })
        .collect()
}

/// Reads the scenario in `file` and resolves its topology, with warnings.
pub(super) fn topology(file: &Path, settings: &Settings) -> Result<(Topology, Diagnosis), Failure> {
    let edits = set_edits(&settings.set)?;
    let document = read(file)?;
    resolve_topology(&document, &edits)
        .map_err(|diagnosis| Failure::input(rendered(&diagnosis, file)))
}

/// Reads the scenario in `file` and bills all its points, with warnings.
pub(super) fn bills(
    file: &Path,
    settings: &Settings,
    axes: &[String],
) -> Result<(Document, Vec<PointBill>, Diagnosis), Failure> {
    let edits = set_edits(&settings.set)?;
    check_axes(axes)?;
    let document = with_traces(read(file)?, file, &edits, axes);
    let (bills, warnings) = experiment::bills(&document, &edits, axes)
        .map_err(|diagnosis| Failure::input(rendered(&diagnosis, file)))?;
    Ok((document, bills, warnings))
}

fn check_axes(axes: &[String]) -> Result<(), Failure> {
    for axis in axes {
        command_line_axis(axis)
            .map_err(|why| Failure::input(format!("error: --sweep: {why}\n")))?;
    }
    Ok(())
}

fn read(file: &Path) -> Result<Document, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::input(format!("error: cannot read {}: {error}\n", file.display()))
    })?;
    Document::parse(file.display().to_string(), text)
        .map_err(|problems| Failure::input(problems.render(color())))
}

/// The scenario in `file` with the recorded arrivals that it names.
fn with_traces(document: Document, file: &Path, edits: &[Edit], axes: &[String]) -> Document {
    let folder = file.parent().unwrap_or(Path::new(""));
    document.with_traces(edits, axes, |name| {
        std::fs::read(folder.join(name)).map_err(|error| error.to_string())
    })
}

/// Reads and plans the scenario in `file`.
pub(super) fn plan(file: &Path, changes: &Changes) -> Result<(Document, Plan), Failure> {
    let edits = changes.edits()?;
    check_axes(&changes.sweep)?;
    let document = with_traces(read(file)?, file, &edits, &changes.sweep);
    let plan = Plan::new(&document, &edits, &changes.sweep)
        .map_err(|diagnosis| Failure::input(rendered(&diagnosis, file)))?;
    Ok((document, plan))
}

fn rendered(diagnosis: &Diagnosis, file: &Path) -> String {
    let errors = diagnosis
        .problems()
        .filter(|problem| problem.is_error())
        .count();
    let plural = if errors == 1 { "" } else { "s" };
    format!(
        "{}\n{}: {errors} error{plural}\n",
        diagnosis.render(color()),
        file.display()
    )
}

/// Whether diagnostics are coloured: on a terminal, unless `NO_COLOR` is set.
pub(super) fn color() -> bool {
    std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
