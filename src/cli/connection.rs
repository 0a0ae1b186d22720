//! The way to a server.

use std::time::Duration;

use tonic::transport::{Channel, Endpoint};
use tonic::{Response, Status};

use super::server_error::ServerError;
use super::settings::ServerAddress;

/// Loopback answers in microseconds; a name server and a far machine in a second or two.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Reads and small writes answer in milliseconds. A server that is paused or starves is given half a minute.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(30);

/// An apply of a workflow waits for the runner's validation, which the server ends after 30 s.
pub(crate) const APPLY_LIMIT: Duration = Duration::from_secs(60);

/// The server's limit for a message, for archives of skills.
pub(crate) const MESSAGE_LIMIT: usize = 10 * 1024 * 1024;

/// An open connection; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    channel: Channel,
    address: ServerAddress,
}

impl Connection {
    pub(crate) async fn open(address: ServerAddress) -> Result<Self, ServerError> {
        let endpoint = Endpoint::from_shared(address.uri())
            .map_err(|error| ServerError::unreachable(&address, error))?
            .connect_timeout(CONNECT_LIMIT)
            // Updates are small and follow each other; Nagle would hold them back.
            .tcp_nodelay(true);
        // The endpoint's own limit covers the dialling; the outer one also name look-up and handshake.
        match tokio::time::timeout(CONNECT_LIMIT, endpoint.connect()).await {
            Ok(Ok(channel)) => Ok(Self { channel, address }),
            Ok(Err(error)) => Err(ServerError::unreachable(&address, error)),
            Err(_elapsed) => Err(ServerError::silent(&address, CONNECT_LIMIT)),
        }
    }

    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Awaits a call; its error says what was being done.
    pub(crate) async fn call<T>(
        &self,
        doing: impl Into<String>,
        limit: Duration,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, ServerError> {
        match tokio::time::timeout(limit, call).await {
            Ok(Ok(response)) => Ok(response.into_inner()),
            Ok(Err(status)) => Err(self.refused(doing, status)),
            Err(_elapsed) => Err(ServerError::silent(&self.address, limit)),
        }
    }

    pub(crate) fn refused(&self, doing: impl Into<String>, status: Status) -> ServerError {
        ServerError::from_status(&self.address, doing.into(), status)
    }
}
