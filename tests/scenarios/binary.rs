//! The `stigmer` program says and does what the library does.

use std::process::Stdio;

use regex::Regex;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use stigmer_e2e::cli::Output;
use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::toolset::Tool;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::api::apply_workflow;
use crate::drafts::{agent, set, task, workflow};
use crate::projects::{declared, declaring};
use crate::requirements::requirement;
use crate::support::{program, stigmer, within_patience};

/// What differs between two stacks and two moments: addresses, ids, times.
fn replaced(stack: &Stack, output: &Output) -> Result<String, TestFailure> {
    let mut text = output
        .to_string()
        .replace(&stack.server_address().to_string(), "[ADDRESS]");
    for (pattern, instead) in [
        (r"\b([a-z]{3})-[0-9a-z]{26}\b", "$1-[ID]"),
        (r"\bexecution-\d+-[0-9a-f]{8}\b", "[EXECUTION]"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[TIME]"),
        (r"Duration: \d+s", "Duration: [SECONDS]"),
        // A follower of something short comes in time for these, or does not.
        (r"ℹ ⏳ Execution pending\.\.\.\n\n", ""),
        (r"✓ ▶️  Execution started\n\n", ""),
        (r"⚙️ Task: \w+ \[Running\]\n\n", ""),
        (
            r"workflow-validation/[0-9a-f-]{36}",
            "workflow-validation/[ID]",
        ),
    ] {
        text = Regex::new(pattern)?
            .replace_all(&text, instead)
            .into_owned();
    }
    Ok(text)
}

#[tokio::test]
async fn the_program_says_what_the_library_says() -> TestResult {
    requirement!("cli:binary:same");
    let spec = StackSpec::server().with_workflow_runner();
    let (one, other) = (Stack::start(spec.clone()).await?, Stack::start(spec).await?);
    let raise = task(
        "fail",
        "RAISE",
        json!({ "error": "Broken", "message": "no luck" }),
    );
    let project = declaring(&[
        declared("agent-0.pb", &agent("helper")),
        declared(
            "workflow-0.pb",
            &workflow("fine", vec![set("only", json!({ "x": "1" }))]),
        ),
        declared("workflow-1.pb", &workflow("broken", vec![raise])),
    ])?;
    let config = project.path().as_str();
    for arguments in [
        &["version"][..],
        &["--help"],
        &["completions", "bash"],
        &["frobnicate"],
        &["run", "helper", "--runtime-env", "NOTHING"],
        &["apply", "--dry-run", "--config", config],
        &["apply", "--config", config],
        &["apply", "--config", config, "-o", "json"],
        &["apply", "--config", "testdata/does_not_compile.go"],
        &["run", "fine"],
        &["run", "fine", "-o", "yaml"],
        &["run", "broken"],
        &["run", "nope"],
        &["get", "agent", "helper"],
        &["get", "agent", "helper", "-o", "json"],
        &["get", "agent", "nobody"],
        &["list", "agents"],
        &["executions", "list", "--phase", "failed"],
        &["delete", "agent", "helper"],
    ] {
        let here = stigmer(&one, arguments)?.run().await;
        let there = other.cli_process(arguments.to_vec()).await?;
        let (here, there) = (replaced(&one, &here)?, replaced(&other, there.output())?);
        assert_eq!(here, there, "stigmer {}", arguments.join(" "));
    }
    Ok(())
}

#[rstest]
#[case::bash("bash")]
#[case::zsh("zsh")]
#[case::fish("fish")]
#[case::powershell("powershell")]
#[case::elvish("elvish")]
#[tokio::test]
async fn completions_know_every_command(
    #[future(awt)] bare_stack: Stack,
    #[case] shell: &str,
) -> TestResult {
    requirement!("cli:completions:commands");
    let script = bare_stack.cli(["completions", shell]).await;
    for command in [
        "apply",
        "run",
        "get",
        "list",
        "delete",
        "skill",
        "executions",
        "version",
    ] {
        script.succeeds().prints(command);
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_version_is_that_of_the_package(#[future(awt)] bare_stack: Stack) -> TestResult {
    requirement!("cli:version:package");
    let version = bare_stack.cli(["version"]).await;
    let expected = format!("stigmer {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(version.succeeds().output().stdout, expected);
    let flag = bare_stack.cli(["--version"]).await;
    assert_eq!(flag.succeeds().output().stdout, expected);
    Ok(())
}

/// The program follows a workflow that waits; what it prints comes line by line.
async fn following(
    stack: &Stack,
) -> Result<
    (
        Child,
        tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
    ),
    TestFailure,
> {
    let pause = task("pause", "WAIT", json!({ "seconds": 3600 }));
    apply_workflow(stack, workflow("sleeper", vec![pause])).await?;
    let mut child = Command::new(program(Tool::Stigmer)?)
        .args(["run", "sleeper"])
        .env_clear()
        .envs(stack.environment())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    until_printed(&mut lines, "Task: pause [Running]").await?;
    Ok((child, lines))
}

async fn until_printed(
    lines: &mut tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
    part: &str,
) -> Result<(), TestFailure> {
    let printed = async {
        let mut all = String::new();
        while let Some(line) = lines.next_line().await? {
            if line.contains(part) {
                return Ok(());
            }
            all.push_str(&line);
            all.push('\n');
        }
        Err(TestFailure::new(format!("{part:?} was not printed\n{all}")))
    };
    within_patience(part, printed).await?
}

fn send(child: &Child, signal: Signal) -> TestResult {
    let id = child.id().expect("it has not ended");
    let id = Pid::from_raw(id.try_into()?).expect("a child has a number");
    kill_process(id, signal)?;
    Ok(())
}

#[tokio::test]
async fn the_program_leaves_at_the_second_ctrl_c() -> TestResult {
    requirement!("cli:interrupt:leave");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let (mut child, mut lines) = following(&stack).await?;
    send(&child, Signal::INT)?;
    until_printed(&mut lines, "press Ctrl-C again").await?;
    send(&child, Signal::INT)?;
    let ended = within_patience("the program's end", child.wait()).await??;
    assert_eq!(ended.code(), Some(130));
    Ok(())
}

#[tokio::test]
async fn the_program_leaves_at_once_when_it_is_told_to_end() -> TestResult {
    requirement!("cli:interrupt:terminated");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let (mut child, _lines) = following(&stack).await?;
    send(&child, Signal::TERM)?;
    let ended = within_patience("the program's end", child.wait()).await??;
    assert_eq!(ended.code(), Some(130));
    Ok(())
}
