//! All services of one stack: started side by side, watched together, stopped at once.

use std::collections::BTreeMap;
use std::future::pending;
use std::net::TcpListener;
use std::time::Instant;

use tonic::transport::Channel;

use super::plan::StackPlan;
use super::reference::Reference;
use crate::service::{
    Cause, ProcessSpec, RunningProcess, RunningStigmerServer, RunningWorker, ServiceFailure,
    StigmerServerSpec, WorkerSpec,
};

/// A stack to start.
#[derive(Debug)]
pub struct ServicesSpec {
    pub plan: StackPlan,
    /// The server's socket; without it the stack has no server.
    pub server: Option<TcpListener>,
    pub workflow_runner: bool,
    pub agent_runner: bool,
    /// Temporal's frontend; runners need it.
    pub temporal: Option<Channel>,
}

/// The services of a stack, all ready.
#[derive(Debug)]
#[must_use = "dropping it kills its processes"]
pub struct RunningServices {
    server: Option<RunningStigmerServer>,
    workflow_runner: Option<RunningWorker>,
    agent_runner: Option<RunningWorker>,
    timings: BTreeMap<String, f64>,
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
    pub async fn start(
        self,
        distribution: &Reference<'_>,
    ) -> Result<RunningServices, ServiceFailure> {
        let begun = Instant::now();
        let plan = &self.plan;
        let with_runners = self.workflow_runner || self.agent_runner;
        let server = async {
            let Some(listener) = self.server else {
                return Ok(None);
            };
            let spec = StigmerServerSpec {
                process: distribution.stigmer_server(plan),
                listener,
                health: distribution.health(with_runners),
                limit: plan.start_limit,
            };
            spec.start().await.map(Some)
        };
        let workflow_runner = worker(
            self.workflow_runner,
            || {
                (
                    distribution.workflow_runner(plan),
                    distribution.workflow_runner_queues(),
                )
            },
            plan,
            self.temporal.as_ref(),
        );
        let agent_runner = worker(
            self.agent_runner,
            || {
                (
                    distribution.agent_runner(plan),
                    distribution.agent_runner_queues(),
                )
            },
            plan,
            self.temporal.as_ref(),
        );
        let mut timings = BTreeMap::new();
        let mut took = |name: &str| {
            timings.insert(name.to_owned(), begun.elapsed().as_secs_f64() * 1e3);
        };
        let (mut a, mut b, mut c) = (None, None, None);
        {
            tokio::pin!(server, workflow_runner, agent_runner);
            // The first failure ends the start: what is dropped on the way out kills its process.
            while a.is_none() || b.is_none() || c.is_none() {
                tokio::select! {
                    result = &mut server, if a.is_none() => {
                        a = Some(result?);
                        took("stigmer-server");
                    }
                    result = &mut workflow_runner, if b.is_none() => {
                        b = Some(result?);
                        took("workflow-runner");
                    }
                    result = &mut agent_runner, if c.is_none() => {
                        c = Some(result?);
                        took("agent-runner");
                    }
                }
            }
        }
        Ok(RunningServices {
            server: a.flatten(),
            workflow_runner: b.flatten(),
            agent_runner: c.flatten(),
            timings,
        })
    }
}

async fn worker(
    wanted: bool,
    make: impl FnOnce() -> (ProcessSpec, crate::service::TaskQueues),
    plan: &StackPlan,
    temporal: Option<&Channel>,
) -> Result<Option<RunningWorker>, ServiceFailure> {
    let Some(temporal) = temporal.filter(|_| wanted) else {
        return Ok(None);
    };
    let (process, queues) = make();
    let spec = WorkerSpec {
        process,
        temporal: temporal.clone(),
        namespace: plan.namespace.clone(),
        queues,
        limit: plan.start_limit,
    };
    spec.start().await.map(Some)
}

impl RunningServices {
    /// How long after the start of the stack each service was ready, in milliseconds.
    pub fn timings(&self) -> &BTreeMap<String, f64> {
        &self.timings
    }

    /// Waits until one of the services ends by itself.
    pub async fn a_service_died(&mut self) -> ServiceFailure {
        let server = died(self.server.as_mut().map(RunningStigmerServer::process));
        let workflow_runner = died(self.workflow_runner.as_mut().map(RunningWorker::process));
        let agent_runner = died(self.agent_runner.as_mut().map(RunningWorker::process));
        tokio::select! {
            failure = server => failure,
            failure = workflow_runner => failure,
            failure = agent_runner => failure,
        }
    }

    /// Numbers of the services' processes.
    pub fn pids(&mut self) -> Vec<u32> {
        self.processes().map(|process| process.pid()).collect()
    }

    /// What the evidence says about the services.
    pub fn reports(&mut self) -> Vec<ServiceReport> {
        self.processes()
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
        for process in self.processes() {
            process.kill_group();
        }
        for process in self.processes() {
            process.ended().await;
        }
    }

    fn processes(&mut self) -> impl Iterator<Item = &mut RunningProcess> {
        let server = self.server.as_mut().map(RunningStigmerServer::process);
        let workflow_runner = self.workflow_runner.as_mut().map(RunningWorker::process);
        let agent_runner = self.agent_runner.as_mut().map(RunningWorker::process);
        [server, workflow_runner, agent_runner]
            .into_iter()
            .flatten()
    }
}

async fn died(process: Option<&mut RunningProcess>) -> ServiceFailure {
    match process {
        Some(process) => {
            let status = process.ended().await;
            process.failure(Cause::ended(status), None, None)
        }
        None => pending().await,
    }
}
