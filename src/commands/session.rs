//! A stack that a command holds: taken in a run of its own, which ends with the command.

use std::collections::BTreeMap;

use stigmer_e2e::model::{ModelScript, ModelSpec, RunningModel};
use stigmer_e2e::stack::command_environment;
use stigmer_e2e::supervisor::{Ended, Lease, LeaseError, Needs, Ready, Scope, SupervisorClient};
use stigmer_e2e::toolset::Surroundings;

/// A complete stack.
pub(super) struct Session {
    lease: Lease,
    model: RunningModel,
    environment: BTreeMap<String, String>,
}

impl Session {
    /// Takes a complete stack whose model follows `script`.
    pub(super) async fn start(
        surroundings: Surroundings,
        name: &str,
        script: ModelScript,
    ) -> anyhow::Result<Self> {
        let client = SupervisorClient::new(surroundings, Scope::of_own_process())?;
        let needs = Needs {
            server: true,
            workflow_runner: true,
            agent_runner: true,
            ..Needs::default()
        };
        let mut lease = client.lease(name, "", needs).await?;
        let listener = lease
            .take_model()
            .expect("a stack with an agent-runner has a model");
        let model = ModelSpec::new(script).serve_on_thread(listener)?;
        let environment =
            command_environment(client.surroundings(), &client.scope().run, lease.ready());
        Ok(Self {
            lease,
            model,
            environment,
        })
    }

    pub(super) fn ready(&self) -> &Ready {
        self.lease.ready()
    }

    pub(super) fn model(&self) -> &RunningModel {
        &self.model
    }

    /// What a command needs to find the stack.
    pub(super) fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// Waits until a service dies by itself. Answers the screen.
    pub(super) async fn died(&self) -> String {
        let mut died = self.lease.died();
        loop {
            if let Some(screen) = died.borrow_and_update().clone() {
                return screen;
            }
            if died.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Stops the stack and waits for it.
    pub(super) fn end(self, well: bool) -> Result<Ended, LeaseError> {
        self.lease.end(well)
    }
}
