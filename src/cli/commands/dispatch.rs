//! From a parsed command line to its command.

use super::{apply, run};
use crate::cli::arguments::Command;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;

pub(crate) async fn execute(command: Command, session: &Session) -> Result<Exit, CliError> {
    match command {
        Command::Apply(arguments) => apply::execute(&arguments, session).await,
        Command::Run(arguments) => run::execute(&arguments, session).await,
        Command::Version => {
            let version = env!("CARGO_PKG_VERSION");
            session.console.line(format_args!("stigmer {version}"));
            Ok(Exit::Ok)
        }
    }
}
