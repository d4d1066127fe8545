//! `netsim run`: simulate, show the summary, leave everything in the output folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
#[allow(clippy::disallowed_types)] // the one place that may look at the clock
use std::time::Instant;

use clap::Args;
use sha2::{Digest, Sha256};

use super::progress::Bar;
use super::scenario::{Changes, Format, color, plan};
use super::{Failure, Status, complain, print};
use crate::experiment::{Outcome, Plan};
use crate::report::{Manifest, Report, Summary, summary_text, write};
use crate::scenario::Document;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Scenario files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    changes: Changes,
    /// Threads; 0 takes as many as there are cores
    #[arg(long, short, value_name = "N", default_value_t = 0)]
    jobs: usize,
    /// Folder that gets a folder for each scenario
    #[arg(long, short, value_name = "DIR", default_value = "output")]
    output: PathBuf,
    /// Form of the summary
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Show no progress and no warnings
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    // Without a handler Ctrl-C ends the process at once: a loss, but no reason not to start.
    let handler = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    if let Err(error) = handler {
        complain(&format!(
            "warning: Ctrl-C will lose unfinished work: {error}\n"
        ));
    }
    // Every scenario is planned before the first runs: a mistake in the last is known at once.
    let plans: Vec<(Document, Plan)> = arguments
        .files
        .iter()
        .map(|file| plan(file, &arguments.changes))
        .collect::<Result<_, _>>()?;
    for (index, (document, plan)) in plans.iter().enumerate() {
        if plan.sends_nothing() {
            let name = document.stem();
            return Err(Failure::input(format!(
                "error: {name} has no workload, so there is nothing to run\n  help: add a table such as [ping.probe], [request.api], [datagram.load] or [invoke.users]; `netsim path` and `netsim cost` need none\n"
            )));
        }
        if plans[..index]
            .iter()
            .any(|(other, _)| other.stem() == document.stem())
        {
            let name = document.stem();
            return Err(Failure::input(format!(
                "error: two scenarios are called `{name}`; both would write to the same folder\n"
            )));
        }
    }
    let mut status = Status::Success;
    for (document, plan) in &plans {
        // Once stopped, the others end before they begin, and say so.
        status = status.max(run_one(arguments, document, plan, &stop)?);
    }
    Ok(status)
}

fn run_one(
    arguments: &Arguments,
    document: &Document,
    plan: &Plan,
    stop: &AtomicBool,
) -> Result<Status, Failure> {
    if !arguments.quiet {
        complain(&plan.warnings.render(color()));
    }
    let bar = Bar::new(plan.runs(), arguments.quiet);
    #[allow(clippy::disallowed_types)] // wall-clock time of the manifest
    let began = Instant::now();
    let outcome = plan
        .run(arguments.jobs, stop, &|progress| bar.report(progress))
        .map_err(|error| Failure::internal(format!("error: cannot start threads: {error}\n")))?;
    bar.finish();
    let wall_s = began.elapsed().as_secs_f64();
    if outcome.points.is_empty() {
        return Ok(unfinished(&outcome, None));
    }
    let sha256 = hex_sha256(document.text().as_bytes());
    let report = Report {
        name: document.stem(),
        title: &plan.title,
        sha256: &sha256,
        seed: plan.seed,
        duration_secs: plan.duration_secs,
        design: plan.design.as_ref(),
        points: &outcome.points,
    };
    let summary = Summary::new(&report);
    let json = summary.to_json();
    match arguments.format {
        Format::Text => print(&summary_text(&report, &summary))?,
        Format::Json => print(&json)?,
    }
    let manifest = Manifest {
        netsim_version: env!("CARGO_PKG_VERSION"),
        scenario_sha256: sha256.clone(),
        trace_sha256: document.traces().hashes(),
        seed: plan.seed,
        command_line: std::env::args().collect(),
        wall_s,
        events: outcome
            .points
            .iter()
            .map(|point| point.results.events)
            .sum(),
        interrupted: outcome.interrupted,
        warnings: plan.warnings.problems().map(ToString::to_string).collect(),
        digest: hex_sha256(json.as_bytes()),
    };
    let directory = arguments.output.join(document.stem());
    let files = write(&report, &summary, &manifest, &directory)
        .map_err(|error| Failure::internal(format!("error: {error}\n")))?;
    if !arguments.quiet {
        complain(&format!(
            "\n{} files in {} ({:.1} million events in {wall_s:.1} s)\n",
            files.len(),
            directory.display(),
            manifest.events as f64 / 1e6,
        ));
    }
    Ok(unfinished(&outcome, Some(&directory)).max(expectations(&outcome)))
}

/// Says what did not finish, and where the rest is.
fn unfinished(outcome: &Outcome, directory: Option<&Path>) -> Status {
    for (label, failure) in &outcome.failures {
        let point = if label.is_empty() {
            String::new()
        } else {
            format!(" {label}:")
        };
        complain(&format!("error:{point} {failure}\n"));
    }
    if outcome.interrupted {
        let kept = directory.map_or_else(
            || "nothing had finished".to_owned(),
            |directory| format!("what had finished is in {}", directory.display()),
        );
        complain(&format!("interrupted: {kept}\n"));
    }
    match (outcome.interrupted, outcome.failures.is_empty()) {
        (true, _) => Status::Internal,
        (false, false) => Status::Input,
        (false, true) => Status::Success,
    }
}

/// The answer is no if a path is refused or found against the scenario's expectation.
fn expectations(outcome: &Outcome) -> Status {
    let mut workloads = outcome
        .points
        .iter()
        .flat_map(|point| &point.results.workloads);
    if workloads.all(|workload| workload.as_expected) {
        Status::Success
    } else {
        Status::No
    }
}

fn hex_sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
