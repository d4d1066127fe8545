//! The command line: one file per command, and no logic of its own.
//!
//! Results go to standard output; progress and diagnostics to standard error. Exit status: 0
//! success, 1 the answer is no, 2 the input is wrong, 3 something that should not happen.

mod check;
mod completions;
mod cost;
mod init;
mod path;
mod progress;
mod run;
mod scenario;
mod schema;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A wind tunnel for VPC designs: a discrete-event network performance simulator.
#[derive(Debug, Parser)]
#[command(name = "netsim", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a scenario to start from
    Init(init::Arguments),
    /// Simulate scenarios; write plots, tables and a summary to output/<scenario>/
    Run(run::Arguments),
    /// Check scenarios without simulating them
    Check(check::Arguments),
    /// Explain hop by hop whether and how a packet gets from here to there
    Path(path::Arguments),
    /// The monthly bill of a design, with its arithmetic
    Cost(cost::Arguments),
    /// Print the JSON Schema of the scenario language, or its reference page
    Schema(schema::Arguments),
    /// Print a completion script for a shell
    Completions(completions::Arguments),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    /// It worked.
    Success = 0,
    /// It worked, and the answer is no.
    No = 1,
    /// The input is wrong.
    Input = 2,
    /// Something that should not happen, or the system did not let it happen.
    Internal = 3,
}

/// Why a command failed, as text for standard error.
#[derive(Debug)]
struct Failure {
    status: Status,
    message: String,
}

impl Failure {
    fn input(message: impl Into<String>) -> Self {
        Self {
            status: Status::Input,
            message: message.into(),
        }
    }

    fn internal(message: impl Into<String>) -> Self {
        Self {
            status: Status::Internal,
            message: message.into(),
        }
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A violated invariant is reported by the panic's own message, then as exit status 3.
    let result = std::panic::catch_unwind(|| match arguments.command {
        Command::Init(arguments) => init::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Path(arguments) => path::run(&arguments),
        Command::Cost(arguments) => cost::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    });
    let status = match result {
        Ok(Ok(status)) => status,
        Ok(Err(failure)) => {
            complain(&failure.message);
            failure.status
        }
        Err(_) => {
            complain("error: netsim found a mistake of its own; please report it\n");
            Status::Internal
        }
    };
    ExitCode::from(status as u8)
}

/// Writes to standard error; if even that fails there is nobody to tell.
fn complain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes to standard output. A reader that has gone away (`netsim … | head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::internal(format!(
            "error: cannot write to standard output: {error}\n"
        ))),
        _ => Ok(()),
    }
}
