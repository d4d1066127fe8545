//! `netsim completions`: completion scripts, from the same definition as the parser.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Failure, Status, print};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let mut script = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "netsim", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Status::Success)
}
