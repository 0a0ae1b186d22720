//! What a request for a stack means.

use super::protocol::Needs;
use crate::toolset::Tool;

/// Questions about what a stack has to have.
pub(super) trait Shape {
    /// Programs that are needed.
    fn tools(&self) -> Vec<Tool>;
    /// Whether Temporal is needed.
    fn temporal(&self) -> bool;
    /// Whether a spare will do: the default shape, with everything and nothing special.
    fn is_default(&self) -> bool;
}

/// What a spare has.
pub(super) fn default_needs() -> Needs {
    Needs {
        server: true,
        workflow_runner: true,
        agent_runner: true,
        ..Needs::default()
    }
}

impl Shape for Needs {
    fn tools(&self) -> Vec<Tool> {
        let mut tools = Vec::new();
        if self.server {
            tools.extend([Tool::StigmerServer, Tool::StigmerStore]);
        }
        if self.workflow_runner {
            tools.push(Tool::WorkflowRunner);
        }
        if self.agent_runner {
            tools.extend([Tool::AgentRunner, Tool::AgentRunnerPython]);
        }
        if self.temporal() {
            tools.push(Tool::Temporal);
        }
        tools
    }

    fn temporal(&self) -> bool {
        self.workflow_runner || self.agent_runner || !self.dedicated_temporal.is_empty()
    }

    fn is_default(&self) -> bool {
        *self == default_needs()
    }
}
