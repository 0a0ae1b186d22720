//! What one command line works with.

use std::pin::Pin;

use camino::Utf8PathBuf;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::Mutex;

use super::arguments::{Format, GlobalArguments};
use super::connection::Connection;
use super::console::Console;
use super::environment::Environment;
use super::error::CliError;
use super::interrupts::Offer;
use super::settings::ServerAddress;

pub(crate) type Input = Pin<Box<dyn AsyncRead + Send>>;

pub(crate) struct Session {
    pub(crate) environment: Environment,
    pub(crate) directory: Utf8PathBuf,
    pub(crate) console: Console,
    pub(crate) global: GlobalArguments,
    pub(crate) offer: Offer,
    pub(crate) input: Mutex<Input>,
}

impl Session {
    pub(crate) async fn connect(&self) -> Result<Connection, CliError> {
        let address = ServerAddress::find(self.global.server.as_deref(), &self.environment)?;
        Ok(Connection::open(address).await?)
    }

    pub(crate) fn org(&self) -> &str {
        &self.global.org
    }

    /// True when standard output carries data, not lines for people.
    pub(crate) fn prints_data(&self) -> bool {
        self.global.output != Format::Table
    }

    /// Prints a value, or a list of them, where data is wanted.
    pub(crate) fn print_data(&self, value: &impl Serialize) -> Result<(), CliError> {
        let unprintable = |error: &dyn std::fmt::Display| CliError::Unprintable(error.to_string());
        let text = match self.global.output {
            Format::Table => return Ok(()),
            Format::Json => {
                let json = serde_json::to_string_pretty(value);
                json.map_err(|error| unprintable(&error))? + "\n"
            }
            Format::Yaml => serde_saphyr::to_string(value).map_err(|error| unprintable(&error))?,
        };
        self.console.data(&text);
        Ok(())
    }

    /// One line of what the user types, without its end; `None` when there is no more.
    pub(crate) async fn answer(&self) -> Option<String> {
        /// Nobody answers a question with more.
        const LONGEST: usize = 4096;
        let mut input = self.input.lock().await;
        let mut line = Vec::new();
        let mut byte = [0];
        while line.len() < LONGEST {
            match input.read(&mut byte).await {
                Ok(1) if byte[0] == b'\n' => break,
                Ok(1) => line.push(byte[0]),
                _ if line.is_empty() => return None,
                _ => break,
            }
        }
        Some(String::from_utf8_lossy(&line).trim().to_owned())
    }
}
