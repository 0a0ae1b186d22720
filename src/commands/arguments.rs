//! What `stigmer-e2e` is told on its command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use super::{doctor, provision, report, supervisor};

/// End-to-end tests of Stigmer, each on a complete Stigmer of its own.
#[derive(Debug, Parser)]
#[command(
    name = "stigmer-e2e",
    bin_name = "cargo e2e",
    version,
    max_term_width = 100
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install and build the programs that are missing
    Provision,
    /// Say of every program where it is, its version, what is wrong and what cures it
    Doctor,
    /// Own the services of a run (started by tests)
    #[command(hide = true)]
    Supervisor(supervisor::Arguments),
}

/// Runs the command that the process was started with.
pub(crate) fn run() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Provision => provision::run(),
        Command::Doctor => doctor::run(),
        Command::Supervisor(arguments) => supervisor::run(arguments),
    };
    result.unwrap_or_else(|error| report::report(&error))
}
