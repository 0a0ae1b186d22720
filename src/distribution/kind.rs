//! The services that a stack may have.

use std::fmt;

/// A kind of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceKind {
    StigmerServer,
    WorkflowRunner,
    AgentRunner,
}

impl fmt::Display for ServiceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StigmerServer => "stigmer-server",
            Self::WorkflowRunner => "workflow-runner",
            Self::AgentRunner => "agent-runner",
        })
    }
}
