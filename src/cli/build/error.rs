//! Why there is no program, or why it declared nothing.

use std::io;
use std::time::Duration;

use camino::Utf8PathBuf;
use thiserror::Error;

use super::sdk::{SDK_MODULE, SDK_VARIABLE};

#[derive(Debug, Error)]
pub(crate) enum BuildError {
    #[error("no Go toolchain: {reason}")]
    NoGo { reason: String },
    #[error("the SDK of the project's program is not known")]
    NoSdk,
    #[error("{variable} is {path}, which does not hold the module {module}")]
    NotTheSdk {
        variable: String,
        path: Utf8PathBuf,
        module: &'static str,
    },
    #[error("no place for the cache: neither STIGMER_CACHE_DIR nor XDG_CACHE_HOME nor HOME is set")]
    NoCache,
    #[error("cannot {doing} {path}")]
    File {
        doing: &'static str,
        path: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{directory} has more than {limit} files or {megabytes} MB")]
    TooLarge {
        directory: Utf8PathBuf,
        limit: usize,
        megabytes: u64,
    },
    #[error("cannot start {program}")]
    Start {
        program: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{main} does not compile\n\n{lines}")]
    Compile { main: String, lines: String },
    #[error("{main} cannot be built ({status})\n\n{lines}")]
    Go {
        main: String,
        status: String,
        lines: String,
    },
    #[error("{main} ended with {status}{}", after(message))]
    Program {
        main: String,
        status: String,
        message: String,
    },
    #[error("{main} did not end within {} s", limit.as_secs())]
    Hung { main: String, limit: Duration },
}

fn after(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {message}")
    }
}

impl BuildError {
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<Utf8PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            doing,
            path,
            source,
        }
    }

    pub(crate) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoGo { .. } => {
                "Install Go 1.26 or newer on PATH, or set STIGMER_GO to a go command.".to_owned()
            }
            Self::NoSdk => format!(
                "Set {SDK_VARIABLE} to the Go SDK's directory, or work in a checkout that has services/sdk-go."
            ),
            Self::NotTheSdk { variable, .. } => {
                format!("Set {variable} to the directory with the SDK's go.mod.")
            }
            Self::NoCache => "Set STIGMER_CACHE_DIR to a directory.".to_owned(),
            Self::File { path, .. } => {
                format!("Make {path} readable and writable, and see that the disk has room.")
            }
            Self::TooLarge { .. } => {
                "Keep the project's program in a directory of its own.".to_owned()
            }
            Self::Start { .. } => "Is it a program for this machine?".to_owned(),
            Self::Compile { lines, .. } | Self::Go { lines, .. } => return compiler_hint(lines),
            Self::Hung { .. } => {
                "A project's program only declares resources: it must not wait for anything."
                    .to_owned()
            }
            Self::Program { .. } => return None,
        };
        Some(hint)
    }
}

/// For what the go command says without naming a cure that fits here.
fn compiler_hint(lines: &str) -> Option<String> {
    let missing = "cannot find module providing package";
    let hint = if lines.contains("GOTOOLCHAIN=local") {
        "Install a newer Go, or set STIGMER_GO to one: none is downloaded.".to_owned()
    } else if lines.contains(&format!("{missing} {SDK_MODULE}")) {
        format!("Set {SDK_VARIABLE} to the Go SDK's directory.")
    } else if lines.contains("disabled by -mod=vendor") {
        format!(
            "The SDK at {SDK_VARIABLE} brings its dependencies along, and there are no others: give the project a go.mod and a vendor folder."
        )
    } else if lines.contains("module lookup disabled") {
        "The module is not in the cache and GOPROXY is off: allow a download once, or vendor it."
            .to_owned()
    } else {
        return None;
    };
    Some(hint)
}
