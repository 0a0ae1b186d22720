//! `stigmer list` and `stigmer executions list`

use crate::cli::arguments::{ExecutionFilter, ListArguments, ListKind};
use crate::cli::connection::Connection;
use crate::cli::document::Document;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::listing::{self, Query};
use crate::cli::lookup;
use crate::cli::session::Session;
use crate::cli::shown::Shown;
use crate::cli::table::Table;
use crate::wire::resource::ApiResourceMetadata;

pub(super) async fn execute(
    arguments: &ListArguments,
    session: &Session,
) -> Result<Exit, CliError> {
    match arguments.kind {
        ListKind::Executions => {
            if arguments.agent.is_some() {
                return Err(CliError::usage(
                    "the server cannot list the executions of one agent",
                    "List those of a session with --session, or all of them.",
                ));
            }
            executions(
                arguments.workflow.as_deref(),
                &arguments.executions,
                session,
            )
            .await
        }
        ListKind::Sessions => sessions(arguments, session).await,
        ListKind::Instances => instances(arguments, session).await,
        kind @ (ListKind::Agents
        | ListKind::Workflows
        | ListKind::Skills
        | ListKind::Environments) => {
            let kind = format!("{kind:?}").to_lowercase();
            Err(CliError::usage(
                format!("the server has no way to list {kind}"),
                format!(
                    "Show one with `stigmer get {} NAME`; executions, sessions and instances can be listed.",
                    kind.trim_end_matches('s')
                ),
            ))
        }
    }
}

pub(super) async fn executions(
    workflow: Option<&str>,
    filter: &ExecutionFilter,
    session: &Session,
) -> Result<Exit, CliError> {
    if workflow.is_some() && filter.session.is_some() {
        return Err(CliError::usage(
            "--workflow and --session exclude each other",
            "Sessions are conversations with agents: leave one of the two out.",
        ));
    }
    let connection = session.connect().await?;
    let limit = usize::from(filter.limit);
    let queries = match (workflow, &filter.session) {
        (Some(workflow), _) => {
            vec![Query::ExecutionsOfWorkflow(
                workflow_id(session, &connection, workflow).await?,
            )]
        }
        (None, Some(id)) => vec![Query::ExecutionsOfSession(id.clone())],
        (None, None) => vec![Query::AgentExecutions, Query::WorkflowExecutions],
    };
    let mut found = Vec::new();
    for query in queries {
        found.extend(listing::list(&connection, &query, filter.phase, limit).await?);
    }
    found.sort_by(|left, right| age(right).cmp(age(left)));
    found.truncate(limit);
    let mut table = Table::new(["ID", "OF", "PHASE", "CREATED"]);
    for shown in &found {
        let of = [
            shown.fact("Agent"),
            shown.fact("Workflow"),
            shown.fact("Session"),
        ];
        let of = of.into_iter().find(|id| !id.is_empty()).unwrap_or_default();
        table.row([
            shown.metadata.id.clone(),
            of.to_owned(),
            shown.fact("Phase").to_owned(),
            shown.created(),
        ]);
    }
    print(session, &found, &table, "executions")
}

/// Behind the prefix an id begins with the time at which it was made.
fn age(shown: &Shown) -> &str {
    let id = &shown.metadata.id;
    id.split_once('-').map_or(id.as_str(), |(_, ulid)| ulid)
}

async fn sessions(arguments: &ListArguments, session: &Session) -> Result<Exit, CliError> {
    let connection = session.connect().await?;
    let limit = usize::from(arguments.executions.limit);
    let query = match &arguments.agent {
        Some(agent) => Query::SessionsOfAgent(agent_id(session, &connection, agent).await?),
        None => Query::Sessions,
    };
    let found = listing::list(&connection, &query, None, limit).await?;
    let mut table = Table::new(["ID", "NAME", "AGENT INSTANCE", "CREATED"]);
    for shown in &found {
        table.row([
            shown.metadata.id.clone(),
            shown.metadata.name.clone(),
            shown.fact("Agent instance").to_owned(),
            shown.created(),
        ]);
    }
    print(session, &found, &table, "sessions")
}

async fn instances(arguments: &ListArguments, session: &Session) -> Result<Exit, CliError> {
    let found = match (&arguments.agent, &arguments.workflow) {
        (Some(agent), None) => {
            let connection = session.connect().await?;
            let id = agent_id(session, &connection, agent).await?;
            listing::agent_instances(&connection, &id).await?
        }
        (None, Some(workflow)) => {
            let connection = session.connect().await?;
            let id = workflow_id(session, &connection, workflow).await?;
            listing::workflow_instances(&connection, &id).await?
        }
        _ => {
            return Err(CliError::usage(
                "instances of what?",
                "Give one of --agent NAME and --workflow NAME.",
            ));
        }
    };
    let mut table = Table::new(["ID", "NAME", "ENVIRONMENTS", "CREATED"]);
    for shown in &found {
        table.row([
            shown.metadata.id.clone(),
            shown.metadata.name.clone(),
            shown.fact("Environments").to_owned(),
            shown.created(),
        ]);
    }
    print(session, &found, &table, "instances")
}

fn print(session: &Session, found: &[Shown], table: &Table, what: &str) -> Result<Exit, CliError> {
    if session.prints_data() {
        let documents: Vec<&Document> = found.iter().map(|shown| &shown.document).collect();
        session.print_data(&documents)?;
    } else if found.is_empty() {
        session.console.info(format_args!("No {what} found"));
    } else {
        table.print(&session.console);
    }
    Ok(Exit::Ok)
}

async fn agent_id(
    session: &Session,
    connection: &Connection,
    text: &str,
) -> Result<String, CliError> {
    let agent = lookup::find_agent(connection, session.org(), text).await?;
    id_of(agent.and_then(|agent| agent.metadata), "agent", text)
}

async fn workflow_id(
    session: &Session,
    connection: &Connection,
    text: &str,
) -> Result<String, CliError> {
    let workflow = lookup::find_workflow(connection, session.org(), text).await?;
    id_of(
        workflow.and_then(|workflow| workflow.metadata),
        "workflow",
        text,
    )
}

fn id_of(
    metadata: Option<ApiResourceMetadata>,
    kind: &'static str,
    name: &str,
) -> Result<String, CliError> {
    metadata
        .map(|metadata| metadata.id)
        .ok_or_else(|| CliError::NotFound {
            kind,
            name: name.to_owned(),
        })
}
