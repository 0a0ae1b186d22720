//! A Temporal worker, workflow-runner or agent-runner: it has no port, it is ready when Temporal sees it poll.

use std::time::Duration;

use tonic::transport::Channel;

use super::failure::ServiceFailure;
use super::pollers::{PollerProbe, TaskQueues};
use super::process::{ProcessSpec, RunningProcess};
use super::readiness::until_ready;
use crate::sys::Inherit;

/// A worker to start.
#[derive(Debug)]
pub struct WorkerSpec {
    pub process: ProcessSpec,
    pub temporal: Channel,
    pub namespace: String,
    pub queues: TaskQueues,
    /// How long it may take to poll.
    pub limit: Duration,
}

/// A worker that polls.
#[derive(Debug)]
#[must_use = "dropping it kills the worker"]
pub struct RunningWorker {
    process: RunningProcess,
}

impl WorkerSpec {
    /// Starts the worker and waits until it polls all of its queues.
    pub async fn start(self) -> Result<RunningWorker, ServiceFailure> {
        let mut process = RunningProcess::start(self.process, &Inherit::nothing())?;
        let probe = PollerProbe::new(self.temporal, &self.namespace, process.pid(), &self.queues);
        // The probe remembers what it has seen; the loop asks one question at a time.
        let probe = tokio::sync::Mutex::new(probe);
        until_ready(&mut process, self.limit, || async {
            probe.lock().await.look().await
        })
        .await?;
        Ok(RunningWorker { process })
    }
}

impl RunningWorker {
    /// The process.
    pub fn process(&mut self) -> &mut RunningProcess {
        &mut self.process
    }
}
