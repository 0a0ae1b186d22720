//! `up`: a stack by hand, for a command or until Ctrl-C.

use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus};

use anyhow::Context;
use camino::Utf8PathBuf;
use stigmer_e2e::model::{ModelScript, Reply};
use stigmer_e2e::toolset::Surroundings;
use tokio::signal::unix::{SignalKind, signal};

use super::provision;
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What the model answers (see docs/model.md); without it every message gets the same answer
    #[arg(long, value_name = "FILE")]
    model: Option<Utf8PathBuf>,
    /// Command to run with the stack's addresses in its environment; the stack ends with it
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// What the model says when nobody told it what to say.
const ANSWER: &str = "Hello from the scripted model.";
/// What a shell reports for a command that SIGINT ended.
const INTERRUPTED: u8 = 130;

pub(super) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::of_this_process()?;
    let script = match &arguments.model {
        Some(path) => ModelScript::read(path.as_ref())?,
        None => ModelScript::default(),
    };
    provision::ensure(&surroundings)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Asked for before the stack is there: an interrupt while it starts ends this process, and with it the run.
        let session = Session::start(surroundings, "up", script).await?;
        if arguments.model.is_none() {
            session.model().reply_by_default(Reply::text(ANSWER));
        }
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        print_addresses(&session, arguments.command.is_empty());
        let outcome = tokio::select! {
            code = beside(&session, &arguments.command) => code,
            screen = session.died() => Err(anyhow::anyhow!("{screen}")),
            _ = interrupted.recv(), if arguments.command.is_empty() => Ok(ExitCode::SUCCESS),
            _ = terminated.recv() => Ok(ExitCode::SUCCESS),
        };
        // A second Ctrl-C does not wait; the supervisor stops everything when this process is gone.
        let ended = tokio::task::spawn_blocking(move || session.end(true));
        tokio::select! {
            ended = ended => {
                ended.context("the end of the stack")??;
            }
            _ = interrupted.recv() => std::process::exit(INTERRUPTED.into()),
        }
        outcome
    })
}

/// Runs the command to its end; without one, waits for ever.
async fn beside(session: &Session, command: &[String]) -> anyhow::Result<ExitCode> {
    let Some((program, arguments)) = command.split_first() else {
        return std::future::pending().await;
    };
    let environment = session.environment();
    let status = tokio::process::Command::new(program)
        .args(arguments)
        .envs(exported(environment.iter()))
        .kill_on_drop(true)
        .status()
        .await
        .with_context(|| format!("cannot run {program}"))?;
    Ok(exit_code(status))
}

/// Addresses and places, not HOME and PATH: a person's command keeps its own.
fn exported<'a>(
    environment: impl Iterator<Item = (&'a String, &'a String)>,
) -> impl Iterator<Item = (&'a String, &'a String)> {
    environment.filter(|(name, _)| name.starts_with("STIGMER_") || name.starts_with("TEMPORAL_"))
}

/// As a shell reports it: a signal is 128 and its number.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(
        code.and_then(|code| u8::try_from(code).ok())
            .unwrap_or(u8::MAX),
    )
}

#[expect(clippy::print_stdout, reason = "addresses are the command's output")]
fn print_addresses(session: &Session, until_interrupted: bool) {
    let ready = session.ready();
    println!("stigmer-server   {}", ready.server);
    println!(
        "Temporal         {}  namespace {}",
        ready.temporal, ready.namespace
    );
    println!("model            {}", session.model().url());
    println!("logs             {}", ready.logs);
    let mut steps: Vec<_> = ready.timings.iter().collect();
    steps.sort_by(|one, other| one.1.total_cmp(other.1));
    let steps: Vec<String> = steps
        .iter()
        .map(|(step, ms)| format!("{step} {ms:.0}"))
        .collect();
    println!("ready after ms   {}", steps.join(", "));
    if until_interrupted {
        println!();
        for (name, value) in exported(session.environment().iter()) {
            println!("export {name}={value}");
        }
        println!("\nCtrl-C stops it.");
    }
}
