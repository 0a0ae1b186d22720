//! The marks that every process of a run carries in its environment, so that none can hide.

use std::collections::BTreeMap;

/// Variable that names the run.
pub const RUN_ID: &str = "STIGMER_E2E_RUN_ID";
/// Variable that names the stack within the run.
pub const STACK_ID: &str = "STIGMER_E2E_STACK_ID";

/// Run and stack of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub run: String,
    /// Nothing for what all stacks of a run share.
    pub stack: Option<String>,
}

impl Identity {
    /// Writes the marks into an environment.
    pub fn mark(&self, environment: &mut BTreeMap<String, String>) {
        environment.insert(RUN_ID.to_owned(), self.run.clone());
        if let Some(stack) = &self.stack {
            environment.insert(STACK_ID.to_owned(), stack.clone());
        }
    }
}
