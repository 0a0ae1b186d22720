//! Reading and removing resources of any kind.

use super::connection::{CALL_LIMIT, Connection};
use super::kind::Kind;
use super::server_error::ServerError;
use super::shown::Shown;
use super::slug::slugify;
use crate::wire::agent::agent_command_controller_client::AgentCommandControllerClient;
use crate::wire::agent::agent_query_controller_client::AgentQueryControllerClient;
use crate::wire::agent::{Agent, AgentId};
use crate::wire::agent_execution::AgentExecutionId;
use crate::wire::agent_execution::agent_execution_command_controller_client::AgentExecutionCommandControllerClient;
use crate::wire::agent_execution::agent_execution_query_controller_client::AgentExecutionQueryControllerClient;
use crate::wire::agent_instance::AgentInstanceId;
use crate::wire::agent_instance::agent_instance_command_controller_client::AgentInstanceCommandControllerClient;
use crate::wire::agent_instance::agent_instance_query_controller_client::AgentInstanceQueryControllerClient;
use crate::wire::environment::environment_command_controller_client::EnvironmentCommandControllerClient;
use crate::wire::environment::environment_query_controller_client::EnvironmentQueryControllerClient;
use crate::wire::resource::{
    ApiResourceDeleteInput, ApiResourceId, ApiResourceOwnerScope, ApiResourceReference,
};
use crate::wire::session::SessionId;
use crate::wire::session::session_command_controller_client::SessionCommandControllerClient;
use crate::wire::session::session_query_controller_client::SessionQueryControllerClient;
use crate::wire::skill::SkillId;
use crate::wire::skill::skill_command_controller_client::SkillCommandControllerClient;
use crate::wire::skill::skill_query_controller_client::SkillQueryControllerClient;
use crate::wire::workflow::workflow_command_controller_client::WorkflowCommandControllerClient;
use crate::wire::workflow::workflow_query_controller_client::WorkflowQueryControllerClient;
use crate::wire::workflow::{Workflow, WorkflowId};
use crate::wire::workflow_execution::WorkflowExecutionId;
use crate::wire::workflow_execution::workflow_execution_command_controller_client::WorkflowExecutionCommandControllerClient;
use crate::wire::workflow_execution::workflow_execution_query_controller_client::WorkflowExecutionQueryControllerClient;
use crate::wire::workflow_instance::WorkflowInstanceId;
use crate::wire::workflow_instance::workflow_instance_command_controller_client::WorkflowInstanceCommandControllerClient;
use crate::wire::workflow_instance::workflow_instance_query_controller_client::WorkflowInstanceQueryControllerClient;

/// One call of a client's method.
macro_rules! call {
    ($connection:expr, $doing:expr, $client:ident.$method:ident($request:expr)) => {{
        let mut client = $client::new($connection.channel());
        let call = client.$method($request);
        $connection.call($doing, CALL_LIMIT, call).await
    }};
}

/// The agent of an id or a name; `None` when there is none.
pub(crate) async fn find_agent(
    connection: &Connection,
    org: &str,
    text: &str,
) -> Result<Option<Agent>, ServerError> {
    let doing = format!("find agent '{text}'");
    found(match Kind::Agent.id_in(text) {
        Some(value) => call!(
            connection,
            doing,
            AgentQueryControllerClient.get(AgentId { value })
        ),
        None => {
            let reference = by_name(Kind::Agent, org, text);
            call!(
                connection,
                doing,
                AgentQueryControllerClient.get_by_reference(reference)
            )
        }
    })
}

/// The workflow of an id or a name; `None` when there is none.
pub(crate) async fn find_workflow(
    connection: &Connection,
    org: &str,
    text: &str,
) -> Result<Option<Workflow>, ServerError> {
    let doing = format!("find workflow '{text}'");
    found(match Kind::Workflow.id_in(text) {
        Some(value) => {
            call!(
                connection,
                doing,
                WorkflowQueryControllerClient.get(WorkflowId { value })
            )
        }
        None => {
            let reference = by_name(Kind::Workflow, org, text);
            call!(
                connection,
                doing,
                WorkflowQueryControllerClient.get_by_reference(reference)
            )
        }
    })
}

/// Reads a resource by its id or, where the kind has names, by its name.
pub(crate) async fn get(
    connection: &Connection,
    org: &str,
    kind: Kind,
    text: &str,
) -> Result<Shown, ServerError> {
    match kind.id_in(text) {
        Some(id) => get_by_id(connection, kind, id).await,
        None => get_by_name(connection, org, kind, text).await,
    }
}

async fn get_by_id(
    connection: &Connection,
    kind: Kind,
    value: String,
) -> Result<Shown, ServerError> {
    let doing = format!("get {} {value}", kind.word());
    Ok(match kind {
        Kind::Agent => call!(
            connection,
            doing,
            AgentQueryControllerClient.get(AgentId { value })
        )?
        .into(),
        Kind::AgentExecution => {
            let id = AgentExecutionId { value };
            call!(
                connection,
                doing,
                AgentExecutionQueryControllerClient.get(id)
            )?
            .into()
        }
        Kind::AgentInstance => {
            let id = AgentInstanceId { value };
            call!(
                connection,
                doing,
                AgentInstanceQueryControllerClient.get(id)
            )?
            .into()
        }
        Kind::Environment => {
            let id = ApiResourceId { value };
            call!(connection, doing, EnvironmentQueryControllerClient.get(id))?.into()
        }
        Kind::Session => call!(
            connection,
            doing,
            SessionQueryControllerClient.get(SessionId { value })
        )?
        .into(),
        Kind::Skill => call!(
            connection,
            doing,
            SkillQueryControllerClient.get(SkillId { value })
        )?
        .into(),
        Kind::Workflow => call!(
            connection,
            doing,
            WorkflowQueryControllerClient.get(WorkflowId { value })
        )?
        .into(),
        Kind::WorkflowExecution => {
            let id = WorkflowExecutionId { value };
            call!(
                connection,
                doing,
                WorkflowExecutionQueryControllerClient.get(id)
            )?
            .into()
        }
        Kind::WorkflowInstance => {
            let id = WorkflowInstanceId { value };
            call!(
                connection,
                doing,
                WorkflowInstanceQueryControllerClient.get(id)
            )?
            .into()
        }
    })
}

async fn get_by_name(
    connection: &Connection,
    org: &str,
    kind: Kind,
    name: &str,
) -> Result<Shown, ServerError> {
    let doing = format!("get {} '{name}'", kind.word());
    let wanted = by_name(kind, org, name);
    Ok(match kind {
        Kind::Agent => call!(
            connection,
            doing,
            AgentQueryControllerClient.get_by_reference(wanted)
        )?
        .into(),
        Kind::AgentInstance => call!(
            connection,
            doing,
            AgentInstanceQueryControllerClient.get_by_reference(wanted)
        )?
        .into(),
        Kind::Environment => call!(
            connection,
            doing,
            EnvironmentQueryControllerClient.get_by_reference(wanted)
        )?
        .into(),
        Kind::Skill => call!(
            connection,
            doing,
            SkillQueryControllerClient.get_by_reference(wanted)
        )?
        .into(),
        Kind::Workflow => call!(
            connection,
            doing,
            WorkflowQueryControllerClient.get_by_reference(wanted)
        )?
        .into(),
        Kind::WorkflowInstance => call!(
            connection,
            doing,
            WorkflowInstanceQueryControllerClient.get_by_reference(wanted)
        )?
        .into(),
        // `kind::parse` lets ids alone through for these, so the server is asked for a strange id and says so.
        Kind::AgentExecution | Kind::Session | Kind::WorkflowExecution => {
            get_by_id(connection, kind, name.to_owned()).await?
        }
    })
}

/// Removes a resource; gives what it was.
pub(crate) async fn remove(
    connection: &Connection,
    kind: Kind,
    id: &str,
) -> Result<Shown, ServerError> {
    let doing = format!("delete {} {id}", kind.word());
    let value = id.to_owned();
    Ok(match kind {
        Kind::Agent => call!(
            connection,
            doing,
            AgentCommandControllerClient.delete(AgentId { value })
        )?
        .into(),
        Kind::AgentExecution => {
            let id = ApiResourceId { value };
            call!(
                connection,
                doing,
                AgentExecutionCommandControllerClient.delete(id)
            )?
            .into()
        }
        Kind::AgentInstance => {
            let id = AgentInstanceId { value };
            call!(
                connection,
                doing,
                AgentInstanceCommandControllerClient.delete(id)
            )?
            .into()
        }
        Kind::Environment => {
            let input = ApiResourceDeleteInput {
                resource_id: value,
                ..ApiResourceDeleteInput::default()
            };
            call!(
                connection,
                doing,
                EnvironmentCommandControllerClient.delete(input)
            )?
            .into()
        }
        Kind::Session => {
            let id = SessionId { value };
            call!(connection, doing, SessionCommandControllerClient.delete(id))?.into()
        }
        Kind::Skill => call!(
            connection,
            doing,
            SkillCommandControllerClient.delete(SkillId { value })
        )?
        .into(),
        Kind::Workflow => {
            let id = WorkflowId { value };
            call!(
                connection,
                doing,
                WorkflowCommandControllerClient.delete(id)
            )?
            .into()
        }
        Kind::WorkflowExecution => {
            let id = ApiResourceId { value };
            call!(
                connection,
                doing,
                WorkflowExecutionCommandControllerClient.delete(id)
            )?
            .into()
        }
        Kind::WorkflowInstance => {
            let id = WorkflowInstanceId { value };
            call!(
                connection,
                doing,
                WorkflowInstanceCommandControllerClient.delete(id)
            )?
            .into()
        }
    })
}

fn by_name(kind: Kind, org: &str, name: &str) -> ApiResourceReference {
    ApiResourceReference {
        scope: ApiResourceOwnerScope::Organization.into(),
        org: org.to_owned(),
        kind: kind.wire().into(),
        slug: slugify(name),
        version: String::new(),
    }
}

fn found<T>(outcome: Result<T, ServerError>) -> Result<Option<T>, ServerError> {
    match outcome {
        Ok(resource) => Ok(Some(resource)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
