//! What can go wrong with a scripted model, apart from requests that the script does not expect.

use std::io;
use std::time::Duration;

use camino::Utf8PathBuf;

/// A scripted model could not be started, told or asked.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No listening socket could be had on 127.0.0.1.
    #[error("the scripted model could not listen on 127.0.0.1")]
    Listen(#[source] io::Error),
    /// No thread or runtime could be had.
    #[error("the scripted model could not get a thread of its own")]
    Thread(#[source] io::Error),
    /// The file of a script cannot be read.
    #[error("the model script {path} could not be read")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// The system's words.
        #[source]
        source: io::Error,
    },
    /// The name of a file does not say whether it is YAML or JSON.
    #[error("the model script {path} is neither .yaml, .yml nor .json")]
    Extension {
        /// The file.
        path: Utf8PathBuf,
    },
    /// The content of a file is not a script.
    #[error("{path} is not a model script")]
    File {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong.
        #[source]
        source: Box<ModelError>,
    },
    /// Not a script in YAML; the source names line and column.
    #[error("the YAML of a model script is wrong")]
    Yaml(#[source] Box<serde_saphyr::Error>),
    /// Not a script in JSON; the source names line and column.
    #[error("the JSON of a model script is wrong")]
    Json(#[source] serde_json::Error),
    /// A script that contradicts itself.
    #[error("the model script cannot be followed: {}", problems.join("; "))]
    Script {
        /// A sentence each.
        problems: Vec<String>,
    },
    /// Not a regular expression.
    #[error("{pattern:?} is not a regular expression")]
    Pattern {
        /// What was given.
        pattern: String,
        /// Where it is wrong.
        #[source]
        source: Box<regex::Error>,
    },
    /// Fewer requests came in time than were waited for.
    #[error(
        "{came} of {wanted} requests reached the model within {within:?}{}",
        list(summaries)
    )]
    TooFewRequests {
        /// How many were waited for.
        wanted: usize,
        /// How many came.
        came: usize,
        /// How long was waited.
        within: Duration,
        /// The ones that came, a line each.
        summaries: Vec<String>,
    },
}

fn list(summaries: &[String]) -> String {
    summaries
        .iter()
        .map(|summary| format!("\n  {summary}"))
        .collect()
}

impl ModelError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Listen(_) => {
                "raise the limit of open files (ulimit -n), or see which process holds the loopback ports"
            }
            Self::Thread(_) => "raise the limit of processes (ulimit -u), or start fewer models",
            Self::Read { .. } => "check the path and who may read it",
            Self::Extension { .. } => "rename the file after its format: .yaml or .json",
            Self::File { source, .. } => source.hint(),
            Self::Yaml(_) | Self::Json(_) => "docs/model.md shows every field of a script",
            Self::Script { .. } => {
                "change the replies named above; docs/model.md shows every field"
            }
            Self::Pattern { .. } => {
                "use the syntax of Rust's regex crate, or `contains` for a plain text"
            }
            Self::TooFewRequests { .. } => {
                "see in the log of the client why it did not ask: a wrong base address, or no work for it"
            }
        }
    }
}
