//! Why there is no stack.

use std::sync::Arc;

use crate::distribution::StackPlan;
use crate::service::ServiceFailure;
use crate::toolset::ToolsetError;

/// Why a stack could not be made.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum StackError {
    /// The programs of the run are missing or wrong.
    #[error("{0}")]
    Toolset(Arc<ToolsetError>),
    /// A service did not become ready.
    #[error(transparent)]
    Service(#[from] ServiceFailure),
    /// Something around the services could not be made.
    #[error("cannot make the stack: {what}")]
    Make { what: String, hint: Option<String> },
}

impl StackError {
    /// What a person reads.
    pub(super) fn screen(&self) -> String {
        let hint = match self {
            Self::Toolset(error) => error.hint(),
            Self::Make { hint, .. } => hint.clone(),
            // It prints its own.
            Self::Service(_) => None,
        };
        match hint {
            Some(hint) => format!("{self}\n  hint: {hint}"),
            None => self.to_string(),
        }
    }
}

/// A stack that could not be made, and where its logs are, when there are any.
#[derive(Debug)]
pub(super) struct Unmade {
    pub(super) error: StackError,
    pub(super) plan: Option<StackPlan>,
}

impl<E: Into<StackError>> From<E> for Unmade {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            plan: None,
        }
    }
}
