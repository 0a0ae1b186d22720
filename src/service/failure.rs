//! A service that did not start, or died: all that is needed to understand it, on one screen.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

/// Why a service is not there. Serializable, since the process that sees it is not the one that reports it.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct ServiceFailure {
    /// Name of the service.
    pub service: String,
    pub cause: Cause,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// From the start of the process to the failure, in milliseconds.
    pub elapsed_ms: u64,
    /// What the last look whether it is ready answered.
    pub last_probe: Option<String>,
    /// Last lines of the log.
    pub log_tail: Vec<String>,
    /// The whole log.
    pub log: Utf8PathBuf,
    /// What cures it.
    pub hint: Option<String>,
}

/// What happened to a service.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub enum Cause {
    /// The process could not be made.
    NotStarted(String),
    /// The process ended by itself before or after it was ready.
    Ended(String),
    /// The process runs, but was not ready in time.
    NotReady,
    /// Something that the service needs could not be made.
    Preparation(String),
}

impl Cause {
    /// An end, in words.
    pub fn ended(status: ExitStatus) -> Self {
        Self::Ended(match (status.code(), status.signal()) {
            (Some(code), _) => format!("exit status {code}"),
            (None, Some(signal)) => format!("signal {signal} ({})", signal_name(signal)),
            (None, None) => status.to_string(),
        })
    }
}

fn signal_name(number: i32) -> &'static str {
    // The numbers that are the same on Linux and macOS, and the two that a service most often dies of.
    match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        7 if cfg!(target_os = "linux") => "SIGBUS",
        10 if cfg!(target_os = "macos") => "SIGBUS",
        _ => "unknown",
    }
}

impl std::error::Error for ServiceFailure {}

impl fmt::Display for ServiceFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = format_args!("after {} ms", self.elapsed_ms).to_string();
        match &self.cause {
            Cause::NotStarted(reason) => {
                write!(f, "{} could not be started: {reason}", self.service)?
            }
            Cause::Ended(how) => write!(f, "{} ended by itself ({how}) {after}", self.service)?,
            Cause::NotReady => write!(f, "{} was not ready {after}", self.service)?,
            Cause::Preparation(reason) => {
                write!(f, "{} could not be prepared: {reason}", self.service)?
            }
        }
        write!(f, "\n  command: {}", self.command.join(" "))?;
        if let Some(probe) = &self.last_probe {
            write!(f, "\n  last probe: {probe}")?;
        }
        if !self.log_tail.is_empty() {
            write!(f, "\n  last lines of its log:")?;
            for line in &self.log_tail {
                write!(f, "\n    {line}")?;
            }
        }
        write!(f, "\n  log: {}", self.log)?;
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}
