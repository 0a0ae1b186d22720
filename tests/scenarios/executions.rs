//! Executions as the server keeps them: what is refused, how the platform ends them, how they are listed.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures_util::future::try_join_all;
use serde_json::json;
use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::wire::agent_execution::{AgentExecutionStatus, ExecutionPhase};
use stigmer_e2e::wire::workflow_execution::WorkflowExecutionSpec;
use tonic::Code;

use crate::api::{
    Stored as _, agent_ended, apply_agent, apply_workflow, create_agent_execution,
    create_workflow_execution, report, start_agent, start_workflow, tasks_of, workflow_ended,
    workflow_reaches,
};
use crate::drafts::{agent, ask, set, task, workflow};
use crate::proxy::Proxy;
use crate::requirements::requirement;
use crate::support::{PATIENCE, assert_code, eventually, json, stigmer};
use crate::temporal::temporal;

const COMPLETED: i32 = ExecutionPhase::ExecutionCompleted as i32;

#[rstest]
#[tokio::test]
async fn a_late_report_does_not_bring_an_execution_back(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("execution:status:ended-stays");
    let helper = apply_agent(&stack, agent("helper")).await?.id();
    stack.model().reply("Done.");
    let id = start_agent(&stack, ask(&helper, "Go.")).await?.id();
    agent_ended(&stack, &id).await?;
    for phase in [
        ExecutionPhase::ExecutionInProgress,
        ExecutionPhase::ExecutionFailed,
    ] {
        let late = AgentExecutionStatus {
            phase: phase.into(),
            error: "too late".to_owned(),
            ..AgentExecutionStatus::default()
        };
        report(&stack, &id, late).await?;
        let still = agent_ended(&stack, &id).await?;
        assert_eq!((still.phase, still.error.as_str()), (COMPLETED, ""));
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn running_an_agent_without_temporal_is_refused_and_leaves_nothing(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("execution:create:temporal-away");
    apply_agent(&server_stack, agent("helper")).await?;
    server_stack
        .cli(["run", "helper", "--message", "hello"])
        .await
        .exits(1)
        .complains("Temporal workflow engine is unavailable");
    server_stack
        .cli(["list", "executions"])
        .await
        .succeeds()
        .prints("No executions found");
    server_stack
        .cli(["list", "sessions"])
        .await
        .succeeds()
        .prints("No sessions found");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn running_a_workflow_without_temporal_is_refused_and_leaves_nothing(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("execution:create:temporal-away");
    let spec = WorkflowExecutionSpec {
        workflow_id: "wfl-00000000000000000000000000".to_owned(),
        ..WorkflowExecutionSpec::default()
    };
    let refused = create_workflow_execution(&server_stack, spec)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");
    assert!(
        refused
            .message()
            .contains("Temporal workflow engine is unavailable"),
        "{refused}"
    );
    server_stack
        .cli(["list", "executions"])
        .await
        .succeeds()
        .prints("No executions found");
    Ok(())
}

#[tokio::test]
async fn a_temporal_that_goes_away_refuses_runs_and_takes_them_again_when_it_is_back() -> TestResult
{
    requirement!("execution:create:temporal-back");
    // All stacks of a run share one Temporal; the first tells where it is.
    let first = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let proxy = Proxy::start().await?;
    let temporal = first.environment()["TEMPORAL_ADDRESS"].parse()?;
    proxy.leads_to(temporal);
    // Only the server takes the way that can be cut.
    let way = proxy.address().to_string();
    let spec = StackSpec::server().with_workflow_runner();
    let stack = Stack::start(spec.with_environment("TEMPORAL_HOST_PORT", way)).await?;
    apply_workflow(
        &stack,
        workflow("fine", vec![set("one", json!({ "x": "1" }))]),
    )
    .await?;
    proxy.cut();
    stack
        .cli(["run", "fine"])
        .await
        .exits(1)
        .complains("Temporal workflow engine is unavailable");
    let left = stack.cli(["list", "executions"]).await;
    left.succeeds().prints("No executions found");
    proxy.leads_to(temporal);
    eventually("runs are taken again", async || {
        let ran = stack.cli(["run", "fine"]).await;
        let output = ran.output();
        (output.code == 0).then_some(()).ok_or(output.to_string())
    })
    .await
}

#[tokio::test]
async fn executions_that_are_made_at_the_same_moment_get_each_a_session() -> TestResult {
    requirement!("execution:create:side-by-side");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let helper = apply_agent(&stack, agent("helper")).await?.id();
    let creations = (0..10).map(|_| start_agent(&stack, ask(&helper, "Go.")));
    let sessions: BTreeSet<String> = try_join_all(creations)
        .await?
        .into_iter()
        .map(|execution| execution.spec.unwrap().session_id)
        .collect();
    assert_eq!(sessions.len(), 10);
    Ok(())
}

#[tokio::test]
async fn a_workflow_that_takes_too_long_is_stored_as_failed() -> TestResult {
    requirement!("execution:failed:run-limit");
    let spec = StackSpec::server().with_workflow_runner();
    let stack = Stack::start(spec.with_environment("STIGMER_TIMEOUT_WORKFLOW_RUN", "1s")).await?;
    let pause = task("pause", "WAIT", json!({ "seconds": 3600 }));
    let applied = apply_workflow(&stack, workflow("endless", vec![pause])).await?;
    let id = start_workflow(&stack, &applied, HashMap::new()).await?.id();
    let ended = workflow_ended(&stack, &id).await?;
    assert_eq!(ended.phase().as_str_name(), "EXECUTION_FAILED");
    assert!(ended.error.contains("1s"), "{}", ended.error);
    assert!(!ended.completed_at.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_workflow_that_is_terminated_in_temporal_is_stored_as_failed() -> TestResult {
    requirement!("execution:failed:terminated");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let pause = task("pause", "WAIT", json!({ "seconds": 3600 }));
    let applied = apply_workflow(&stack, workflow("endless", vec![pause])).await?;
    let id = start_workflow(&stack, &applied, HashMap::new()).await?.id();
    workflow_reaches(&stack, &id, "pause", "IN_PROGRESS").await?;
    let terminate = ["workflow", "terminate", "--workflow-id"];
    let running = format!("workflow-exec-{id}");
    temporal(&stack, &[&terminate[..], &[&running]].concat()).await?;
    let ended = workflow_ended(&stack, &id).await?;
    assert_eq!(ended.phase().as_str_name(), "EXECUTION_FAILED");
    assert_eq!(ended.error, "the run was terminated in Temporal");
    assert_eq!(tasks_of(&ended), ["pause FAILED"]);
    Ok(())
}

#[tokio::test]
async fn an_agent_that_no_runner_takes_fails_with_that_reason() -> TestResult {
    requirement!("execution:failed:no-runner");
    // Nobody works for agents in this stack.
    let spec = StackSpec::server().with_workflow_runner();
    let limit = "STIGMER_TIMEOUT_AGENT_SCHEDULE_TO_START";
    let stack = Stack::start(spec.with_environment(limit, "1s")).await?;
    apply_agent(&stack, agent("helper")).await?;
    stack
        .cli(["run", "helper"])
        .await
        .exits(3)
        .prints("Internal system error occurred during execution")
        .prints("agent-runner");
    Ok(())
}

#[tokio::test]
async fn a_model_may_be_silent_for_longer_than_a_runner() -> TestResult {
    requirement!("execution:heartbeat:silent-model");
    let spec = StackSpec::full().with_environment("STIGMER_TIMEOUT_AGENT_HEARTBEAT", "1s");
    let stack = Stack::start(spec).await?;
    apply_agent(&stack, agent("thinker")).await?;
    // Three times the limit.
    stack
        .model()
        .reply(Reply::text("At last.").delay_first(Duration::from_secs(3)));
    stack
        .cli(["run", "thinker"])
        .await
        .succeeds()
        .prints("🤖 Agent: At last.");
    Ok(())
}

#[tokio::test]
async fn an_agents_end_is_told_when_the_server_is_back() -> TestResult {
    requirement!("execution:status:server-away");
    let proxy = Proxy::start().await?;
    let address = proxy.address().to_string();
    let spec = StackSpec::full().with_environment("STIGMER_BACKEND_ENDPOINT", address);
    let stack = Stack::start(spec).await?;
    proxy.leads_to(stack.server_address());
    let helper = apply_agent(&stack, agent("talker")).await?.id();
    let reply = Reply::pieces(["Half a sen", "tence."]).fault(Fault::hang().after(1));
    stack.model().reply(reply);
    let id = start_agent(&stack, ask(&helper, "Talk.")).await?.id();
    stack.model().wait_for_requests(1, PATIENCE).await?;
    proxy.cut();
    stack.model().release();
    let said_all = |requests: &[stigmer_e2e::model::RecordedRequest]| {
        requests[0].delivery == stigmer_e2e::model::Delivery::Complete
    };
    let waited = stack.model().wait_until(PATIENCE, said_all).await;
    waited.map_err(|last| TestFailure::new(format!("the model still talks: {last:?}")))?;
    proxy.leads_to(stack.server_address());
    let ended = agent_ended(&stack, &id).await?;
    assert_eq!(ended.phase, COMPLETED, "{}", ended.error);
    assert_eq!(ended.messages[0].content, "Half a sentence.");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_execution_of_nothing_is_refused(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("execution:create:of-nothing");
    let refused = create_agent_execution(&stack, ask("", "Hello."))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(
        refused.message(),
        "either session_id or agent_id must be provided"
    );
    let nobody = "agt-00000000000000000000000000";
    let refused = create_agent_execution(&stack, ask(nobody, "Hello."))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    assert_eq!(refused.message(), format!("Agent not found: {nobody}"));
    let refused = create_agent_execution(&stack, ask(nobody, ""))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("spec.message"), "{refused}");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn lists_show_what_there_is_newest_first(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("execution:list:all");
    let helper = apply_agent(&stack, agent("helper")).await?.id();
    let mut executions = Vec::new();
    for _ in 0..2 {
        stack.model().reply("Done.");
        let execution = start_agent(&stack, ask(&helper, "Go.")).await?;
        agent_ended(&stack, &execution.id()).await?;
        executions.push(execution);
    }
    stack.model().reply(Reply::failing(Fault::status(500)));
    let failed = start_agent(&stack, ask(&helper, "Fail.")).await?;
    agent_ended(&stack, &failed.id()).await?;
    let session = executions[0].spec.as_ref().unwrap().session_id.clone();
    let [first, second, third] = [executions[0].id(), executions[1].id(), failed.id()];
    for (arguments, expected) in [
        (vec!["list", "executions"], vec![&third, &second, &first]),
        (
            vec!["list", "executions", "--phase", "failed"],
            vec![&third],
        ),
        (vec!["list", "executions", "--limit", "1"], vec![&third]),
        (
            vec!["executions", "list", "--session", &session],
            vec![&first],
        ),
    ] {
        let shown = listed(&stack, &arguments).await?;
        assert!(shown.iter().eq(expected), "{arguments:?}: {shown:?}");
    }
    assert_eq!(listed(&stack, &["list", "sessions"]).await?.len(), 3);
    assert_eq!(
        listed(&stack, &["list", "sessions", "--agent", "helper"])
            .await?
            .len(),
        3
    );
    assert_eq!(
        listed(&stack, &["list", "instances", "--agent", "helper"])
            .await?
            .len(),
        1
    );
    Ok(())
}

/// Ids of a list, as it is printed as data.
async fn listed(stack: &Stack, arguments: &[&str]) -> Result<Vec<String>, TestFailure> {
    let arguments = [arguments, &["--output", "json"]].concat();
    let output = stigmer(stack, arguments)?.run().await;
    assert_code(&output, 0);
    let entries = json(&output)?;
    let ids = entries.as_array().unwrap().iter();
    Ok(ids
        .map(|entry| entry["metadata"]["id"].as_str().unwrap().to_owned())
        .collect())
}
