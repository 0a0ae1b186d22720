//! Following an execution: what is printed while it goes on, also where the server goes away.

use std::collections::HashMap;

use serde_json::json;
use stigmer_e2e::stack::prelude::*;

use crate::api::{Stored as _, apply_agent, apply_workflow, start_workflow};
use crate::drafts::{agent, task, workflow};
use crate::proxy::Proxy;
use crate::requirements::requirement;
use crate::support::{
    PATIENCE, RunningCommand, assert_code, assert_printed, eventually, id_in, stigmer,
};

/// A followed run of an agent that has said "Half a sen" and waits to go on.
pub(crate) async fn half_said(stack: &Stack) -> Result<RunningCommand, TestFailure> {
    half_said_by(stack, |command| command).await
}

pub(crate) async fn half_said_by(
    stack: &Stack,
    given: impl FnOnce(stigmer_e2e::cli::Cli) -> stigmer_e2e::cli::Cli,
) -> Result<RunningCommand, TestFailure> {
    apply_agent(stack, agent("talker")).await?;
    stack
        .model()
        .reply(Reply::pieces(["Half a sen", "tence."]).fault(Fault::hang().after(1)));
    let run = RunningCommand::start(given(stigmer(stack, ["run", "talker"])?));
    run.prints("🤖 Agent: Half a sen").await?;
    Ok(run)
}

/// An execution of a workflow that waits for an hour.
pub(crate) async fn sleeping(stack: &Stack) -> Result<String, TestFailure> {
    let pause = task("pause", "WAIT", json!({ "seconds": 3600 }));
    let applied = apply_workflow(stack, workflow("sleeper", vec![pause])).await?;
    let started = start_workflow(stack, &applied, HashMap::new()).await?;
    Ok(started.id())
}

#[rstest]
#[tokio::test]
async fn a_message_is_printed_while_it_grows(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("cli:follow:grows");
    let run = half_said(&stack).await?;
    assert!(!run.stdout.text().contains("tence."));
    stack.model().release();
    let output = run.ends().await?;
    assert_code(&output, 0);
    assert_printed(&output, "🤖 Agent: Half a sentence.\n");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_cancelled_execution_ends_those_who_follow_it_and_keeps_what_was_said(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!(
        "cli:cancel:followed",
        "cli:exit:cancelled",
        "agent:cancel:partial-text"
    );
    let run = half_said(&stack).await?;
    let id = id_in(&run.stdout.text(), "aex")?;
    let cancel = ["executions", "cancel", &id, "--reason", "no longer needed"];
    stack
        .cli(cancel)
        .await
        .succeeds()
        .prints(&format!("Cancellation requested: {id}"));
    let output = run.ends().await?;
    assert_code(&output, 4);
    assert_printed(&output, "Execution cancelled");
    stack
        .cli(["executions", "logs", &id])
        .await
        .succeeds()
        .prints("🤖 Agent: Half a sen")
        .prints("Error: no longer needed");
    stack
        .cli(["executions", "cancel", &id])
        .await
        .exits(1)
        .complains("cannot cancel execution");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_cancelled_agent_no_longer_listens_to_its_model(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("agent:cancel:model-let-go");
    use stigmer_e2e::model::Delivery;
    let run = half_said(&stack).await?;
    let id = id_in(&run.stdout.text(), "aex")?;
    stack.cli(["executions", "cancel", &id]).await.succeeds();
    assert_code(&run.ends().await?, 4);
    let gone = |requests: &[stigmer_e2e::model::RecordedRequest]| {
        requests[0].delivery == Delivery::Abandoned
    };
    let waited = stack.model().wait_until(PATIENCE, gone).await;
    waited.map_err(|last| TestFailure::new(format!("the model still talks: {last:?}")))?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_follower_waits_for_a_server_that_is_away_and_misses_nothing(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:follow:server-away");
    let proxy = Proxy::start().await?;
    proxy.leads_to(stack.server_address());
    let run = half_said_by(&stack, |command| {
        command.args(["--server", &proxy.address().to_string()])
    })
    .await?;
    let id = id_in(&run.stdout.text(), "aex")?;
    proxy.cut();
    stack.model().release();
    eventually("the agent ends while nobody can see it", async || {
        let shown = stack.cli(["executions", "get", &id]).await;
        let text = shown.output().stdout.clone();
        text.contains("Completed").then_some(()).ok_or(text)
    })
    .await?;
    assert!(!run.stdout.text().contains("tence."));
    proxy.leads_to(stack.server_address());
    let output = run.ends().await?;
    assert_code(&output, 0);
    assert_printed(&output, "🤖 Agent: Half a sen");
    assert_printed(&output, "tence.");
    assert_printed(&output, "✅ Execution completed");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn logs_of_an_ended_execution_end_at_once_whether_followed_or_not(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:logs:ended");
    let helper = apply_agent(&stack, agent("talker")).await?.id();
    stack.model().reply("All said.");
    let ran = stack.cli(["run", &helper]).await;
    let id = id_in(&ran.succeeds().output().stdout, "aex")?;
    for follow in [&[][..], &["--follow"][..]] {
        let arguments = [&["executions", "logs", id.as_str()], follow].concat();
        stack
            .cli(arguments)
            .await
            .succeeds()
            .prints("🤖 Agent: All said.")
            .prints("✓ Done!");
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_follower_waits_for_a_server_that_is_killed_and_started_again(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:follow:server-away");
    let run = half_said(&stack).await?;
    let server = stack.service(Service::StigmerServer);
    server.kill().await?;
    stack.model().release();
    server.start().await?;
    let output = run.ends().await?;
    assert_code(&output, 0);
    assert_printed(&output, "tence.");
    assert_printed(&output, "✅ Execution completed");
    assert_eq!(output.stderr, "");
    Ok(())
}

#[tokio::test]
async fn logs_of_a_workflow_are_followed_across_a_restart_of_the_server() -> TestResult {
    requirement!("cli:follow:server-away", "cli:logs:follow");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let id = sleeping(&stack).await?;
    let logs = RunningCommand::start(stigmer(&stack, ["executions", "logs", &id, "--follow"])?);
    logs.prints("Task: pause [Running]").await?;
    let server = stack.service(Service::StigmerServer);
    server.kill().await?;
    server.start().await?;
    stack.cli(["executions", "cancel", &id]).await.succeeds();
    let output = logs.ends().await?;
    assert_code(&output, 4);
    let shown = output.stdout.matches("Task: pause [Running]").count();
    assert_eq!(shown, 1, "{output}");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_follower_gives_up_a_server_that_does_not_come_back(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:follow:server-gone");
    let run = half_said(&stack).await?;
    let id = id_in(&run.stdout.text(), "aex")?;
    stack.service(Service::StigmerServer).kill().await?;
    let output = run.ends().await?;
    assert_code(&output, 1);
    for part in [
        "the connection to the server was lost",
        &stack.server_address().to_string(),
        &format!("stigmer executions logs {id} --follow"),
    ] {
        assert!(
            output.stderr.contains(part),
            "{part:?} is missing\n{output}"
        );
    }
    assert_printed(&output, "🤖 Agent: Half a sen\n");
    Ok(())
}
