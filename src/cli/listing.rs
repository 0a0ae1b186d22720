//! Lists, page by page.

use std::collections::BTreeSet;

use super::arguments::Phase;
use super::connection::{CALL_LIMIT, Connection};
use super::server_error::ServerError;
use super::shown::Shown;
use crate::wire::agent_execution::agent_execution_query_controller_client::AgentExecutionQueryControllerClient;
use crate::wire::agent_execution::{
    ListAgentExecutionsBySessionRequest, ListAgentExecutionsRequest,
};
use crate::wire::agent_instance::GetAgentInstancesByAgentRequest;
use crate::wire::agent_instance::agent_instance_query_controller_client::AgentInstanceQueryControllerClient;
use crate::wire::session::session_query_controller_client::SessionQueryControllerClient;
use crate::wire::session::{ListSessionsByAgentRequest, ListSessionsRequest};
use crate::wire::workflow_execution::workflow_execution_query_controller_client::WorkflowExecutionQueryControllerClient;
use crate::wire::workflow_execution::{
    ListWorkflowExecutionsByWorkflowRequest, ListWorkflowExecutionsRequest,
};
use crate::wire::workflow_instance::GetWorkflowInstancesByWorkflowRequest;
use crate::wire::workflow_instance::workflow_instance_query_controller_client::WorkflowInstanceQueryControllerClient;

type Found = Result<Vec<Shown>, ServerError>;

/// What the server lists in pages.
#[derive(Debug)]
pub(crate) enum Query {
    AgentExecutions,
    WorkflowExecutions,
    ExecutionsOfSession(String),
    ExecutionsOfWorkflow(String),
    Sessions,
    SessionsOfAgent(String),
}

/// Reads pages until there are `limit` entries or no more. The token of a page is the id of the last entry before it.
pub(crate) async fn list(
    connection: &Connection,
    query: &Query,
    phase: Option<Phase>,
    limit: usize,
) -> Found {
    let size = i32::try_from(limit).unwrap_or(i32::MAX);
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut token = String::new();
    while found.len() < limit {
        let mut entries = query.page(connection, phase, size, token).await?;
        let Some(last) = entries.last() else { break };
        token = last.metadata.id.clone();
        let full = entries.len() >= limit;
        // A server that does not know tokens gives its first page again and again.
        entries.retain(|entry| seen.insert(entry.metadata.id.clone()));
        if entries.is_empty() {
            break;
        }
        // Not every method can choose by the phase.
        entries.retain(|entry| phase.is_none_or(|phase| entry.fact("Phase") == word(phase)));
        found.extend(entries);
        if !full {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}

impl Query {
    async fn page(
        &self,
        connection: &Connection,
        phase: Option<Phase>,
        page_size: i32,
        page_token: String,
    ) -> Found {
        match self {
            Self::AgentExecutions => {
                let mut client = AgentExecutionQueryControllerClient::new(connection.channel());
                let call = client.list(ListAgentExecutionsRequest {
                    page_size,
                    page_token,
                    phase: number(phase),
                    tags: Vec::new(),
                });
                let list = connection
                    .call("list agent executions", CALL_LIMIT, call)
                    .await?;
                Ok(shown(list.entries))
            }
            Self::WorkflowExecutions => {
                let mut client = WorkflowExecutionQueryControllerClient::new(connection.channel());
                let call = client.list(ListWorkflowExecutionsRequest {
                    page_size,
                    page_token,
                    phase: number(phase),
                    tags: Vec::new(),
                });
                let list = connection
                    .call("list workflow executions", CALL_LIMIT, call)
                    .await?;
                Ok(shown(list.entries))
            }
            Self::ExecutionsOfSession(session_id) => {
                let mut client = AgentExecutionQueryControllerClient::new(connection.channel());
                let call = client.list_by_session(ListAgentExecutionsBySessionRequest {
                    session_id: session_id.clone(),
                    page_size,
                    page_token,
                });
                let doing = format!("list the executions of session {session_id}");
                let list = connection.call(doing, CALL_LIMIT, call).await?;
                Ok(shown(list.entries))
            }
            Self::ExecutionsOfWorkflow(workflow_id) => {
                let mut client = WorkflowExecutionQueryControllerClient::new(connection.channel());
                let call = client.list_by_workflow(ListWorkflowExecutionsByWorkflowRequest {
                    workflow_id: workflow_id.clone(),
                    page_size,
                    page_token,
                });
                let doing = format!("list the executions of workflow {workflow_id}");
                let list = connection.call(doing, CALL_LIMIT, call).await?;
                Ok(shown(list.entries))
            }
            Self::Sessions => {
                let mut client = SessionQueryControllerClient::new(connection.channel());
                let call = client.list(ListSessionsRequest {
                    page_size,
                    page_token,
                    tags: Vec::new(),
                });
                let list = connection.call("list sessions", CALL_LIMIT, call).await?;
                Ok(shown(list.entries))
            }
            Self::SessionsOfAgent(agent_id) => {
                let mut client = SessionQueryControllerClient::new(connection.channel());
                let call = client.list_by_agent(ListSessionsByAgentRequest {
                    agent_id: agent_id.clone(),
                    page_size,
                    page_token,
                });
                let doing = format!("list the sessions of agent {agent_id}");
                let list = connection.call(doing, CALL_LIMIT, call).await?;
                Ok(shown(list.entries))
            }
        }
    }
}

pub(crate) async fn agent_instances(connection: &Connection, agent_id: &str) -> Found {
    let mut client = AgentInstanceQueryControllerClient::new(connection.channel());
    let call = client.get_by_agent(GetAgentInstancesByAgentRequest {
        agent_id: agent_id.to_owned(),
        page_info: None,
    });
    let doing = format!("list the instances of agent {agent_id}");
    let list = connection.call(doing, CALL_LIMIT, call).await?;
    Ok(shown(list.items))
}

pub(crate) async fn workflow_instances(connection: &Connection, workflow_id: &str) -> Found {
    let mut client = WorkflowInstanceQueryControllerClient::new(connection.channel());
    let call = client.get_by_workflow(GetWorkflowInstancesByWorkflowRequest {
        workflow_id: workflow_id.to_owned(),
        page_info: None,
    });
    let doing = format!("list the instances of workflow {workflow_id}");
    let list = connection.call(doing, CALL_LIMIT, call).await?;
    Ok(shown(list.entries))
}

fn shown<T: Into<Shown>>(resources: Vec<T>) -> Vec<Shown> {
    resources.into_iter().map(Into::into).collect()
}

/// The same numbers for agents and workflows; 0 means all.
fn number(phase: Option<Phase>) -> i32 {
    match phase {
        None => 0,
        Some(Phase::Pending) => 1,
        Some(Phase::InProgress) => 2,
        Some(Phase::Completed) => 3,
        Some(Phase::Failed) => 4,
        Some(Phase::Cancelled) => 5,
    }
}

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Pending => "Pending",
        Phase::InProgress => "In progress",
        Phase::Completed => "Completed",
        Phase::Failed => "Failed",
        Phase::Cancelled => "Cancelled",
    }
}
