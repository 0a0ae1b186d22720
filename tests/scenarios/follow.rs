//! Following an execution: what is printed while it goes on, and how a user leaves or ends it.

use stigmer_e2e::stack::prelude::*;

use crate::api::{Stored as _, apply_agent};
use crate::drafts::agent;
use crate::proxy::Proxy;
use crate::requirements::requirement;
use crate::support::{
    PATIENCE, RunningCommand, assert_code, assert_printed, eventually, id_in, somebody, stigmer,
};

/// A followed run of an agent that has said "Half a sen" and waits to go on.
async fn half_said(stack: &Stack) -> Result<RunningCommand, TestFailure> {
    half_said_by(stack, |command| command).await
}

async fn half_said_by(
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
async fn the_first_interrupt_asks_and_yes_cancels_the_execution(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:interrupt:yes", "cli:exit:cancelled");
    let run = half_said_by(&stack, |command| command.terminal(somebody()).stdin("y\n")).await?;
    let id = id_in(&run.stdout.text(), "aex")?;
    run.interrupt();
    let output = run.ends().await?;
    assert_code(&output, 4);
    assert_printed(&output, "Cancel the execution? [y/N] ");
    assert_printed(&output, "Execution cancelled");
    stack
        .cli(["executions", "get", &id])
        .await
        .succeeds()
        .prints("Cancelled");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_first_interrupt_asks_and_no_goes_on(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("cli:interrupt:no");
    let run = half_said_by(&stack, |command| command.terminal(somebody()).stdin("n\n")).await?;
    run.interrupt();
    run.prints("Cancel the execution? [y/N] ").await?;
    stack.model().release();
    let output = run.ends().await?;
    assert_code(&output, 0);
    assert_printed(&output, "Interrupted; the execution goes on.");
    assert_printed(&output, "tence.");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn where_nobody_can_be_asked_an_interrupt_says_how_to_cancel(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:interrupt:nobody");
    let run = half_said(&stack).await?;
    let id = id_in(&run.stdout.text(), "aex")?;
    run.interrupt();
    run.prints(&format!("Cancel it: stigmer executions cancel {id}"))
        .await?;
    stack.model().release();
    let output = run.ends().await?;
    assert_code(&output, 0);
    assert!(!output.stdout.contains("[y/N]"), "{output}");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_second_interrupt_leaves_and_the_execution_goes_on(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:interrupt:leave", "cli:exit:interrupted");
    let run = half_said(&stack).await?;
    let id = id_in(&run.stdout.text(), "aex")?;
    run.interrupt();
    run.prints("press Ctrl-C again").await?;
    run.interrupt();
    let output = run.ends().await?;
    assert_code(&output, 130);
    stack.model().release();
    stack
        .cli(["executions", "logs", &id, "--follow"])
        .await
        .succeeds()
        .prints("🤖 Agent: Half a sentence.");
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
