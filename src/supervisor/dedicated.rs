//! A Temporal server of one stack's own, for tests that kill, pause or restart it.

use std::net::SocketAddr;

use rustix::process::Signal;
use tonic::transport::Channel;

use crate::service::{Cause, PortBlock, RunningTemporal, ServiceFailure, TemporalSpec};

/// The server, running or ended on purpose.
#[derive(Debug)]
pub(super) struct DedicatedTemporal {
    spec: TemporalSpec,
    address: SocketAddr,
    channel: Channel,
    state: State,
    /// Whether the test has done anything to it.
    disturbed: bool,
}

#[derive(Debug)]
enum State {
    Running(RunningTemporal),
    /// Its ports are kept for the next start.
    Ended(PortBlock),
    /// A start failed: there are no ports to keep.
    Gone,
}

impl DedicatedTemporal {
    pub(super) async fn start(spec: TemporalSpec) -> Result<Self, ServiceFailure> {
        std::fs::create_dir_all(&spec.home)
            .map_err(|error| spec.failure(Cause::Preparation(error.to_string())))?;
        let running = spec.start().await?;
        Ok(Self {
            address: running.address(),
            channel: running.channel(),
            state: State::Running(running),
            disturbed: false,
            spec,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Whether the test had a use for it.
    pub(super) fn was_disturbed(&self) -> bool {
        self.disturbed
    }

    /// Waits until it ends by itself.
    pub(super) async fn died(&mut self) -> ServiceFailure {
        match &mut self.state {
            State::Running(running) => {
                let process = running.process();
                let status = process.ended().await;
                process.failure(Cause::ended(status), None, None)
            }
            State::Ended(_) | State::Gone => std::future::pending().await,
        }
    }

    /// Ends it on purpose. Answers how it ended.
    pub(super) async fn end(&mut self, signal: Signal) -> Result<String, String> {
        self.disturbed = true;
        let State::Running(running) = &mut self.state else {
            return Err("Temporal was ended already".to_owned());
        };
        let process = running.process();
        process.signal(signal).map_err(|error| error.to_string())?;
        let status = process.ended().await;
        if let State::Running(running) = std::mem::replace(&mut self.state, State::Gone) {
            self.state = State::Ended(running.into_ports());
        }
        Ok(status.to_string())
    }

    /// Sends a signal that does not end it.
    pub(super) fn signal(&mut self, signal: Signal) -> Result<(), String> {
        self.disturbed = true;
        match &mut self.state {
            State::Running(running) => running
                .process()
                .signal(signal)
                .map_err(|error| error.to_string()),
            State::Ended(_) | State::Gone => Err("Temporal was ended already".to_owned()),
        }
    }

    /// Starts it again on the same address and state.
    pub(super) async fn start_again(&mut self) -> Result<(), String> {
        match std::mem::replace(&mut self.state, State::Gone) {
            State::Ended(ports) => {
                let running = self
                    .spec
                    .start_on(ports)
                    .await
                    .map_err(|failure| failure.to_string())?;
                self.state = State::Running(running);
                Ok(())
            }
            other => {
                self.state = other;
                Err("Temporal was not ended".to_owned())
            }
        }
    }

    /// Kills it and waits for its end.
    pub(super) async fn stop(mut self) {
        if let State::Running(running) = &mut self.state {
            let process = running.process();
            process.kill_group();
            process.ended().await;
        }
    }
}
