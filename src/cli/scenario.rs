//! The options that every command on scenarios has, and reading a scenario with them.

use std::io::IsTerminal;
use std::path::Path;

use clap::{Args, ValueEnum};
use toml::Value;

use super::Failure;
use crate::experiment::{Diagnosis, Plan};
use crate::scenario::{Document, Edit, command_line_axis};

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
        let mut edits: Vec<Edit> = self
            .set
            .iter()
            .map(|text| {
                Edit::parse("--set", text)
                    .map_err(|why| Failure::input(format!("error: --set: {why}\n")))
            })
            .collect::<Result<_, _>>()?;
        edits.extend(number("--seed", "seed", self.seed));
        edits.extend(number("--replications", "replications", self.replications));
        Ok(edits)
    }
}

/// Reads and plans the scenario in `file`.
pub(super) fn plan(file: &Path, changes: &Changes) -> Result<(Document, Plan), Failure> {
    let edits = changes.edits()?;
    for axis in &changes.sweep {
        command_line_axis(axis)
            .map_err(|why| Failure::input(format!("error: --sweep: {why}\n")))?;
    }
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::input(format!("error: cannot read {}: {error}\n", file.display()))
    })?;
    let document = Document::parse(file.display().to_string(), text)
        .map_err(|problems| Failure::input(problems.render(color())))?;
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
