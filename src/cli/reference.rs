//! How people name resources: by name, or by id.

use super::connection::{CALL_LIMIT, Connection};
use super::server_error::ServerError;
use super::synthesis::slugify;
use crate::wire::agent::agent_query_controller_client::AgentQueryControllerClient;
use crate::wire::agent::{Agent, AgentId};
use crate::wire::resource::apiresourcekind::ApiResourceKind;
use crate::wire::resource::{ApiResourceOwnerScope, ApiResourceReference};
use crate::wire::workflow::workflow_query_controller_client::WorkflowQueryControllerClient;
use crate::wire::workflow::{Workflow, WorkflowId};

/// Characters of the ULID behind the prefix.
const ULID_LENGTH: usize = 26;

/// The id that `text` is, where it has the shape of one. Older tools wrote `agt_…` and `wf_…`.
pub(crate) fn id_in(text: &str, prefix: &str, older: &str) -> Option<String> {
    let rest = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix(['-', '_']))
        .or_else(|| text.strip_prefix(older)?.strip_prefix('_'))?;
    let is_ulid =
        rest.len() == ULID_LENGTH && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_ulid.then(|| format!("{prefix}-{}", rest.to_lowercase()))
}

/// A reference to a resource of an organization by its name.
pub(crate) fn by_name(kind: ApiResourceKind, org: &str, name: &str) -> ApiResourceReference {
    ApiResourceReference {
        scope: ApiResourceOwnerScope::Organization.into(),
        org: org.to_owned(),
        kind: kind.into(),
        slug: slugify(name),
        version: String::new(),
    }
}

/// Finds an agent by id or name; `None` when there is none.
pub(crate) async fn find_agent(
    connection: &Connection,
    org: &str,
    text: &str,
) -> Result<Option<Agent>, ServerError> {
    let mut client = AgentQueryControllerClient::new(connection.channel());
    let doing = format!("find agent '{text}'");
    found(match id_in(text, "agt", "agt") {
        Some(value) => {
            let call = client.get(AgentId { value });
            connection.call(doing, CALL_LIMIT, call).await
        }
        None => {
            let call = client.get_by_reference(by_name(ApiResourceKind::Agent, org, text));
            connection.call(doing, CALL_LIMIT, call).await
        }
    })
}

/// Finds a workflow by id or name; `None` when there is none.
pub(crate) async fn find_workflow(
    connection: &Connection,
    org: &str,
    text: &str,
) -> Result<Option<Workflow>, ServerError> {
    let mut client = WorkflowQueryControllerClient::new(connection.channel());
    let doing = format!("find workflow '{text}'");
    found(match id_in(text, "wfl", "wf") {
        Some(value) => {
            let call = client.get(WorkflowId { value });
            connection.call(doing, CALL_LIMIT, call).await
        }
        None => {
            let call = client.get_by_reference(by_name(ApiResourceKind::Workflow, org, text));
            connection.call(doing, CALL_LIMIT, call).await
        }
    })
}

fn found<T>(outcome: Result<T, ServerError>) -> Result<Option<T>, ServerError> {
    match outcome {
        Ok(resource) => Ok(Some(resource)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
