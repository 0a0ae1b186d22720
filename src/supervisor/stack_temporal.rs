//! The Temporal server of a stack: the run's, or its own.

use std::net::SocketAddr;
use std::sync::Arc;

use tonic::transport::Channel;

use super::dedicated::DedicatedTemporal;
use super::temporal::TemporalHandle;
use crate::service::ServiceFailure;

/// Which Temporal a stack uses.
#[derive(Debug)]
pub(super) enum StackTemporal {
    /// The stack has no use for one.
    None,
    /// That of the run.
    Shared(Arc<TemporalHandle>),
    /// Its own, since the test is going to disturb it.
    Own(Box<DedicatedTemporal>),
}

impl StackTemporal {
    pub(super) fn endpoint(&self) -> Option<(SocketAddr, Channel)> {
        match self {
            Self::None => None,
            Self::Shared(handle) => Some((handle.address, handle.channel.clone())),
            Self::Own(own) => Some((own.address(), own.channel())),
        }
    }

    /// Waits until it ends by itself.
    pub(super) async fn died(&mut self) -> ServiceFailure {
        match self {
            Self::None => std::future::pending().await,
            Self::Shared(handle) => handle.died().await,
            Self::Own(own) => own.died().await,
        }
    }

    /// Why the test should not have asked for its own, when it should not have.
    pub(super) fn complaint(&self) -> Option<String> {
        match self {
            Self::Own(own) if !own.was_disturbed() => Some(
                "the test asked for a Temporal server of its own and did nothing to it: take the shared one".to_owned(),
            ),
            _ => None,
        }
    }

    /// Stops what belongs to this stack alone.
    pub(super) async fn stop(self) {
        if let Self::Own(own) = self {
            own.stop().await;
        }
    }
}
