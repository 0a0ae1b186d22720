//! stigmer-server: takes a socket that is bound already, ready when its health service says so.

use std::net::TcpListener;
use std::os::fd::RawFd;
use std::time::Duration;

use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::failure::{Cause, ServiceFailure};
use super::process::{ProcessSpec, RunningProcess};
use super::readiness::until_ready;
use crate::sys::Inherit;

/// A server to start.
#[derive(Debug)]
pub struct StigmerServerSpec {
    /// How it is started; the descriptor of the socket is appended to the arguments.
    pub process: ProcessSpec,
    /// The socket it will serve.
    pub listener: TcpListener,
    /// What its health service has to call SERVING; the empty name is the whole server.
    pub health: Vec<String>,
    /// How long it may take to serve.
    pub limit: Duration,
}

impl StigmerServerSpec {
    /// Starts the server and waits until it serves.
    pub async fn start(self) -> Result<RunningProcess, ServiceFailure> {
        let mut spec = self.process;
        let address = self
            .listener
            .local_addr()
            .map_err(|error| spec.failure(Cause::Preparation(format!("its socket: {error}"))))?;
        let mut inherit = Inherit::nothing();
        let descriptor: RawFd = inherit.add(&self.listener);
        spec.arguments
            .extend(["--listen-fd".to_owned(), descriptor.to_string()]);
        let mut process = RunningProcess::start(spec, &inherit)?;
        // Our copy would keep the port open when the server is dead, and clients waiting for ever.
        drop(self.listener);
        let channel = Endpoint::from_shared(format!("http://{address}"))
            .expect("an address makes a URI")
            .connect_lazy();
        let names = self.health;
        until_ready(&mut process, self.limit, || {
            serving(channel.clone(), &names)
        })
        .await?;
        Ok(process)
    }
}

async fn serving(channel: Channel, names: &[String]) -> Result<(), String> {
    let mut client = HealthClient::new(channel);
    for name in names {
        let request = HealthCheckRequest {
            service: name.clone(),
        };
        let status = client
            .check(request)
            .await
            .map_err(|status| format!("health: {}", status.message()))?
            .into_inner()
            .status();
        if status != ServingStatus::Serving {
            return Err(format!("health of {name:?} is {}", status.as_str_name()));
        }
    }
    Ok(())
}
