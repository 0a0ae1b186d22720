//! What `stigmer-e2e` is told on its command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use super::{
    demo, doctor, provision, report, requirements, soak, soak_round, supervisor, test, up,
};

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
    /// Apply and run an example agent on an isolated Stigmer, and check its database
    Demo,
    /// Bring an isolated Stigmer up, for a command or until Ctrl-C
    Up(up::Arguments),
    /// Pass the whole test suite under nextest
    Test(test::Arguments),
    /// Install and build the programs that are missing
    Provision,
    /// Say of every program where it is, its version, what is wrong and what cures it
    Doctor,
    /// Kill runs at random moments and count what they leave behind
    Soak(soak::Arguments),
    /// The run that a soak kills
    #[command(hide = true)]
    SoakRound(soak_round::Arguments),
    /// Print what pip installs for the agent-runner and its tests, from its poetry.lock
    #[command(hide = true)]
    Requirements,
    /// Own the services of a run (started by tests)
    #[command(hide = true)]
    Supervisor(supervisor::Arguments),
}

/// Runs the command that the process was started with.
pub(crate) fn run() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo => demo::run(),
        Command::Up(arguments) => up::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Provision => provision::run(),
        Command::Doctor => doctor::run(),
        Command::Soak(arguments) => soak::run(&arguments),
        Command::SoakRound(arguments) => soak_round::run(&arguments),
        Command::Requirements => requirements::run(),
        Command::Supervisor(arguments) => supervisor::run(arguments),
    };
    result.unwrap_or_else(|error| report::report(&error))
}
