//! What a test needs of a stack. Less asked, less started.

use std::collections::BTreeMap;

use crate::model::ModelScript;
use crate::supervisor::Needs;

/// A stack to take.
#[derive(Debug, Clone)]
pub struct StackSpec {
    server: bool,
    workflow_runner: bool,
    agent_runner: bool,
    environment: BTreeMap<String, String>,
    dedicated_temporal: String,
    script: ModelScript,
}

impl StackSpec {
    /// Everything: server, both runners, Temporal, model.
    pub fn full() -> Self {
        Self {
            workflow_runner: true,
            agent_runner: true,
            ..Self::server()
        }
    }

    /// A server without runners: enough to apply agents and to read them back.
    pub fn server() -> Self {
        Self {
            server: true,
            ..Self::bare()
        }
    }

    /// No process at all: enough for what the command line does by itself.
    pub fn bare() -> Self {
        Self {
            server: false,
            workflow_runner: false,
            agent_runner: false,
            environment: BTreeMap::new(),
            dedicated_temporal: String::new(),
            script: ModelScript::default(),
        }
    }

    /// Adds a workflow-runner: enough to apply and run workflows that call no agent.
    #[must_use]
    pub fn with_workflow_runner(mut self) -> Self {
        self.workflow_runner = true;
        self
    }

    /// Adds an agent-runner and the model it talks to.
    #[must_use]
    pub fn with_agent_runner(mut self) -> Self {
        self.agent_runner = true;
        self
    }

    /// Sets a variable in the environment of all services: a time limit, for one.
    #[must_use]
    pub fn with_environment(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Gives the stack a Temporal server of its own, for a test that kills, pauses or restarts it: `reason` says which. A
    /// test that asks for one and leaves it in peace fails, since everybody waits longer for it.
    #[must_use]
    pub fn with_own_temporal(mut self, reason: &str) -> Self {
        reason.clone_into(&mut self.dedicated_temporal);
        self
    }

    /// What the model will answer.
    #[must_use]
    pub fn with_script(mut self, script: ModelScript) -> Self {
        self.script = script;
        self
    }

    pub(super) fn into_parts(self) -> (Needs, ModelScript) {
        let needs = Needs {
            server: self.server,
            workflow_runner: self.workflow_runner,
            agent_runner: self.agent_runner,
            environment: self.environment.into_iter().collect(),
            dedicated_temporal: self.dedicated_temporal,
        };
        (needs, self.script)
    }
}
