//! The Temporal server that the stacks of a run share: started when the first stack needs it.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{Mutex, Notify, watch};
use tonic::transport::Channel;

use crate::service::{Cause, RunningTemporal, ServiceFailure, TemporalSpec};

/// A server that answers, as stacks see it.
#[derive(Debug)]
pub(super) struct TemporalHandle {
    pub(super) address: SocketAddr,
    pub(super) channel: Channel,
    died: watch::Receiver<Option<ServiceFailure>>,
    stop: Arc<Notify>,
}

impl TemporalHandle {
    /// Waits until the server ends by itself.
    pub(super) async fn died(&self) -> ServiceFailure {
        let mut died = self.died.clone();
        loop {
            if let Some(failure) = died.borrow_and_update().clone() {
                return failure;
            }
            if died.changed().await.is_err() {
                // It was stopped on purpose.
                std::future::pending().await
            }
        }
    }
}

/// The one shared server, or how starting it failed.
#[derive(Debug, Default)]
pub(super) struct SharedTemporal {
    slot: Mutex<Option<Result<Arc<TemporalHandle>, ServiceFailure>>>,
}

impl SharedTemporal {
    /// The server. A failed start is remembered: the next stack fails at once, with the same cause.
    pub(super) async fn get(
        &self,
        spec: TemporalSpec,
    ) -> Result<Arc<TemporalHandle>, ServiceFailure> {
        let mut slot = self.slot.lock().await;
        match &*slot {
            // One that died is no use to new stacks; those that hold it have been told.
            Some(Ok(handle)) if handle.died.borrow().is_none() => return Ok(handle.clone()),
            Some(Err(failure)) => return Err(failure.clone()),
            _ => {}
        }
        let result = start(spec).await;
        *slot = Some(result.clone());
        result
    }

    /// Stops the server and waits for its end.
    pub(super) async fn stop(&self) {
        if let Some(Ok(handle)) = self.slot.lock().await.take() {
            handle.stop.notify_one();
            let mut died = handle.died.clone();
            // The sender goes when the process is gone.
            while died.changed().await.is_ok() {}
        }
    }
}

async fn start(spec: TemporalSpec) -> Result<Arc<TemporalHandle>, ServiceFailure> {
    if let Err(error) = std::fs::create_dir_all(&spec.home) {
        let cause = Cause::Preparation(format!("{}: {error}", spec.home));
        return Err(spec.failure(cause));
    }
    let running = spec.start().await?;
    let (sender, died) = watch::channel(None);
    let stop = Arc::new(Notify::new());
    let handle = TemporalHandle {
        address: running.address(),
        channel: running.channel(),
        died,
        stop: stop.clone(),
    };
    tokio::spawn(watch_over(running, stop, sender));
    Ok(Arc::new(handle))
}

async fn watch_over(
    mut running: RunningTemporal,
    stop: Arc<Notify>,
    sender: watch::Sender<Option<ServiceFailure>>,
) {
    let process = running.process();
    tokio::select! {
        status = process.ended() => {
            let failure = process.failure(Cause::ended(status), None, None);
            sender.send_replace(Some(failure));
        }
        () = stop.notified() => {
            process.kill_group();
            process.ended().await;
        }
    }
}
