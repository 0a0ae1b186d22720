//! `stigmer executions`

use crate::cli::arguments::ExecutionsCommand;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::follow::{self, ExecutionKind, Transcript};
use crate::cli::session::Session;
use crate::cli::shown::Shown;

use super::{get, list};

pub(super) async fn execute(
    command: &ExecutionsCommand,
    session: &Session,
) -> Result<Exit, CliError> {
    match command {
        ExecutionsCommand::List { workflow, filter } => {
            list::executions(workflow.as_deref(), filter, session).await
        }
        ExecutionsCommand::Get { id } => {
            let kind = kind_of(id)?;
            let connection = session.connect().await?;
            let execution = follow::get(&connection, kind, id).await?;
            get::print(session, &Shown::from(execution))?;
            Ok(Exit::Ok)
        }
        ExecutionsCommand::Cancel { id, reason, force } => {
            kind_of(id)?;
            let connection = session.connect().await?;
            follow::cancel(&connection, id, reason, *force).await?;
            session
                .console
                .success(format_args!("✓ Cancellation requested: {id}"));
            Ok(Exit::Ok)
        }
        ExecutionsCommand::Logs {
            id, follow: false, ..
        } => {
            let kind = kind_of(id)?;
            let connection = session.connect().await?;
            let execution = follow::get(&connection, kind, id).await?;
            let mut transcript = Transcript::new(&session.console);
            transcript.update(&execution);
            transcript.summarize(&execution);
            session.print_data(&Shown::from(execution).document)?;
            Ok(Exit::Ok)
        }
        ExecutionsCommand::Logs { id, timeout, .. } => {
            let kind = kind_of(id)?;
            let connection = session.connect().await?;
            let (last, exit) = follow::follow(session, &connection, kind, id, *timeout).await?;
            session.print_data(&Shown::from(last).document)?;
            Ok(exit)
        }
    }
}

fn kind_of(id: &str) -> Result<ExecutionKind, CliError> {
    ExecutionKind::of(id).ok_or_else(|| {
        let (agent, workflow) = (ExecutionKind::Agent, ExecutionKind::Workflow);
        CliError::usage(
            format!("\"{id}\" is not the id of an execution"),
            format!(
                "Ids of executions begin with {} or {}; `stigmer executions list` shows them.",
                agent.prefix(),
                workflow.prefix()
            ),
        )
    })
}
