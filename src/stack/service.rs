//! What a test does to a service of its stack on purpose.

use super::failure::TestFailure;
use crate::supervisor::{Action, Disturber, Service};

/// A service of a stack, to be disturbed. Nobody is told of a death that was asked for; what a service does by itself
/// still fails the test.
#[derive(Debug, Clone)]
pub struct StackService {
    disturber: Disturber,
    stack: String,
    service: Service,
}

impl StackService {
    pub(super) fn new(disturber: Disturber, stack: &str, service: Service) -> Self {
        Self {
            disturber,
            stack: stack.to_owned(),
            service,
        }
    }

    /// Kills its processes (SIGKILL) and waits until it has ended. Answers how it ended.
    pub async fn kill(&self) -> Result<String, TestFailure> {
        self.disturb(Action::Kill).await
    }

    /// Asks it to end (SIGTERM) and waits until it has. Answers how it ended.
    pub async fn terminate(&self) -> Result<String, TestFailure> {
        self.disturb(Action::Terminate).await
    }

    /// Stops its processes where they are (SIGSTOP).
    pub async fn pause(&self) -> Result<(), TestFailure> {
        self.disturb(Action::Pause).await.map(|_| ())
    }

    /// Lets them go on (SIGCONT).
    pub async fn resume(&self) -> Result<(), TestFailure> {
        self.disturb(Action::Resume).await.map(|_| ())
    }

    /// Starts it again after its end, on the same address and data, and waits until it is ready.
    pub async fn start(&self) -> Result<(), TestFailure> {
        self.disturb(Action::Start).await.map(|_| ())
    }

    async fn disturb(&self, action: Action) -> Result<String, TestFailure> {
        Ok(self
            .disturber
            .disturb(&self.stack, self.service, action)
            .await?)
    }
}
