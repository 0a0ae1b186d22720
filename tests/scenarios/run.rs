//! `stigmer run`: what is run, by which name, and how it ends.

use serde_json::json;
use stigmer_e2e::stack::prelude::*;

use crate::api::{Stored as _, apply_agent, apply_workflow};
use crate::drafts::{agent, set, task, workflow};
use crate::requirements::requirement;
use crate::support::{assert_code, assert_printed, id_in, stigmer};

#[rstest]
#[tokio::test]
async fn an_agent_answers(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("cli:run:agent");
    stack.model().reply("Hello from the model.");
    stack
        .cli(["apply", "--config", "testdata/basic_agent.go"])
        .await
        .succeeds();
    stack
        .cli(["run", "test-agent", "--message", "hello"])
        .await
        .succeeds()
        .prints("🤖 Agent: Hello from the model.")
        .prints("✅ Execution completed");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn running_an_unknown_agent_says_what_to_do(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("cli:run:not-found");
    server_stack
        .cli(["run", "nope", "--message", "hello"])
        .await
        .exits(1)
        .prints("Agent or Workflow not found: nope")
        .prints("stigmer apply");
    Ok(())
}

#[rstest]
#[case::with_a_dash("agt-")]
#[case::as_older_tools_wrote_it("agt_")]
#[tokio::test]
async fn an_agent_is_run_by_its_id(
    #[future(awt)] stack: Stack,
    #[case] prefix: &str,
) -> TestResult {
    requirement!("cli:run:by-id");
    let id = apply_agent(&stack, agent("helper")).await?.id();
    stack.model().reply("Here I am.");
    let reference = id.replace("agt-", prefix);
    stack
        .cli(["run", &reference])
        .await
        .succeeds()
        .prints("✓ Agent execution started: helper")
        .prints("🤖 Agent: Here I am.");
    Ok(())
}

#[rstest]
#[case::with_a_dash("wfl-")]
#[case::as_older_tools_wrote_it("wf_")]
#[tokio::test]
async fn a_workflow_is_run_by_its_id(#[case] prefix: &str) -> TestResult {
    requirement!("cli:run:by-id");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let draft = workflow("counting", vec![set("one", json!({ "x": "1" }))]);
    let id = apply_workflow(&stack, draft).await?.id();
    let reference = id.replace("wfl-", prefix);
    stack
        .cli(["run", &reference])
        .await
        .succeeds()
        .prints("✓ Workflow execution started: counting")
        .prints("✓ Task: one [Completed]");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_name_means_the_workflow_before_the_agent(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("cli:run:workflow-first");
    apply_agent(&stack, agent("twin")).await?;
    apply_workflow(
        &stack,
        workflow("twin", vec![set("one", json!({ "x": "1" }))]),
    )
    .await?;
    stack
        .cli(["run", "twin"])
        .await
        .succeeds()
        .prints("✓ Workflow execution started: twin");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn in_a_project_the_latest_code_is_applied_and_run(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:run:project");
    stack.model().reply("Fine.");
    let project = crate::support::workspace()?.join("examples/basic-agent");
    let output = stigmer(&stack, ["run"])?.cwd(project).run().await;
    assert_code(&output, 0);
    assert_printed(&output, "Detected Stigmer project - applying latest code");
    assert_printed(&output, "✓ Deployed 1 resource(s)");
    assert_printed(&output, "🤖 Agent: Fine.");
    Ok(())
}

#[tokio::test]
async fn a_project_with_several_resources_wants_one_named() -> TestResult {
    requirement!("cli:run:several");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    stack
        .cli(["run", "--config", "examples/workflow-calling-an-agent"])
        .await
        .exits(2)
        .complains("the project has several resources that can be run")
        .complains("stigmer run summarizer | summarize");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn outside_of_a_project_a_run_wants_a_name(#[future(awt)] server_stack: Stack) -> TestResult {
    requirement!("cli:run:no-project");
    let output = stigmer(&server_stack, ["run"])?.cwd("/").run().await;
    assert_code(&output, 1);
    assert_printed(&output, "No Stigmer.yaml found in current directory");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_run_without_following_ends_at_once_and_goes_on(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:run:no-follow", "cli:logs:follow");
    apply_agent(&stack, agent("helper")).await?;
    stack
        .model()
        .reply(Reply::text("At last.").fault(Fault::hang()));
    let started = stack.cli(["run", "helper", "--follow=false"]).await;
    started
        .succeeds()
        .prints("✓ Agent execution started: helper");
    let id = id_in(&started.output().stdout, "aex")?;
    stack.cli(["executions", "get", &id]).await.succeeds();
    stack
        .model()
        .wait_for_requests(1, crate::support::PATIENCE)
        .await?;
    stack.model().release();
    stack
        .cli(["executions", "logs", &id, "--follow"])
        .await
        .succeeds()
        .prints("🤖 Agent: At last.")
        .prints("✅ Execution completed");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_run_that_takes_too_long_is_left_and_goes_on(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("cli:run:timeout");
    apply_agent(&stack, agent("helper")).await?;
    stack
        .model()
        .reply(Reply::text("At last.").fault(Fault::hang()));
    let left = stack.cli(["run", "helper", "--timeout", "1s"]).await;
    left.exits(1).complains("had not ended after 1 s");
    let id = id_in(&left.output().stderr, "aex")?;
    left.complains(&format!("stigmer executions logs {id} --follow"));
    stack
        .model()
        .wait_for_requests(1, crate::support::PATIENCE)
        .await?;
    stack.model().release();
    stack
        .cli(["executions", "logs", &id, "--follow"])
        .await
        .succeeds()
        .prints("🤖 Agent: At last.");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_model_that_fails_fails_the_execution_with_its_words(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("cli:exit:failed");
    stack.model().reply(Reply::failing(Fault::status(500)));
    apply_agent(&stack, agent("helper")).await?;
    stack
        .cli(["run", "helper", "--message", "hello"])
        .await
        .exits(3)
        .prints("❌ Execution failed")
        .prints("500");
    Ok(())
}

#[tokio::test]
async fn a_workflow_that_fails_is_exit_code_3_with_its_task() -> TestResult {
    requirement!("cli:exit:failed");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let raise = task(
        "give-up",
        "RAISE",
        json!({ "error": "OutOfLuck", "message": "no luck today" }),
    );
    apply_workflow(&stack, workflow("unlucky", vec![raise])).await?;
    stack
        .cli(["run", "unlucky"])
        .await
        .exits(3)
        .prints("✗ Task: give-up [Failed]")
        .prints("task \"give-up\" failed: OutOfLuck: no luck today");
    Ok(())
}

#[tokio::test]
async fn a_model_that_nobody_serves_fails_the_execution_with_its_address() -> TestResult {
    requirement!("agent:model:unreachable");
    let spec = StackSpec::full().with_environment("OLLAMA_BASE_URL", "http://127.0.0.1:1");
    let stack = Stack::start(spec).await?;
    apply_agent(&stack, agent("helper")).await?;
    stack
        .cli(["run", "helper", "--message", "hello"])
        .await
        .exits(3)
        .prints("❌ Execution failed")
        .prints("127.0.0.1:1");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_empty_message_is_refused_before_anything_is_asked(
    #[future(awt)] bare_stack: Stack,
) -> TestResult {
    requirement!("cli:run:empty-message");
    bare_stack
        .cli(["run", "test-agent", "--message", ""])
        .await
        .exits(2)
        .complains("the message is empty");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn every_mistake_of_runtime_values_is_told_without_secrets(
    #[future(awt)] bare_stack: Stack,
) -> TestResult {
    requirement!("cli:run:bad-values");
    let outcome = bare_stack
        .cli([
            "run",
            "helper",
            "--runtime-env",
            "NOTHING",
            "--runtime-env",
            "secret:hunter2",
        ])
        .await;
    outcome
        .exits(2)
        .complains("'NOTHING' is not NAME=VALUE")
        .complains("a secret is not NAME=VALUE");
    assert!(!outcome.output().stderr.contains("hunter2"));
    Ok(())
}
