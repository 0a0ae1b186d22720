//! What a user of Stigmer tells a running workflow by Temporal's own command line.

use std::process::Stdio;

use serde_json::Value;
use stigmer_e2e::stack::{Stack, TestFailure};
use stigmer_e2e::toolset::Tool;
use tokio::process::Command;

use crate::support::{program, within_patience};

/// Runs Temporal's command line in the stack's namespace; gives what it printed.
pub(crate) async fn temporal(stack: &Stack, arguments: &[&str]) -> Result<String, TestFailure> {
    let running = Command::new(program(Tool::Temporal)?)
        .args(arguments)
        // It takes address and namespace from there.
        .env_clear()
        .envs(stack.environment())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = within_patience("Temporal's command line", running).await??;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(TestFailure::new(format!("temporal {arguments:?}: {told}")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Sends a signal to the workflow of an execution.
pub(crate) async fn signal(
    stack: &Stack,
    execution: &str,
    name: &str,
    payload: &Value,
) -> Result<(), TestFailure> {
    let (workflow, payload) = (running(execution), payload.to_string());
    let signal = ["workflow", "signal", "--workflow-id", &workflow];
    let what = ["--name", name, "--input", &payload];
    temporal(stack, &[&signal[..], &what[..]].concat()).await?;
    Ok(())
}

/// Sends an update to the workflow of an execution and waits for its answer.
pub(crate) async fn update(
    stack: &Stack,
    execution: &str,
    name: &str,
    payload: &Value,
) -> Result<(), TestFailure> {
    let (workflow, payload) = (running(execution), payload.to_string());
    let update = ["workflow", "update", "execute", "--workflow-id", &workflow];
    let what = ["--name", name, "--input", &payload];
    temporal(stack, &[&update[..], &what[..]].concat()).await?;
    Ok(())
}

/// The history of a workflow as JSON, by the id of the workflow.
pub(crate) async fn history(stack: &Stack, workflow: &str) -> Result<String, TestFailure> {
    let show = [
        "workflow",
        "show",
        "--output",
        "json",
        "--workflow-id",
        workflow,
    ];
    temporal(stack, &show).await
}

/// Id of the workflow that runs the tasks of an execution.
fn running(execution: &str) -> String {
    format!("workflow-exec-{execution}")
}
