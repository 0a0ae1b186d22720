//! `demo`: a real agent, applied and run through every real part.

use std::io::{stderr, stdout};
use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};
use stigmer_e2e::cli::Cli;
use stigmer_e2e::model::ModelScript;
use stigmer_e2e::toolset::Surroundings;

use super::provision;
use super::session::Session;

/// The example, the agent in it, and what the model will say.
const EXAMPLE: &str = "examples/basic-agent";
const AGENT: &str = "code-reviewer";
const MESSAGE: &str = "func divide(a, b int) int { return a / b }";
const ANSWER: &str = "It divides by zero when b is 0: return an error instead.";

pub(super) fn run() -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::of_this_process()?;
    provision::ensure(&surroundings)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let session = Session::start(surroundings.clone(), "demo", ModelScript::default()).await?;
        say(&format!(
            "stack {} is up: server {}, Temporal namespace {}, model {}",
            session.ready().stack,
            session.ready().server,
            session.ready().namespace,
            session.ready().model
        ));
        let played = tokio::select! {
            played = play(&surroundings, &session) => played,
            screen = session.died() => Err(anyhow::anyhow!("{screen}")),
        };
        let ended = session.end(played.is_ok())?;
        played?;
        ensure!(ended.leaks.is_empty(), "processes were left behind");
        say("the stack is gone");
        Ok(ExitCode::SUCCESS)
    })
}

async fn play(surroundings: &Surroundings, session: &Session) -> anyhow::Result<()> {
    session.model().reply(ANSWER);
    stigmer(surroundings, session, &["apply", "--config", EXAMPLE]).await?;
    stigmer(surroundings, session, &["run", AGENT, "--message", MESSAGE]).await?;
    let key = format!("agent:{AGENT}");
    let id = stored(session, &key)?;
    say(&format!("the database has {key} = {id}"));
    session
        .model()
        .verify()
        .map_err(|mismatch| anyhow::anyhow!("{mismatch}"))
}

async fn stigmer(
    surroundings: &Surroundings,
    session: &Session,
    arguments: &[&str],
) -> anyhow::Result<()> {
    say(&format!("\n$ stigmer {}", shown(arguments)));
    let code = Cli::new()
        .args(arguments)
        .cwd(surroundings.workspace())
        .envs(session.environment())
        .stream(stdout(), stderr())
        .await;
    ensure!(
        code == 0,
        "`stigmer {}` ended with exit code {code}",
        arguments[0]
    );
    Ok(())
}

/// Reads one index entry beside the living server.
fn stored(session: &Session, key: &str) -> anyhow::Result<String> {
    let ready = session.ready();
    let output = Command::new(&ready.store_program)
        .args(["get", &ready.database, key])
        .output()
        .with_context(|| format!("cannot run {}", ready.store_program))?;
    let entries: serde_json::Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let id = entries[key].as_str();
    id.map(str::to_owned)
        .with_context(|| format!("the database has no {key}"))
}

fn shown(arguments: &[&str]) -> String {
    let quoted = arguments
        .iter()
        .map(|argument| match argument.contains(' ') {
            true => format!("\"{argument}\""),
            false => (*argument).to_owned(),
        });
    quoted.collect::<Vec<_>>().join(" ")
}

#[expect(clippy::print_stdout, reason = "this is the demo")]
fn say(text: &str) {
    println!("{text}");
}
