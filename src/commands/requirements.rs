//! `requirements`: the agent-runner's lock in pip's form, for an environment with its tests' tools.

use std::process::ExitCode;

use stigmer_e2e::toolset::{Surroundings, agent_runner_requirements};

#[expect(clippy::print_stdout, reason = "the list is the command's output")]
pub(super) fn run() -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::of_this_process()?;
    print!(
        "{}",
        agent_runner_requirements(&surroundings, &["main", "dev"])?
    );
    Ok(ExitCode::SUCCESS)
}
