//! Lists, page by page.

use std::collections::BTreeSet;

use tonic::{Response, Status};

use super::arguments::Phase;
use super::connection::{CALL_LIMIT, Connection};
use super::server_error::ServerError;
use super::shown::Shown;
use crate::wire::agent_execution::agent_execution_query_controller_client::AgentExecutionQueryControllerClient;
use crate::wire::agent_execution::{
    AgentExecutionList, ListAgentExecutionsBySessionRequest, ListAgentExecutionsRequest,
};
use crate::wire::agent_instance::GetAgentInstancesByAgentRequest;
use crate::wire::agent_instance::agent_instance_query_controller_client::AgentInstanceQueryControllerClient;
use crate::wire::session::session_query_controller_client::SessionQueryControllerClient;
use crate::wire::session::{ListSessionsByAgentRequest, ListSessionsRequest, SessionList};
use crate::wire::workflow_execution::workflow_execution_query_controller_client::WorkflowExecutionQueryControllerClient;
use crate::wire::workflow_execution::{
    ListWorkflowExecutionsByWorkflowRequest, ListWorkflowExecutionsRequest, WorkflowExecutionList,
};
use crate::wire::workflow_instance::GetWorkflowInstancesByWorkflowRequest;
use crate::wire::workflow_instance::workflow_instance_query_controller_client::WorkflowInstanceQueryControllerClient;

type Found = Result<Vec<Shown>, ServerError>;

/// A page of some kind of list.
trait Page {
    fn entries(self) -> Vec<Shown>;
}

macro_rules! page {
    ($list:ty) => {
        impl Page for $list {
            fn entries(self) -> Vec<Shown> {
                self.entries.into_iter().map(Shown::from).collect()
            }
        }
    };
}

page!(AgentExecutionList);
page!(WorkflowExecutionList);
page!(SessionList);

pub(crate) async fn agent_executions(
    connection: &Connection,
    phase: Option<Phase>,
    limit: usize,
) -> Found {
    pages(
        connection,
        "list agent executions",
        None,
        limit,
        async |page_size, page_token| {
            let mut client = AgentExecutionQueryControllerClient::new(connection.channel());
            let request = ListAgentExecutionsRequest {
                page_size,
                page_token,
                phase: number(phase),
                tags: Vec::new(),
            };
            client.list(request).await
        },
    )
    .await
}

pub(crate) async fn executions_of(
    connection: &Connection,
    session_id: &str,
    phase: Option<Phase>,
    limit: usize,
) -> Found {
    pages(
        connection,
        "list the session's executions",
        phase,
        limit,
        async |page_size, page_token| {
            let mut client = AgentExecutionQueryControllerClient::new(connection.channel());
            let request = ListAgentExecutionsBySessionRequest {
                session_id: session_id.to_owned(),
                page_size,
                page_token,
            };
            client.list_by_session(request).await
        },
    )
    .await
}

pub(crate) async fn workflow_executions(
    connection: &Connection,
    phase: Option<Phase>,
    limit: usize,
) -> Found {
    pages(
        connection,
        "list workflow executions",
        None,
        limit,
        async |page_size, page_token| {
            let mut client = WorkflowExecutionQueryControllerClient::new(connection.channel());
            let request = ListWorkflowExecutionsRequest {
                page_size,
                page_token,
                phase: number(phase),
                tags: Vec::new(),
            };
            client.list(request).await
        },
    )
    .await
}

pub(crate) async fn workflow_executions_of(
    connection: &Connection,
    workflow_id: &str,
    phase: Option<Phase>,
    limit: usize,
) -> Found {
    pages(
        connection,
        "list the workflow's executions",
        phase,
        limit,
        async |page_size, page_token| {
            let mut client = WorkflowExecutionQueryControllerClient::new(connection.channel());
            let request = ListWorkflowExecutionsByWorkflowRequest {
                workflow_id: workflow_id.to_owned(),
                page_size,
                page_token,
            };
            client.list_by_workflow(request).await
        },
    )
    .await
}

pub(crate) async fn sessions(connection: &Connection, limit: usize) -> Found {
    pages(
        connection,
        "list sessions",
        None,
        limit,
        async |page_size, page_token| {
            let mut client = SessionQueryControllerClient::new(connection.channel());
            let request = ListSessionsRequest {
                page_size,
                page_token,
                tags: Vec::new(),
            };
            client.list(request).await
        },
    )
    .await
}

pub(crate) async fn sessions_of(connection: &Connection, agent_id: &str, limit: usize) -> Found {
    pages(
        connection,
        "list the agent's sessions",
        None,
        limit,
        async |page_size, page_token| {
            let mut client = SessionQueryControllerClient::new(connection.channel());
            let request = ListSessionsByAgentRequest {
                agent_id: agent_id.to_owned(),
                page_size,
                page_token,
            };
            client.list_by_agent(request).await
        },
    )
    .await
}

pub(crate) async fn agent_instances(connection: &Connection, agent_id: &str) -> Found {
    let mut client = AgentInstanceQueryControllerClient::new(connection.channel());
    let call = client.get_by_agent(GetAgentInstancesByAgentRequest {
        agent_id: agent_id.to_owned(),
        page_info: None,
    });
    let list = connection
        .call("list the agent's instances", CALL_LIMIT, call)
        .await?;
    Ok(list.items.into_iter().map(Shown::from).collect())
}

pub(crate) async fn workflow_instances(connection: &Connection, workflow_id: &str) -> Found {
    let mut client = WorkflowInstanceQueryControllerClient::new(connection.channel());
    let call = client.get_by_workflow(GetWorkflowInstancesByWorkflowRequest {
        workflow_id: workflow_id.to_owned(),
        page_info: None,
    });
    let list = connection
        .call("list the workflow's instances", CALL_LIMIT, call)
        .await?;
    Ok(list.entries.into_iter().map(Shown::from).collect())
}

/// Reads pages until there are `limit` entries or no more. The token of a page is the id of the last entry before it.
/// `phase` is for methods that cannot choose themselves.
async fn pages<P: Page>(
    connection: &Connection,
    doing: &str,
    phase: Option<Phase>,
    limit: usize,
    read: impl AsyncFn(i32, String) -> Result<Response<P>, Status>,
) -> Found {
    let size = i32::try_from(limit).unwrap_or(i32::MAX);
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut token = String::new();
    while found.len() < limit {
        let page = connection
            .call(doing, CALL_LIMIT, read(size, token.clone()))
            .await?;
        let mut entries = page.entries();
        let Some(last) = entries.last() else { break };
        token.clone_from(&last.metadata.id);
        let count = entries.len();
        // A server that does not know tokens gives its first page again and again.
        entries.retain(|entry| seen.insert(entry.metadata.id.clone()));
        if entries.is_empty() {
            break;
        }
        let full = count >= limit;
        entries.retain(|entry| phase.is_none_or(|phase| entry.fact("Phase") == word(phase)));
        found.extend(entries);
        if !full {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
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
