//! Why a command did not do what was asked.

use std::error::Error as _;

use thiserror::Error;

use super::archive::ArchiveError;
use super::build::BuildError;
use super::deploy::DeployError;
use super::exit::Exit;
use super::follow::FollowError;
use super::project::ProjectError;
use super::server_error::ServerError;
use super::settings::SettingsError;
use super::synthesis::SynthesisError;

#[derive(Debug, Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Synthesis(#[from] SynthesisError),
    #[error(transparent)]
    Deploy(#[from] DeployError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Follow(#[from] FollowError),
    #[error("{kind} not found: {name}")]
    NotFound { kind: &'static str, name: String },
    #[error("the answer cannot be printed: {0}")]
    Unprintable(String),
    /// The command line is well-formed but makes no sense.
    #[error("{message}")]
    Usage { message: String, hint: String },
}

impl CliError {
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hint: hint.into(),
        }
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } => Exit::Usage,
            _ => Exit::Error,
        }
    }

    /// What to do about it, one or more sentences.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Settings(error) => Some(error.hint()),
            Self::Server(error) => error.hint(),
            Self::Project(error) => Some(error.hint()),
            Self::Build(error) => error.hint(),
            Self::Synthesis(error) => Some(error.hint()),
            Self::Deploy(error) => error.hint(),
            Self::Archive(error) => Some(error.hint()),
            Self::Follow(error) => Some(error.hint()),
            Self::NotFound { .. } => Some(
                "Deploy it with `stigmer apply`, or name its organization with --org.".to_owned(),
            ),
            Self::Unprintable(_) => None,
            Self::Usage { hint, .. } => Some(hint.clone()),
        }
    }

    /// The message with its causes behind it.
    pub(crate) fn message(&self) -> String {
        let mut message = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&error.to_string());
            cause = error.source();
        }
        message
    }
}
