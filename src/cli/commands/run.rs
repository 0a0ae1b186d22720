//! `stigmer run`

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cli::apply::{self, Voice};
use crate::cli::arguments::RunArguments;
use crate::cli::connection::{CALL_LIMIT, Connection};
use crate::cli::console::Console;
use crate::cli::deploy::{Deployed, Resource};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::follow::{self, Execution, ExecutionKind};
use crate::cli::lookup;
use crate::cli::project::Project;
use crate::cli::session::Session;
use crate::cli::shown::Shown;
use crate::wire::agent::Agent;
use crate::wire::agent_execution::agent_execution_command_controller_client::AgentExecutionCommandControllerClient;
use crate::wire::agent_execution::{AgentExecution, AgentExecutionSpec};
use crate::wire::execution_context::ExecutionValue;
use crate::wire::resource::{ApiResourceMetadata, ApiResourceOwnerScope};
use crate::wire::workflow::Workflow;
use crate::wire::workflow_execution::workflow_execution_command_controller_client::WorkflowExecutionCommandControllerClient;
use crate::wire::workflow_execution::{WorkflowExecution, WorkflowExecutionSpec};

const API_VERSION: &str = "agentic.stigmer.ai/v1";

/// What is run, and with what.
struct Request<'a> {
    session: &'a Session,
    connection: &'a Connection,
    message: &'a str,
    values: HashMap<String, ExecutionValue>,
}

pub(super) async fn execute(arguments: &RunArguments, session: &Session) -> Result<Exit, CliError> {
    if arguments.message.is_empty() {
        return Err(CliError::usage(
            "the message is empty",
            "Say something with --message, or leave it out to say \"execute\".",
        ));
    }
    let values = runtime_values(&arguments.runtime_env)?;
    let Some(choice) = choose(arguments, session).await? else {
        return Ok(Exit::Error);
    };
    let connection = session.connect().await?;
    let request = Request {
        session,
        connection: &connection,
        message: &arguments.message,
        values,
    };
    let wanted = match choice {
        Choice::Known(wanted) => wanted,
        Choice::Named(name) => match find(session, &connection, &name).await? {
            Some(wanted) => wanted,
            None => {
                tell_not_found(&session.console, &name);
                return Ok(Exit::Error);
            }
        },
    };
    let execution = start(request, &wanted).await?;
    let (kind, id) = (execution.kind(), execution.id().to_owned());
    let console = &session.console;
    if !arguments.follow {
        console.info(format_args!(
            "View logs: stigmer executions logs {id} --follow"
        ));
        console.blank();
        session.print_data(&Shown::from(execution).document)?;
        return Ok(Exit::Ok);
    }
    let (last, exit) = follow::follow(session, &connection, kind, &id, arguments.timeout).await?;
    session.print_data(&Shown::from(last).document)?;
    Ok(exit)
}

enum Choice {
    Named(String),
    Known(Runnable),
}

enum Runnable {
    Agent(Box<Agent>),
    Workflow(Box<Workflow>),
}

impl Runnable {
    fn name(&self) -> &str {
        let metadata = match self {
            Self::Agent(agent) => &agent.metadata,
            Self::Workflow(workflow) => &workflow.metadata,
        };
        metadata.as_ref().map_or("", |metadata| &metadata.name)
    }
}

/// What to run. In a project its latest state is applied first.
async fn choose(arguments: &RunArguments, session: &Session) -> Result<Option<Choice>, CliError> {
    let console = &session.console;
    let config = arguments.project.config.as_deref();
    if config.is_none() && !Project::is_here(&session.directory) {
        let name = arguments.reference.clone();
        if name.is_none() {
            tell_no_project(console);
        }
        return Ok(name.map(Choice::Named));
    }
    console.info("📁 Detected Stigmer project - applying latest code");
    console.blank();
    let project = Project::load(config, &session.directory)?;
    let synthesis = apply::synthesize(session, &project, Voice::Quiet).await?;
    let deployed = apply::deploy(session, synthesis, Voice::Quiet).await?;
    console.success(format_args!("✓ Deployed {} resource(s)", deployed.len()));
    console.blank();
    match &arguments.reference {
        Some(name) => Ok(Some(Choice::Named(name.clone()))),
        None => only_one(deployed).map(Choice::Known).map(Some),
    }
}

/// Without a name there must be no doubt.
fn only_one(deployed: Vec<Deployed>) -> Result<Runnable, CliError> {
    let runnable = |one: Deployed| match one.resource {
        Resource::Skill(_) => None,
        Resource::Agent(agent) => Some(Runnable::Agent(agent)),
        Resource::Workflow(workflow) => Some(Runnable::Workflow(workflow)),
    };
    let mut found: Vec<Runnable> = deployed.into_iter().filter_map(runnable).collect();
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            found.push(last);
            let names: Vec<&str> = found.iter().map(Runnable::name).collect();
            Err(CliError::usage(
                "the project has several resources that can be run",
                format!("Name one: stigmer run {}", names.join(" | ")),
            ))
        }
        (None, _) => Err(CliError::usage(
            "the project has nothing that can be run",
            "Declare an agent or a workflow in its program.",
        )),
    }
}

/// Workflows first, then agents.
async fn find(
    session: &Session,
    connection: &Connection,
    name: &str,
) -> Result<Option<Runnable>, CliError> {
    let org = session.org();
    if let Some(workflow) = lookup::find_workflow(connection, org, name).await? {
        return Ok(Some(Runnable::Workflow(Box::new(workflow))));
    }
    let agent = lookup::find_agent(connection, org, name).await?;
    Ok(agent.map(|agent| Runnable::Agent(Box::new(agent))))
}

async fn start(request: Request<'_>, wanted: &Runnable) -> Result<Execution, CliError> {
    let console = &request.session.console;
    let (word, title) = match wanted {
        Runnable::Agent(_) => (ExecutionKind::Agent.word(), "Agent"),
        Runnable::Workflow(_) => (ExecutionKind::Workflow.word(), "Workflow"),
    };
    console.info(format_args!("Creating {word} execution..."));
    let execution = match wanted {
        Runnable::Agent(agent) => start_agent(request, agent).await?,
        Runnable::Workflow(workflow) => start_workflow(request, workflow).await?,
    };
    console.success(format_args!(
        "✓ {title} execution started: {}",
        wanted.name()
    ));
    console.info(format_args!("  Execution ID: {}", execution.id()));
    console.blank();
    Ok(execution)
}

async fn start_agent(request: Request<'_>, agent: &Agent) -> Result<Execution, CliError> {
    let execution = AgentExecution {
        api_version: API_VERSION.to_owned(),
        kind: "AgentExecution".to_owned(),
        // The session decides who owns it.
        metadata: Some(metadata(
            request.session,
            ApiResourceOwnerScope::Unspecified,
        )),
        spec: Some(AgentExecutionSpec {
            agent_id: agent
                .metadata
                .as_ref()
                .map_or_else(String::new, |known| known.id.clone()),
            message: request.message.to_owned(),
            runtime_env: request.values,
            ..AgentExecutionSpec::default()
        }),
        status: None,
    };
    let mut client = AgentExecutionCommandControllerClient::new(request.connection.channel());
    let call = client.create(execution);
    let doing = "create the agent execution";
    let execution = request.connection.call(doing, CALL_LIMIT, call).await?;
    Ok(Execution::Agent(Box::new(execution)))
}

async fn start_workflow(request: Request<'_>, workflow: &Workflow) -> Result<Execution, CliError> {
    let execution = WorkflowExecution {
        api_version: API_VERSION.to_owned(),
        kind: "WorkflowExecution".to_owned(),
        metadata: Some(metadata(
            request.session,
            ApiResourceOwnerScope::Organization,
        )),
        spec: Some(WorkflowExecutionSpec {
            workflow_id: workflow
                .metadata
                .as_ref()
                .map_or_else(String::new, |known| known.id.clone()),
            trigger_message: request.message.to_owned(),
            runtime_env: request.values,
            ..WorkflowExecutionSpec::default()
        }),
        status: None,
    };
    let mut client = WorkflowExecutionCommandControllerClient::new(request.connection.channel());
    let call = client.create(execution);
    let doing = "create the workflow execution";
    let execution = request.connection.call(doing, CALL_LIMIT, call).await?;
    Ok(Execution::Workflow(Box::new(execution)))
}

/// The name tells when, and is unique among executions that start in one microsecond, too.
fn metadata(session: &Session, scope: ApiResourceOwnerScope) -> ApiResourceMetadata {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // Each hasher has new random keys.
    let random = RandomState::new().hash_one(now);
    ApiResourceMetadata {
        name: format!("execution-{}-{:08x}", now.as_micros(), random >> 32),
        org: session.org().to_owned(),
        owner_scope: scope.into(),
        ..ApiResourceMetadata::default()
    }
}

/// Reads `NAME=VALUE` and `secret:NAME=VALUE`, and tells all mistakes at once, without the values of secrets.
fn runtime_values(texts: &[String]) -> Result<HashMap<String, ExecutionValue>, CliError> {
    let mut values = HashMap::new();
    let mut problems = Vec::new();
    for text in texts {
        let (is_secret, pair) = match text.strip_prefix("secret:") {
            Some(pair) => (true, pair),
            None => (false, text.as_str()),
        };
        match pair
            .split_once('=')
            .map(|(name, value)| (name.trim(), value))
        {
            None if is_secret => problems.push("a secret is not NAME=VALUE".to_owned()),
            None => problems.push(format!("'{text}' is not NAME=VALUE")),
            Some(("", _)) => problems.push("a name is empty".to_owned()),
            Some((name, "")) => problems.push(format!("the value of {name} is empty")),
            Some((name, value)) => {
                let value = ExecutionValue {
                    value: value.to_owned(),
                    is_secret,
                };
                if values.insert(name.to_owned(), value).is_some() {
                    problems.push(format!("{name} is given twice"));
                }
            }
        }
    }
    if problems.is_empty() {
        Ok(values)
    } else {
        Err(CliError::usage(
            format!("--runtime-env: {}", problems.join("; ")),
            "Write it like --runtime-env NAME=VALUE or --runtime-env secret:NAME=VALUE.",
        ))
    }
}

fn tell_no_project(console: &Console) {
    console.error("No Stigmer.yaml found in current directory");
    console.info("");
    console.info("Either:");
    console.info("  • Run from a Stigmer project directory");
    console.info("  • Or specify agent/workflow: stigmer run <name-or-id>");
    console.blank();
}

fn tell_not_found(console: &Console, name: &str) {
    console.error(format_args!("Agent or Workflow not found: {name}"));
    console.info("");
    console.info("Checked for:");
    console.info(format_args!("  • Workflow with ID/name: {name}"));
    console.info(format_args!("  • Agent with ID/name: {name}"));
    console.info("");
    console.info("Possible reasons:");
    console.info("  • Resource doesn't exist in organization");
    console.info("  • Resource hasn't been deployed yet (run: stigmer apply)");
    console.info("  • Wrong organization context");
    console.blank();
}
