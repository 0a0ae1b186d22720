//! Where executions come from: the stream of updates, and single reads.

use tonic::{Status, Streaming};

use super::execution::{Execution, ExecutionKind};
use crate::cli::connection::{CALL_LIMIT, Connection};
use crate::cli::server_error::ServerError;
use crate::wire::agent_execution::agent_execution_query_controller_client::AgentExecutionQueryControllerClient;
use crate::wire::agent_execution::{AgentExecution, AgentExecutionId};
use crate::wire::workflow_execution::workflow_execution_query_controller_client::WorkflowExecutionQueryControllerClient;
use crate::wire::workflow_execution::{
    SubscribeWorkflowExecutionRequest, WorkflowExecution, WorkflowExecutionId,
};

/// Updates of one execution; the first is its stored state.
pub(super) enum Feed {
    Agent(Streaming<AgentExecution>),
    Workflow(Streaming<WorkflowExecution>),
}

impl Feed {
    pub(super) async fn open(
        connection: &Connection,
        kind: ExecutionKind,
        id: &str,
    ) -> Result<Self, ServerError> {
        let doing = format!("follow execution {id}");
        match kind {
            ExecutionKind::Agent => {
                let mut client = AgentExecutionQueryControllerClient::new(connection.channel());
                let call = client.subscribe(AgentExecutionId {
                    value: id.to_owned(),
                });
                Ok(Self::Agent(connection.call(doing, CALL_LIMIT, call).await?))
            }
            ExecutionKind::Workflow => {
                let mut client = WorkflowExecutionQueryControllerClient::new(connection.channel());
                let call = client.subscribe(SubscribeWorkflowExecutionRequest {
                    execution_id: id.to_owned(),
                });
                Ok(Self::Workflow(
                    connection.call(doing, CALL_LIMIT, call).await?,
                ))
            }
        }
    }

    /// The next update; `None` at the end of the stream. Can be cancelled.
    pub(super) async fn next(&mut self) -> Result<Option<Execution>, Status> {
        match self {
            Self::Agent(stream) => Ok(stream.message().await?.map(Box::new).map(Execution::Agent)),
            Self::Workflow(stream) => Ok(stream
                .message()
                .await?
                .map(Box::new)
                .map(Execution::Workflow)),
        }
    }
}

/// Reads an execution once.
pub(crate) async fn get(
    connection: &Connection,
    kind: ExecutionKind,
    id: &str,
) -> Result<Execution, ServerError> {
    let doing = format!("read execution {id}");
    match kind {
        ExecutionKind::Agent => {
            let mut client = AgentExecutionQueryControllerClient::new(connection.channel());
            let call = client.get(AgentExecutionId {
                value: id.to_owned(),
            });
            let execution = connection.call(doing, CALL_LIMIT, call).await?;
            Ok(Execution::Agent(Box::new(execution)))
        }
        ExecutionKind::Workflow => {
            let mut client = WorkflowExecutionQueryControllerClient::new(connection.channel());
            let call = client.get(WorkflowExecutionId {
                value: id.to_owned(),
            });
            let execution = connection.call(doing, CALL_LIMIT, call).await?;
            Ok(Execution::Workflow(Box::new(execution)))
        }
    }
}
