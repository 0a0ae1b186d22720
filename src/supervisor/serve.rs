//! The supervisor's socket: only for processes of the same user.

use std::sync::Arc;

use camino::Utf8Path;
use tokio::net::UnixListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::transport::server::UdsConnectInfo;
use tonic::{Request, Response, Status, Streaming};

use super::lease::{self, Holder, LeaseContext};
use super::protocol::{
    DisturbRequest, DisturbResponse, Hello, LeaseEvent, LeaseRequest, supervisor_server,
};

/// Answers leases.
pub(super) struct Service(pub(super) Arc<LeaseContext>);

#[tonic::async_trait]
impl supervisor_server::Supervisor for Service {
    type LeaseStream = tokio_stream::wrappers::UnboundedReceiverStream<Result<LeaseEvent, Status>>;

    async fn say_hello(&self, _: Request<Hello>) -> Result<Response<Hello>, Status> {
        Ok(Response::new(Hello {}))
    }

    async fn disturb(
        &self,
        request: Request<DisturbRequest>,
    ) -> Result<Response<DisturbResponse>, Status> {
        self.0
            .desks
            .disturb(request.into_inner())
            .await
            .map(Response::new)
    }

    async fn lease(
        &self,
        request: Request<Streaming<LeaseRequest>>,
    ) -> Result<Response<Self::LeaseStream>, Status> {
        let peer = request
            .extensions()
            .get::<UdsConnectInfo>()
            .and_then(|info| info.peer_cred);
        // The folder is closed to others; a descriptor that wandered out of it is not.
        match peer {
            Some(peer) if peer.uid() == rustix::process::getuid().as_raw() => {}
            _ => {
                return Err(Status::permission_denied(
                    "this supervisor serves its own user",
                ));
            }
        }
        let (events, receiver) = mpsc::unbounded_channel();
        let holder = Holder {
            pid: peer
                .and_then(|peer| peer.pid())
                .and_then(|pid| u32::try_from(pid).ok()),
            requests: request.into_inner(),
            events,
        };
        tokio::spawn(lease::serve(self.0.clone(), holder));
        Ok(Response::new(receiver.into()))
    }
}

/// Binds the socket. Whoever can connect finds a supervisor that answers.
pub(super) fn bind(path: &Utf8Path) -> std::io::Result<UnixListenerStream> {
    // What a crashed supervisor of the same run left; the lock on starting one is held.
    let _ = std::fs::remove_file(path);
    UnixListener::bind(path).map(UnixListenerStream::new)
}
