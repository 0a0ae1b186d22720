//! A Temporal worker, workflow-runner or agent-runner: it has no port, it is ready when Temporal sees it poll.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tonic::transport::Channel;

use super::failure::ServiceFailure;
use super::fork_server::RunningForkServer;
use super::pollers::{PollerProbe, TaskQueues};
use super::process::{ProcessSpec, RunningProcess};
use super::readiness::until_ready;
use crate::sys::Inherit;

/// How a worker's process comes to be.
#[derive(Debug, Clone)]
pub enum Start {
    /// By running its program.
    Exec,
    /// By a fork server that has imported what the program needs.
    Fork(Arc<Mutex<RunningForkServer>>),
}

/// A worker to start.
#[derive(Debug)]
pub struct WorkerSpec {
    pub process: ProcessSpec,
    pub start: Start,
    pub temporal: Channel,
    pub namespace: String,
    pub queues: TaskQueues,
    /// How long it may take to poll.
    pub limit: Duration,
}

impl WorkerSpec {
    /// Starts the worker and waits until it polls all of its queues.
    pub async fn start(self) -> Result<RunningProcess, ServiceFailure> {
        let mut process = match self.start {
            Start::Exec => RunningProcess::start(self.process, &Inherit::nothing())?,
            Start::Fork(server) => fork_or_run(&server, self.process).await?,
        };
        let probe = PollerProbe::new(self.temporal, &self.namespace, process.pid(), &self.queues);
        // The probe remembers what it has seen; the loop asks one question at a time.
        let probe = Mutex::new(probe);
        until_ready(&mut process, self.limit, || async {
            probe.lock().await.look().await
        })
        .await?;
        Ok(process)
    }
}

/// A fork server that is dead or refuses costs time, not the test.
async fn fork_or_run(
    server: &Mutex<RunningForkServer>,
    spec: ProcessSpec,
) -> Result<RunningProcess, ServiceFailure> {
    match server.lock().await.fork(spec.clone()).await {
        Ok(process) => Ok(process),
        Err(failure) => {
            tracing::warn!(%failure, "the worker is started without a fork");
            RunningProcess::start(spec, &Inherit::nothing())
        }
    }
}
