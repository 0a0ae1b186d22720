//! `test`: the whole suite under nextest.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use anyhow::Context;
use stigmer_e2e::toolset::{Surroundings, Tool, Toolset};

use super::provision;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Passed on to `cargo nextest run`
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "NEXTEST ARGUMENTS"
    )]
    arguments: Vec<String>,
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::of_this_process()?;
    provision::ensure(&surroundings)?;
    let toolset = Toolset::resolve(&surroundings, &[Tool::Nextest])?;
    let nextest = toolset.path(Tool::Nextest);
    // In place of this process: Ctrl-C and exit status are nextest's own.
    let error = Command::new(nextest)
        .args(["nextest", "run"])
        .args(arguments.arguments)
        .current_dir(surroundings.workspace())
        .exec();
    Err(error).with_context(|| format!("cannot run {nextest}"))
}
