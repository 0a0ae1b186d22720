//! A Temporal dev server: in memory, headless, tuned for suites.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use camino::Utf8PathBuf;
use tonic::transport::{Channel, Endpoint};

use super::failure::{Cause, ServiceFailure};
use super::identity::Identity;
use super::ports::PortBlock;
use super::process::{ProcessSpec, RunningProcess};
use super::readiness::until_ready;
use crate::sys::Inherit;
use crate::wire::temporal::workflow_service_client::WorkflowServiceClient;
use crate::wire::temporal::{GetSystemInfoRequest, RegisterNamespaceRequest};

/// The shortest that Temporal allows; stacks live for seconds.
const RETENTION_SECONDS: i64 = 24 * 60 * 60;

/// What is set differently for suites, and why.
const DYNAMIC_CONFIG: [&str; 10] = [
    // A namespace per stack: the default allows 20 registrations a second.
    "frontend.rps.namespaceReplicationInducingAPIs=100000",
    // Each namespace would start system workers: 300 MB and a third of a core at 600 namespaces.
    "worker.perNamespaceWorkerCount=0",
    // The default polls each queue 20 times a second, so that every hop of a workflow waits for a 50 ms tick.
    "history.transferProcessorMaxPollRPS=100000",
    "history.timerProcessorMaxPollRPS=100000",
    "history.visibilityProcessorMaxPollRPS=100000",
    "history.outboundProcessorMaxPollRPS=100000",
    // Four partitions each are for throughput that a test never has.
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    // The default makes each queue twice, so that tasks of an older server's would be found: a third of the writes of a start.
    "matching.enableMigration=false",
    // The default asks the network for newer versions.
    "frontend.enableServerVersionCheck=false",
];

/// A dev server to start.
#[derive(Debug)]
pub struct TemporalSpec {
    pub program: Utf8PathBuf,
    /// Private HOME: the server writes a cluster id there.
    pub home: Utf8PathBuf,
    pub log: Utf8PathBuf,
    pub identity: Identity,
    /// Folder of the locks on port blocks.
    pub port_locks: Utf8PathBuf,
    /// File that keeps its state across restarts; in memory without one.
    pub database: Option<Utf8PathBuf>,
    /// How long it may take to answer.
    pub limit: Duration,
}

/// A dev server that answers.
#[derive(Debug)]
#[must_use = "dropping it kills the server"]
pub struct RunningTemporal {
    process: RunningProcess,
    address: SocketAddr,
    channel: Channel,
    ports: PortBlock,
}

impl TemporalSpec {
    /// Starts the server and waits until it answers.
    pub async fn start(&self) -> Result<RunningTemporal, ServiceFailure> {
        match self.attempt().await {
            // Three of its ports are its own choice: another program may have taken one in between. Once is bad luck.
            Err(failure) if port_was_taken(&failure) => self.attempt().await,
            other => other,
        }
    }

    /// A failure before there was a process.
    pub fn failure(&self, cause: Cause) -> ServiceFailure {
        self.process(&[]).failure(cause)
    }

    async fn attempt(&self) -> Result<RunningTemporal, ServiceFailure> {
        let ports = PortBlock::take(&self.port_locks)
            .map_err(|error| self.failure(Cause::Preparation(error.to_string())))?;
        self.start_on(ports).await
    }

    /// Starts the server on ports that are held already.
    pub async fn start_on(&self, ports: PortBlock) -> Result<RunningTemporal, ServiceFailure> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.port(0)));
        let numbers: Vec<String> = (0..3).map(|index| ports.port(index).to_string()).collect();
        let spec = self.process(&[
            ("--port", &numbers[0]),
            ("--http-port", &numbers[1]),
            ("--metrics-port", &numbers[2]),
        ]);
        let mut process = RunningProcess::start(spec, &Inherit::nothing())?;
        let channel = Endpoint::from_shared(format!("http://{address}"))
            .expect("an address makes a URI")
            .connect_lazy();
        until_ready(&mut process, self.limit, || {
            let mut client = WorkflowServiceClient::new(channel.clone());
            async move {
                client
                    .get_system_info(GetSystemInfoRequest {})
                    .await
                    .map(|_| ())
                    .map_err(|status| format!("GetSystemInfo: {}", status.message()))
            }
        })
        .await?;
        Ok(RunningTemporal {
            process,
            address,
            channel,
            ports,
        })
    }

    fn process(&self, ports: &[(&str, &str)]) -> ProcessSpec {
        let mut arguments: Vec<String> = ["server", "start-dev", "--headless", "--ip", "127.0.0.1"]
            .map(str::to_owned)
            .into();
        for (name, value) in ports {
            arguments.extend([(*name).to_owned(), (*value).to_owned()]);
        }
        arguments.extend(["--log-level", "warn", "--log-format", "json"].map(str::to_owned));
        if let Some(database) = &self.database {
            arguments.extend(["--db-filename".to_owned(), database.to_string()]);
        }
        for entry in DYNAMIC_CONFIG {
            arguments.extend(["--dynamic-config-value".to_owned(), entry.to_owned()]);
        }
        let mut environment = BTreeMap::from([("HOME".to_owned(), self.home.to_string())]);
        self.identity.mark(&mut environment);
        ProcessSpec {
            service: "temporal".to_owned(),
            program: self.program.clone(),
            arguments,
            environment,
            directory: self.home.clone(),
            log: self.log.clone(),
        }
    }
}

fn port_was_taken(failure: &ServiceFailure) -> bool {
    matches!(failure.cause, Cause::Ended(_))
        && failure
            .log_tail
            .iter()
            .any(|line| line.contains("address already in use"))
}

impl RunningTemporal {
    /// Where its gRPC frontend listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A connection to its frontend.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Gives its ports back, for another server on the same address. It is killed, unless it has ended.
    pub fn into_ports(self) -> PortBlock {
        self.ports
    }

    /// The process.
    pub fn process(&mut self) -> &mut RunningProcess {
        &mut self.process
    }
}

/// Makes a namespace; workers can use it as soon as this returns.
///
/// # Errors
/// What Temporal answered.
pub async fn register_namespace(temporal: Channel, name: &str) -> Result<(), String> {
    let request = RegisterNamespaceRequest {
        namespace: name.to_owned(),
        workflow_execution_retention_period: Some(prost_types::Duration {
            seconds: RETENTION_SECONDS,
            nanos: 0,
        }),
    };
    WorkflowServiceClient::new(temporal)
        .register_namespace(request)
        .await
        .map(|_| ())
        .map_err(|status| status.message().to_owned())
}
