//! From a parsed command line to its command.

use clap::CommandFactory as _;
use serde::Serialize;

use super::{apply, executions, get, list, run, skill};
use crate::cli::arguments::{Arguments, Command};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;

pub(crate) async fn execute(command: Command, session: &Session) -> Result<Exit, CliError> {
    match command {
        Command::Apply(arguments) => apply::execute(&arguments, session).await,
        Command::Run(arguments) => run::execute(&arguments, session).await,
        Command::Get(arguments) => get::show(&arguments, session).await,
        Command::List(arguments) => list::execute(&arguments, session).await,
        Command::Delete(arguments) => get::delete(&arguments, session).await,
        Command::Skill(command) => skill::execute(&command, session).await,
        Command::Executions(command) => executions::execute(&command, session).await,
        Command::Version => version(session),
        Command::Completions(arguments) => {
            let mut script = Vec::new();
            let mut grammar = Arguments::command();
            clap_complete::generate(arguments.shell, &mut grammar, "stigmer", &mut script);
            session.console.data(&String::from_utf8_lossy(&script));
            Ok(Exit::Ok)
        }
    }
}

#[derive(Serialize)]
struct Version {
    version: &'static str,
}

fn version(session: &Session) -> Result<Exit, CliError> {
    let version = env!("CARGO_PKG_VERSION");
    if session.prints_data() {
        session.print_data(&Version { version })?;
    } else {
        session.console.line(format_args!("stigmer {version}"));
    }
    Ok(Exit::Ok)
}
