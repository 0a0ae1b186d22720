//! `stigmer-e2e`: sets up, runs and looks after isolated Stigmers.

mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run()
}
