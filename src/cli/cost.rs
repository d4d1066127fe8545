//! `netsim cost`: what a design costs in a month, without simulating it.

use std::path::PathBuf;

use clap::Args;

use super::scenario::{Format, Settings, bills, color};
use super::{Failure, Status, complain, print};
use crate::report::{bill_text, bills_json};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Scenario files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    /// Try several values of a key: PATH=V1,V2,…
    #[arg(long, value_name = "PATH=V1,V2,…")]
    sweep: Vec<String>,
    /// Form of the answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let mut status = Status::Success;
    for (index, file) in arguments.files.iter().enumerate() {
        let (document, bills, warnings) = match bills(file, &arguments.settings, &arguments.sweep) {
            Ok(billed) => billed,
            Err(failure) => {
                complain(&failure.message);
                status = status.max(failure.status);
                continue;
            }
        };
        complain(&warnings.render(color()));
        let text = match arguments.format {
            Format::Text => bill_text(document.stem(), &bills),
            Format::Json => bills_json(document.stem(), &bills),
        };
        let between = if index > 0 { "\n" } else { "" };
        print(&format!("{between}{text}"))?;
    }
    Ok(status)
}
