//! The `netsim` binary: see [`netsim::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    netsim::cli::main()
}
