//! `supervisor`: the process that owns the services of a run. Tests start it; people do not.

use std::os::fd::RawFd;
use std::process::ExitCode;

use camino::Utf8PathBuf;
use stigmer_e2e::supervisor::{Owner, Scope, StateFolder, SupervisorSpec, supervise};
use stigmer_e2e::sys::StartTime;
use stigmer_e2e::toolset::Surroundings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder of the state of all runs
    #[arg(long)]
    state: Utf8PathBuf,
    /// Id of the run
    #[arg(long)]
    run: String,
    /// Process whose end is the end of the run
    #[arg(long)]
    owner_pid: u32,
    /// When that process began
    #[arg(long)]
    owner_started: u64,
    /// Environment entry of everything that the run's tests start
    #[arg(long)]
    mark: Option<String>,
    /// Where to say that it is ready
    #[arg(long)]
    ready_descriptor: RawFd,
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("STIGMER_E2E_LOG"))
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
    supervise(&SupervisorSpec {
        state: StateFolder::at(arguments.state)?,
        scope: Scope {
            run: arguments.run,
            owner: Owner {
                pid: arguments.owner_pid,
                started: StartTime::from_number(arguments.owner_started),
            },
            mark: arguments.mark,
        },
        surroundings: Surroundings::of_this_process()?,
        ready: arguments.ready_descriptor,
    })?;
    Ok(ExitCode::SUCCESS)
}
