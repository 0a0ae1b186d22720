//! What scenarios ask of a server over gRPC, as a user's own program would.

use std::collections::HashMap;

use serde_json::Value;
use stigmer_e2e::stack::{Stack, TestFailure};
use stigmer_e2e::wire::agent::Agent;
use stigmer_e2e::wire::agent::agent_command_controller_client::AgentCommandControllerClient;
use stigmer_e2e::wire::agent_execution::agent_execution_command_controller_client::AgentExecutionCommandControllerClient;
use stigmer_e2e::wire::agent_execution::agent_execution_query_controller_client::AgentExecutionQueryControllerClient;
use stigmer_e2e::wire::agent_execution::{
    AgentExecution, AgentExecutionId, AgentExecutionSpec, AgentExecutionStatus,
    AgentExecutionUpdateStatusInput,
};
use stigmer_e2e::wire::execution_context::ExecutionValue;
use stigmer_e2e::wire::workflow::Workflow;
use stigmer_e2e::wire::workflow::workflow_command_controller_client::WorkflowCommandControllerClient;
use stigmer_e2e::wire::workflow_execution::workflow_execution_command_controller_client::WorkflowExecutionCommandControllerClient;
use stigmer_e2e::wire::workflow_execution::workflow_execution_query_controller_client::WorkflowExecutionQueryControllerClient;
use stigmer_e2e::wire::workflow_execution::{
    SubscribeWorkflowExecutionRequest, WorkflowExecution, WorkflowExecutionSpec,
    WorkflowExecutionStatus,
};
use stigmer_e2e::wire::workflow_runner::CancelExecutionRequest;
use stigmer_e2e::wire::workflow_runner::workflow_runner_service_controller_client::WorkflowRunnerServiceControllerClient;
use tonic::Streaming;

use crate::drafts::{API_VERSION, execution_metadata, plain};
use crate::support::within_patience;

/// Id of what the server has stored.
pub(crate) trait Stored {
    fn id(&self) -> String;
}

macro_rules! stored {
    ($($kind:ty),*) => {$(
        impl Stored for $kind {
            fn id(&self) -> String {
                self.metadata.as_ref().map_or_else(String::new, |known| known.id.clone())
            }
        }
    )*};
}
stored!(Agent, AgentExecution, Workflow, WorkflowExecution);

pub(crate) async fn apply_agent(stack: &Stack, draft: Agent) -> Result<Agent, TestFailure> {
    let mut client = AgentCommandControllerClient::new(stack.server());
    Ok(client.apply(draft).await?.into_inner())
}

pub(crate) async fn apply_workflow(
    stack: &Stack,
    draft: Workflow,
) -> Result<Workflow, TestFailure> {
    let mut client = WorkflowCommandControllerClient::new(stack.server());
    Ok(client.apply(draft).await?.into_inner())
}

/// Starts an agent; with a session, goes on in that.
pub(crate) async fn start_agent(
    stack: &Stack,
    spec: AgentExecutionSpec,
) -> Result<AgentExecution, TestFailure> {
    Ok(create_agent_execution(stack, spec).await?)
}

/// The call itself, for tests that look at what the server refuses.
pub(crate) async fn create_agent_execution(
    stack: &Stack,
    spec: AgentExecutionSpec,
) -> Result<AgentExecution, tonic::Status> {
    let execution = AgentExecution {
        api_version: API_VERSION.to_owned(),
        kind: "AgentExecution".to_owned(),
        metadata: Some(execution_metadata(false)),
        spec: Some(spec),
        status: None,
    };
    let mut client = AgentExecutionCommandControllerClient::new(stack.server());
    Ok(client.create(execution).await?.into_inner())
}

pub(crate) async fn start_workflow(
    stack: &Stack,
    workflow: &Workflow,
    runtime_env: HashMap<String, ExecutionValue>,
) -> Result<WorkflowExecution, TestFailure> {
    let spec = WorkflowExecutionSpec {
        workflow_id: workflow.id(),
        runtime_env,
        ..WorkflowExecutionSpec::default()
    };
    Ok(create_workflow_execution(stack, spec).await?)
}

/// The call itself, for tests that look at what the server refuses.
pub(crate) async fn create_workflow_execution(
    stack: &Stack,
    spec: WorkflowExecutionSpec,
) -> Result<WorkflowExecution, tonic::Status> {
    let execution = WorkflowExecution {
        api_version: API_VERSION.to_owned(),
        kind: "WorkflowExecution".to_owned(),
        metadata: Some(execution_metadata(true)),
        spec: Some(spec),
        status: None,
    };
    let mut client = WorkflowExecutionCommandControllerClient::new(stack.server());
    Ok(client.create(execution).await?.into_inner())
}

pub(crate) async fn follow_agent(
    stack: &Stack,
    id: &str,
) -> Result<Streaming<AgentExecution>, TestFailure> {
    let mut client = AgentExecutionQueryControllerClient::new(stack.server());
    let request = AgentExecutionId {
        value: id.to_owned(),
    };
    Ok(client.subscribe(request).await?.into_inner())
}

pub(crate) async fn follow_workflow(
    stack: &Stack,
    id: &str,
) -> Result<Streaming<WorkflowExecution>, TestFailure> {
    let mut client = WorkflowExecutionQueryControllerClient::new(stack.server());
    let request = SubscribeWorkflowExecutionRequest {
        execution_id: id.to_owned(),
    };
    Ok(client.subscribe(request).await?.into_inner())
}

/// All updates until the server ends the stream.
pub(crate) async fn until_end<T>(mut stream: Streaming<T>) -> Result<Vec<T>, TestFailure> {
    within_patience("the end of the stream", async {
        let mut updates = Vec::new();
        while let Some(update) = stream.message().await? {
            updates.push(update);
        }
        Ok(updates)
    })
    .await?
}

/// Waits for the end of an agent's execution.
pub(crate) async fn agent_ended(
    stack: &Stack,
    id: &str,
) -> Result<AgentExecutionStatus, TestFailure> {
    let updates = until_end(follow_agent(stack, id).await?).await?;
    let last = updates.into_iter().next_back();
    Ok(last
        .and_then(|execution| execution.status)
        .unwrap_or_default())
}

/// Waits for the end of a workflow's execution.
pub(crate) async fn workflow_ended(
    stack: &Stack,
    id: &str,
) -> Result<WorkflowExecutionStatus, TestFailure> {
    let updates = until_end(follow_workflow(stack, id).await?).await?;
    let last = updates.into_iter().next_back();
    Ok(last
        .and_then(|execution| execution.status)
        .unwrap_or_default())
}

/// Applies a workflow, runs it and waits for its end.
pub(crate) async fn run_workflow(
    stack: &Stack,
    draft: Workflow,
) -> Result<WorkflowExecutionStatus, TestFailure> {
    let workflow = apply_workflow(stack, draft).await?;
    let execution = start_workflow(stack, &workflow, HashMap::new()).await?;
    workflow_ended(stack, &execution.id()).await
}

/// Waits until a workflow's execution shows this task in this status.
pub(crate) async fn workflow_reaches(
    stack: &Stack,
    id: &str,
    task: &str,
    status: &str,
) -> Result<WorkflowExecutionStatus, TestFailure> {
    let mut stream = follow_workflow(stack, id).await?;
    let wanted = format!("{task} {status}");
    let reached = async {
        while let Some(update) = stream.message().await? {
            let seen = update.status.unwrap_or_default();
            if tasks_of(&seen).contains(&wanted) {
                return Ok(seen);
            }
        }
        Err(TestFailure::new(format!(
            "the execution ended before {wanted}"
        )))
    };
    within_patience(&wanted, reached).await?
}

/// Reports as a runner does.
pub(crate) async fn report(
    stack: &Stack,
    id: &str,
    status: AgentExecutionStatus,
) -> Result<(), TestFailure> {
    let mut client = AgentExecutionCommandControllerClient::new(stack.server());
    let input = AgentExecutionUpdateStatusInput {
        execution_id: id.to_owned(),
        status: Some(status),
    };
    client.update_status(input).await?;
    Ok(())
}

pub(crate) async fn cancel(stack: &Stack, id: &str, reason: &str) -> Result<(), TestFailure> {
    let mut client = WorkflowRunnerServiceControllerClient::new(stack.server());
    let request = CancelExecutionRequest {
        execution_id: id.to_owned(),
        reason: reason.to_owned(),
        force: false,
    };
    client.cancel_execution(request).await?;
    Ok(())
}

/// Tasks in the order in which they began, each with its status.
pub(crate) fn tasks_of(status: &WorkflowExecutionStatus) -> Vec<String> {
    let named = status.tasks.iter().map(|task| {
        let name = task.status().as_str_name();
        format!(
            "{} {}",
            task.task_id,
            name.trim_start_matches("WORKFLOW_TASK_")
        )
    });
    named.collect()
}

/// The output of an execution that has to have completed.
#[track_caller]
pub(crate) fn output_of(status: &WorkflowExecutionStatus) -> Value {
    let phase = status.phase().as_str_name();
    assert_eq!(phase, "EXECUTION_COMPLETED", "{}", status.error);
    status.output.clone().map_or(Value::Null, plain)
}
