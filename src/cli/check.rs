//! `netsim check`: every mistake of a scenario, without simulating it.

use std::path::PathBuf;

use clap::Args;

use super::scenario::{Changes, Format, color, plan};
use super::{Failure, Status, complain, print};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Scenario files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    changes: Changes,
    /// Form of the answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let mut status = Status::Success;
    for file in &arguments.files {
        let name = file.display().to_string();
        let answer = match plan(file, &arguments.changes) {
            Ok((_, plan)) => {
                complain(&plan.warnings.render(color()));
                let (points, runs) = (plan.points.len(), plan.runs());
                let warnings: Vec<String> =
                    plan.warnings.problems().map(ToString::to_string).collect();
                match arguments.format {
                    Format::Text => format!("{name}: ok, points: {points}, runs: {runs}\n"),
                    Format::Json => json(&serde_json::json!({
                        "file": name, "ok": true, "points": points, "runs": runs,
                        "warnings": warnings,
                    })),
                }
            }
            Err(failure) => {
                complain(&failure.message);
                status = status.max(failure.status);
                match arguments.format {
                    Format::Text => String::new(),
                    Format::Json => json(&serde_json::json!({ "file": name, "ok": false })),
                }
            }
        };
        print(&answer)?;
    }
    Ok(status)
}

fn json(value: &serde_json::Value) -> String {
    format!("{value}\n")
}
