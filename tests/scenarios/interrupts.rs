//! Ctrl-C while an execution is followed: it asks once whether to cancel, and the second time leaves.

use std::collections::HashMap;

use serde_json::json;
use stigmer_e2e::cli::Terminal;
use stigmer_e2e::stack::prelude::*;
use tokio::io::{AsyncWriteExt as _, DuplexStream};

use crate::api::{Stored as _, apply_workflow, start_workflow, workflow_reaches};
use crate::drafts::{task, workflow};
use crate::follow::{half_said, half_said_by, sleeping};
use crate::requirements::requirement;
use crate::support::{self, RunningCommand, assert_code, assert_printed, id_in, somebody, stigmer};
use crate::temporal::signal;

const QUESTION: &str = "Cancel the execution? [y/N] ";

/// What a command reads, and the hand that types it.
fn keyboard() -> (DuplexStream, DuplexStream) {
    tokio::io::duplex(1)
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
    assert_printed(&output, QUESTION);
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
    run.prints(QUESTION).await?;
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
    assert!(!output.stdout.contains(QUESTION), "{output}");
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
#[case::short("Y\n", 4)]
#[case::word("yes\n", 4)]
#[case::nothing("\n", 0)]
#[case::no_more_input("", 0)]
#[case::other("cancel\n", 0)]
#[tokio::test]
async fn only_yes_is_a_yes(
    #[future(awt)] stack: Stack,
    #[case] typed: &'static str,
    #[case] code: i32,
) -> TestResult {
    requirement!("cli:interrupt:yes", "cli:interrupt:no");
    let run = half_said_by(&stack, |command| command.terminal(somebody()).stdin(typed)).await?;
    run.interrupt();
    run.prints(QUESTION).await?;
    if code == 0 {
        stack.model().release();
    }
    assert_code(&run.ends().await?, code);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn it_asks_once_and_leaves_the_second_time(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("cli:interrupt:no", "cli:interrupt:leave");
    let (typed, mut hand) = keyboard();
    let run = half_said_by(&stack, |command| {
        command.terminal(somebody()).stdin_from(typed)
    })
    .await?;
    run.interrupt();
    run.prints(QUESTION).await?;
    hand.write_all(b"n\n").await?;
    run.prints(&format!("{QUESTION}\n")).await?;
    run.interrupt();
    let output = run.ends().await?;
    assert_code(&output, 130);
    assert_eq!(output.stdout.matches(QUESTION).count(), 1, "{output}");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_second_interrupt_leaves_while_the_question_stands(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:interrupt:leave", "cli:exit:interrupted");
    let (typed, _hand) = keyboard();
    let run = half_said_by(&stack, |command| {
        command.terminal(somebody()).stdin_from(typed)
    })
    .await?;
    let id = id_in(&run.stdout.text(), "aex")?;
    run.interrupt();
    run.prints(QUESTION).await?;
    run.interrupt();
    let output = run.ends().await?;
    assert_code(&output, 130);
    assert!(output.stderr.ends_with("Interrupted.\n"), "{output}");
    let shown = stack.cli(["executions", "get", &id]).await;
    shown.succeeds().prints("In progress");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_question_is_dropped_when_the_execution_ends(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:interrupt:question");
    let (typed, _hand) = keyboard();
    let run = half_said_by(&stack, |command| {
        command.terminal(somebody()).stdin_from(typed)
    })
    .await?;
    run.interrupt();
    run.prints(QUESTION).await?;
    stack.model().release();
    let output = run.ends().await?;
    assert_code(&output, 0);
    // Nothing is printed into the line of the question.
    assert_printed(&output, &format!("{QUESTION}\n"));
    assert_printed(&output, "tence.");
    Ok(())
}

#[tokio::test]
async fn what_happens_while_the_question_stands_is_printed_after_the_answer() -> TestResult {
    requirement!("cli:interrupt:question");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let to = json!({ "to": { "mode": "one", "signals": [{ "id": "go", "type": "signal" }] } });
    let pause = task("pause", "WAIT", json!({ "seconds": 3600 }));
    let draft = workflow("waiting", vec![task("hear", "LISTEN", to), pause]);
    let applied = apply_workflow(&stack, draft).await?;
    let id = start_workflow(&stack, &applied, HashMap::new()).await?.id();
    let (typed, mut hand) = keyboard();
    let follow = stigmer(&stack, ["executions", "logs", &id, "--follow"])?;
    let logs = RunningCommand::start(follow.terminal(somebody()).stdin_from(typed));
    logs.prints("Task: hear [Running]").await?;
    logs.interrupt();
    logs.prints(QUESTION).await?;
    signal(&stack, &id, "go", &json!({})).await?;
    workflow_reaches(&stack, &id, "pause", "IN_PROGRESS").await?;
    hand.write_all(b"n\n").await?;
    logs.prints(&format!("{QUESTION}\n")).await?;
    logs.prints("Task: pause [Running]").await?;
    logs.interrupt();
    assert_code(&logs.ends().await?, 130);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_yes_that_the_server_does_not_hear_is_told_and_the_run_goes_on(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:interrupt:server-away");
    let run = half_said_by(&stack, |command| command.terminal(somebody()).stdin("y\n")).await?;
    let server = stack.service(Service::StigmerServer);
    server.kill().await?;
    run.interrupt();
    run.prints("The execution was not cancelled: no server can be reached")
        .await?;
    server.start().await?;
    stack.model().release();
    let output = run.ends().await?;
    assert_code(&output, 0);
    assert_printed(&output, "tence.");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_second_interrupt_leaves_while_the_server_is_away(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:interrupt:server-away", "cli:interrupt:leave");
    let run = half_said(&stack).await?;
    stack.service(Service::StigmerServer).kill().await?;
    run.interrupt();
    run.prints("press Ctrl-C again").await?;
    run.interrupt();
    assert_code(&run.ends().await?, 130);
    Ok(())
}

#[rstest]
#[case::input_from_a_file(Terminal { stdout: true, ..Terminal::default() })]
#[case::output_to_a_file(Terminal { stdin: true, ..Terminal::default() })]
#[tokio::test]
async fn half_a_terminal_is_not_asked(
    #[future(awt)] stack: Stack,
    #[case] terminal: Terminal,
) -> TestResult {
    requirement!("cli:interrupt:nobody");
    let run = half_said_by(&stack, |command| command.terminal(terminal).stdin("y\n")).await?;
    run.interrupt();
    run.prints("press Ctrl-C again").await?;
    stack.model().release();
    let output = run.ends().await?;
    assert_code(&output, 0);
    assert!(!output.stdout.contains(QUESTION), "{output}");
    Ok(())
}

#[tokio::test]
async fn a_workflow_whose_logs_are_followed_is_cancelled_by_a_yes() -> TestResult {
    requirement!("cli:interrupt:yes", "cli:exit:cancelled", "cli:logs:follow");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let id = sleeping(&stack).await?;
    let follow = stigmer(&stack, ["executions", "logs", &id, "--follow"])?;
    let logs = RunningCommand::start(follow.terminal(somebody()).stdin("y\n"));
    logs.prints("Task: pause [Running]").await?;
    logs.interrupt();
    let output = logs.ends().await?;
    assert_code(&output, 4);
    assert_printed(&output, "Cancellation requested.");
    assert_printed(&output, "Execution cancelled");
    Ok(())
}

#[tokio::test]
async fn the_question_does_not_get_into_the_data() -> TestResult {
    requirement!("cli:interrupt:yes", "cli:data:failed-execution");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let id = sleeping(&stack).await?;
    let arguments = ["executions", "logs", &id, "--follow", "-o", "json"];
    let follow = stigmer(&stack, arguments)?;
    let logs = RunningCommand::start(follow.terminal(somebody()).stdin("y\n"));
    logs.complains("Task: pause [Running]").await?;
    logs.interrupt();
    let output = logs.ends().await?;
    assert_code(&output, 4);
    let phase = &support::json(&output)?["status"]["phase"];
    assert_eq!(phase, "EXECUTION_CANCELLED");
    assert!(output.stderr.contains(QUESTION), "{output}");
    Ok(())
}
