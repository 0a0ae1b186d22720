//! All services of one stack: started side by side, watched together, disturbed on purpose, stopped at once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::select_all;
use rustix::process::Signal;
use tokio::sync::Mutex;
use tonic::transport::Channel;

use super::kind::ServiceKind;
use super::plan::StackPlan;
use super::reference::Reference;
use crate::service::{
    Cause, Learning, ProcessSpec, RunningForkServer, RunningProcess, ServiceFailure, Start,
    StigmerServerSpec, TaskQueues, WorkerSpec,
};
use crate::sys::ReservedPort;

/// A stack to start.
#[derive(Debug)]
pub struct ServicesSpec {
    pub plan: StackPlan,
    pub distribution: Reference,
    /// The server's port and the socket that listens on it; without them the stack has no server.
    pub server: Option<(ReservedPort, TcpListener)>,
    pub workflow_runner: bool,
    /// How the agent-runner is started; without it the stack has none.
    pub agent_runner: Option<AgentRunnerStart>,
    /// Temporal's frontend; runners need it.
    pub temporal: Option<Channel>,
}

/// How the agent-runner comes to be.
#[derive(Debug, Clone)]
pub enum AgentRunnerStart {
    Exec,
    Fork(Arc<Mutex<RunningForkServer>>),
    /// The plain way, so that later ones can be forked.
    Learn(Learning),
}

/// The services of a stack, all ready.
#[derive(Debug)]
#[must_use = "dropping it kills its processes"]
pub struct RunningServices {
    recipe: Recipe,
    processes: BTreeMap<ServiceKind, RunningProcess>,
    /// Services that were ended on purpose: nobody is told of their death.
    down: BTreeSet<ServiceKind>,
    timings: BTreeMap<String, f64>,
}

/// What starting a service takes, the first time and later.
#[derive(Debug)]
struct Recipe {
    plan: StackPlan,
    distribution: Reference,
    port: Option<ReservedPort>,
    agent_runner: Option<AgentRunnerStart>,
    temporal: Option<Channel>,
}

/// What the evidence says about one service.
#[derive(Debug, Clone)]
pub struct ServiceReport {
    pub spec: ProcessSpec,
    pub pid: u32,
    /// How it ended, when it has.
    pub ended: Option<String>,
}

impl ServicesSpec {
    /// Starts all services side by side and waits until each is ready.
    pub async fn start(self) -> Result<RunningServices, ServiceFailure> {
        let begun = Instant::now();
        let mut kinds = BTreeSet::new();
        kinds.extend(self.server.is_some().then_some(ServiceKind::StigmerServer));
        kinds.extend(self.workflow_runner.then_some(ServiceKind::WorkflowRunner));
        kinds.extend(
            self.agent_runner
                .is_some()
                .then_some(ServiceKind::AgentRunner),
        );
        let (port, listener) = self.server.unzip();
        let recipe = Recipe {
            plan: self.plan,
            distribution: self.distribution,
            port,
            agent_runner: self.agent_runner,
            temporal: self.temporal,
        };
        let mut listener = listener;
        let mut starting: Vec<_> = kinds
            .into_iter()
            .map(|kind| {
                let listener = listener.take_if(|_| kind == ServiceKind::StigmerServer);
                let recipe = &recipe;
                Box::pin(async move { (kind, recipe.start(kind, listener).await) })
            })
            .collect();
        let (mut processes, mut timings) = (BTreeMap::new(), BTreeMap::new());
        while !starting.is_empty() {
            // The first failure ends the start: what is dropped on the way out kills its process.
            let ((kind, result), _, rest) = select_all(starting).await;
            starting = rest;
            processes.insert(kind, result?);
            timings.insert(kind.to_string(), begun.elapsed().as_secs_f64() * 1e3);
        }
        drop(starting);
        Ok(RunningServices {
            recipe,
            processes,
            down: BTreeSet::new(),
            timings,
        })
    }
}

impl Recipe {
    async fn start(
        &self,
        kind: ServiceKind,
        listener: Option<TcpListener>,
    ) -> Result<RunningProcess, ServiceFailure> {
        let (plan, distribution) = (&self.plan, &self.distribution);
        match kind {
            ServiceKind::StigmerServer => {
                let process = distribution.stigmer_server(plan);
                let listener = match (listener, &self.port) {
                    (Some(listener), _) => Ok(listener),
                    (None, Some(port)) => port.listen_again(),
                    (None, None) => Err(std::io::ErrorKind::NotFound.into()),
                };
                let listener = listener.map_err(|error| {
                    process.failure(Cause::Preparation(format!("its socket: {error}")))
                })?;
                let spec = StigmerServerSpec {
                    process,
                    listener,
                    health: distribution.health(self.temporal.is_some()),
                    limit: plan.start_limit,
                };
                spec.start().await
            }
            ServiceKind::WorkflowRunner => {
                let process = distribution.workflow_runner(plan);
                self.worker(process, distribution.workflow_runner_queues(), Start::Exec)
                    .await
            }
            ServiceKind::AgentRunner => {
                let mut process = distribution.agent_runner(plan);
                let start = match &self.agent_runner {
                    Some(AgentRunnerStart::Fork(server)) => Start::Fork(server.clone()),
                    Some(AgentRunnerStart::Learn(learning)) => {
                        learning.wrap(&mut process, &plan.folder).map_err(|error| {
                            process.failure(Cause::Preparation(format!("learn.py: {error}")))
                        })?;
                        Start::Exec
                    }
                    Some(AgentRunnerStart::Exec) | None => Start::Exec,
                };
                self.worker(process, distribution.agent_runner_queues(), start)
                    .await
            }
        }
    }

    async fn worker(
        &self,
        process: ProcessSpec,
        queues: TaskQueues,
        start: Start,
    ) -> Result<RunningProcess, ServiceFailure> {
        let Some(temporal) = self.temporal.clone() else {
            return Err(process.failure(Cause::Preparation("it needs Temporal".to_owned())));
        };
        let spec = WorkerSpec {
            process,
            start,
            temporal,
            namespace: self.plan.namespace.clone(),
            queues,
            limit: self.plan.start_limit,
        };
        spec.start().await
    }
}

impl RunningServices {
    /// How long after the start of the stack each service was ready, in milliseconds.
    pub fn timings(&self) -> &BTreeMap<String, f64> {
        &self.timings
    }

    /// Waits until one of the services ends by itself.
    pub async fn a_service_died(&mut self) -> ServiceFailure {
        let down = &self.down;
        let watched: Vec<_> = self
            .processes
            .iter_mut()
            .filter(|(kind, _)| !down.contains(kind))
            .map(|(_, process)| {
                Box::pin(async move {
                    let status = process.ended().await;
                    process.failure(Cause::ended(status), None, None)
                })
            })
            .collect();
        if watched.is_empty() {
            return std::future::pending().await;
        }
        select_all(watched).await.0
    }

    /// Whether all services run that should.
    pub fn all_live(&mut self) -> bool {
        let down = &self.down;
        self.processes
            .iter_mut()
            .all(|(kind, process)| down.contains(kind) || process.try_ended().is_none())
    }

    /// Ends a service on purpose: at once, or by asking it. Answers how it ended.
    ///
    /// # Errors
    /// When the stack has no such service, or it runs no more.
    pub async fn end(&mut self, kind: ServiceKind, signal: Signal) -> Result<String, String> {
        let process = self.running(kind)?;
        // Before the signal: its death is nobody's surprise.
        if signal == Signal::KILL {
            process.kill_group();
        } else {
            process.signal(signal).map_err(|error| error.to_string())?;
        }
        let status = process.ended().await;
        self.down.insert(kind);
        Ok(match Cause::ended(status) {
            Cause::Ended(how) => how,
            _ => status.to_string(),
        })
    }

    /// Sends a signal to a service's process group that does not end it.
    pub fn signal(&mut self, kind: ServiceKind, signal: Signal) -> Result<(), String> {
        let process = self.running(kind)?;
        process
            .signal_group(signal)
            .map_err(|error| error.to_string())
    }

    /// Starts a service again that was ended on purpose, on the same port and data, and waits until it is ready.
    pub async fn start_again(&mut self, kind: ServiceKind) -> Result<(), String> {
        if !self.down.contains(&kind) {
            return Err(format!("{kind} was not ended"));
        }
        let process = self
            .recipe
            .start(kind, None)
            .await
            .map_err(|failure| failure.to_string())?;
        self.processes.insert(kind, process);
        self.down.remove(&kind);
        Ok(())
    }

    fn running(&mut self, kind: ServiceKind) -> Result<&mut RunningProcess, String> {
        if self.down.contains(&kind) {
            return Err(format!("{kind} was ended already"));
        }
        self.processes
            .get_mut(&kind)
            .ok_or_else(|| format!("the stack has no {kind}"))
    }

    /// Has the agent-runner write down what it has imported.
    pub async fn learn(&mut self, learning: &Learning) {
        if let Some(process) = self.processes.get(&ServiceKind::AgentRunner) {
            learning.ask(process).await;
        }
    }

    /// Numbers of the services' processes.
    pub fn pids(&self) -> Vec<u32> {
        self.processes.values().map(RunningProcess::pid).collect()
    }

    /// What the evidence says about the services.
    pub fn reports(&mut self) -> Vec<ServiceReport> {
        self.processes
            .values_mut()
            .map(|process| ServiceReport {
                ended: process.try_ended().map(|status| status.to_string()),
                pid: process.pid(),
                spec: process.spec().clone(),
            })
            .collect()
    }

    /// Kills all services at once and waits for them.
    pub async fn stop(mut self) {
        // All signals first: the processes go down side by side.
        for process in self.processes.values_mut() {
            process.kill_group();
        }
        for process in self.processes.values_mut() {
            process.ended().await;
        }
    }
}
