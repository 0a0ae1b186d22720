//! Making the stacks of a run: folders, sockets, namespace, then the services.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::clock::Clock;
use super::dedicated::DedicatedTemporal;
use super::folder::{self, RunFolder, StateFolder};
use super::forks::{self, Forks};
use super::handover::Handover;
use super::protocol::{Needs, Ready};
use super::shape::Shape;
use super::stack_error::{StackError, Unmade};
use super::stack_temporal::StackTemporal;
use super::temporal::SharedTemporal;
use crate::distribution::{AgentRunnerStart, Reference, RunningServices, ServicesSpec, StackPlan};
use crate::service::{Identity, Learning, ServiceFailure, TemporalSpec, register_namespace};
use crate::sys::{self, ReservedPort};
use crate::toolset::{Surroundings, Tool, Toolset, ToolsetError};

/// Makes stacks.
#[derive(Debug)]
pub(super) struct Stacks {
    surroundings: Surroundings,
    run: String,
    state: StateFolder,
    folder: RunFolder,
    start_limit: Duration,
    temporal: SharedTemporal,
    forks: Forks,
    handover: Handover,
    /// Programs by what was wanted; finding them takes a while, so once is enough.
    toolsets: Mutex<BTreeMap<Vec<Tool>, FoundToolset>>,
}

/// Programs that were found, or why not, for all who ask.
type FoundToolset = Result<Arc<Toolset>, Arc<ToolsetError>>;

/// What the environment says about all stacks of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) start_limit: Duration,
    /// Whether agent-runners are forked.
    pub(super) fork: bool,
    /// How many stacks of the default shape are kept ready.
    pub(super) spares: usize,
}

/// A stack that is ready, or was until something died.
#[derive(Debug)]
pub(super) struct MadeStack {
    pub(super) plan: StackPlan,
    pub(super) running: RunningServices,
    pub(super) temporal: StackTemporal,
    /// What is to be learned of its agent-runner before it ends.
    pub(super) learning: Option<Learning>,
    pub(super) ready: Ready,
}

impl Settings {
    pub(super) fn read(surroundings: &Surroundings) -> Result<Self, ToolsetError> {
        Ok(Self {
            start_limit: surroundings.start_timeout()?,
            fork: forks::wanted(surroundings)?,
            spares: surroundings.spares()?,
        })
    }
}

impl Stacks {
    pub(super) fn new(
        surroundings: Surroundings,
        state: StateFolder,
        folder: RunFolder,
        run: String,
        handover: Handover,
        settings: Settings,
    ) -> Self {
        let forks = Forks::new(folder.path().join("forks"), run.clone(), settings.fork);
        Self {
            surroundings,
            run,
            state,
            folder,
            start_limit: settings.start_limit,
            temporal: SharedTemporal::default(),
            forks,
            handover,
            toolsets: Mutex::default(),
        }
    }

    /// Makes a stack that has what is needed.
    pub(super) async fn make(&self, needs: &Needs) -> Result<MadeStack, Unmade> {
        let mut clock = Clock::start();
        let toolset = self.toolset(needs).await?;
        clock.took("programs found");
        let server = needs
            .server
            .then(ReservedPort::take)
            .transpose()
            .map_err(socket_error)?;
        let model = needs
            .agent_runner
            .then(sys::listen_on_loopback)
            .transpose()
            .map_err(socket_error)?;
        let mut plan = self.plan(
            needs,
            server.as_ref().map(|(_, listener)| listener),
            model.as_ref(),
        );
        make_folders(&plan)?;
        let made = self
            .make_in(&mut plan, needs, &toolset, server, &mut clock)
            .await;
        let (running, temporal, learning) = made.map_err(|error| Unmade {
            error,
            plan: Some(plan.clone()),
        })?;
        let ready = ready(needs, &plan, &toolset, &clock);
        if let Some(listener) = model {
            self.handover.keep(&ready.stack, listener);
        }
        Ok(MadeStack {
            plan,
            running,
            temporal,
            learning,
            ready,
        })
    }

    /// Everything that begins after the stack has a folder.
    async fn make_in(
        &self,
        plan: &mut StackPlan,
        needs: &Needs,
        toolset: &Arc<Toolset>,
        server: Option<(ReservedPort, TcpListener)>,
        clock: &mut Clock,
    ) -> Result<(RunningServices, StackTemporal, Option<Learning>), StackError> {
        let forked = async {
            match needs.agent_runner {
                true => Some(self.forks.start(toolset).await),
                false => None,
            }
        };
        let (temporal, agent_runner) = tokio::join!(self.temporal(needs, toolset, plan), forked);
        let temporal = temporal?;
        clock.took("Temporal");
        let endpoint = temporal.endpoint();
        if let Some((address, channel)) = &endpoint {
            plan.temporal = *address;
            plan.namespace = format!(
                "stack-{}",
                plan.identity.stack.as_deref().unwrap_or_default()
            );
            let registered = register_namespace(channel.clone(), &plan.namespace).await;
            registered.map_err(|reason| StackError::Make {
                what: format!("the Temporal namespace {}: {reason}", plan.namespace),
                hint: None,
            })?;
        }
        clock.took("namespace");
        let learning = match &agent_runner {
            Some(AgentRunnerStart::Learn(learning)) => Some(learning.clone()),
            _ => None,
        };
        let spec = ServicesSpec {
            plan: plan.clone(),
            distribution: Reference::new(toolset.clone()),
            server,
            workflow_runner: needs.workflow_runner,
            agent_runner,
            temporal: endpoint.map(|(_, channel)| channel),
        };
        let begun = Instant::now();
        let running = spec.start().await?;
        clock.add(begun, running.timings());
        Ok((running, temporal, learning))
    }

    async fn temporal(
        &self,
        needs: &Needs,
        toolset: &Toolset,
        plan: &StackPlan,
    ) -> Result<StackTemporal, ServiceFailure> {
        if !needs.temporal() {
            return Ok(StackTemporal::None);
        }
        let program = toolset.path(Tool::Temporal).to_owned();
        let identity = |stack| Identity {
            run: self.run.clone(),
            stack,
        };
        if needs.dedicated_temporal.is_empty() {
            let folder = self.folder.path().join("temporal");
            let spec = TemporalSpec {
                program,
                home: folder.join("home"),
                log: folder.join("temporal.log"),
                identity: identity(None),
                port_locks: self.state.ports(),
                database: None,
                limit: self.start_limit,
            };
            return self.temporal.get(spec).await.map(StackTemporal::Shared);
        }
        let spec = TemporalSpec {
            program,
            home: plan.folder.join("temporal-home"),
            log: plan.logs.join("temporal.log"),
            identity: identity(plan.identity.stack.clone()),
            port_locks: self.state.ports(),
            // It is going to be ended and started again, and is to know then what it knew.
            database: Some(plan.folder.join("temporal.db")),
            limit: self.start_limit,
        };
        let own = DedicatedTemporal::start(spec).await?;
        Ok(StackTemporal::Own(Box::new(own)))
    }

    fn plan(
        &self,
        needs: &Needs,
        server: Option<&TcpListener>,
        model: Option<&TcpListener>,
    ) -> StackPlan {
        let id = new_id();
        let folder = self.folder.stacks().join(&id);
        let address = |listener: Option<&TcpListener>| listener?.local_addr().ok();
        StackPlan {
            logs: folder.join("logs"),
            folder,
            namespace: String::new(),
            temporal: StackPlan::NOWHERE,
            server: address(server).unwrap_or(StackPlan::NOWHERE),
            model: address(model),
            path: self
                .surroundings
                .variable("PATH")
                .unwrap_or_default()
                .to_owned(),
            environment: needs.environment.clone().into_iter().collect(),
            start_limit: self.start_limit,
            identity: Identity {
                run: self.run.clone(),
                stack: Some(id),
            },
        }
    }

    /// Log of what the stacks of the run share, for the evidence of any of them.
    pub(super) fn shared_log(&self) -> camino::Utf8PathBuf {
        self.folder.path().join("temporal/temporal.log")
    }

    /// Forgets what waits for a stack's test.
    pub(super) fn forget(&self, id: &str) {
        self.handover.forget(id);
    }

    /// Stops what all stacks share.
    pub(super) async fn stop(&self) {
        self.forks.stop().await;
        self.temporal.stop().await;
    }

    async fn toolset(&self, needs: &Needs) -> Result<Arc<Toolset>, StackError> {
        let wanted = needs.tools();
        let mut toolsets = self.toolsets.lock().await;
        if let Some(known) = toolsets.get(&wanted) {
            return known.clone().map_err(StackError::Toolset);
        }
        let surroundings = self.surroundings.clone();
        let names = wanted.clone();
        let found = tokio::task::spawn_blocking(move || Toolset::resolve(&surroundings, &names))
            .await
            .expect("looking for programs does not panic")
            .map(Arc::new)
            .map_err(Arc::new);
        toolsets.insert(wanted, found.clone());
        found.map_err(StackError::Toolset)
    }
}

fn ready(needs: &Needs, plan: &StackPlan, toolset: &Toolset, clock: &Clock) -> Ready {
    let given = |wanted: bool, text: String| if wanted { text } else { String::new() };
    let program = |wanted: bool, tool| match wanted {
        true => toolset.path(tool).to_string(),
        false => String::new(),
    };
    Ready {
        stack: plan.identity.stack.clone().unwrap_or_default(),
        namespace: plan.namespace.clone(),
        server: given(needs.server, plan.server.to_string()),
        temporal: given(needs.temporal(), plan.temporal.to_string()),
        model: plan
            .model
            .map(|model| model.to_string())
            .unwrap_or_default(),
        folder: plan.folder.to_string(),
        logs: plan.logs.to_string(),
        database: plan.database().into_string(),
        store_program: program(needs.server, Tool::StigmerStore),
        temporal_program: program(needs.temporal(), Tool::Temporal),
        timings: clock.steps().clone().into_iter().collect(),
    }
}

fn make_folders(plan: &StackPlan) -> Result<(), StackError> {
    folder::make_private(&plan.folder).map_err(|error| StackError::Make {
        hint: Some(error.hint()),
        what: error.to_string(),
    })?;
    for path in plan.folders().iter().chain([&plan.logs]) {
        std::fs::create_dir(path).map_err(|error| StackError::Make {
            what: format!("{path}: {error}"),
            hint: Some(
                "make room on the disk, or set TMPDIR to a folder that can be written".to_owned(),
            ),
        })?;
    }
    Ok(())
}

fn socket_error(error: std::io::Error) -> StackError {
    StackError::Make {
        what: format!("a socket on 127.0.0.1: {error}"),
        hint: None,
    }
}

/// Eight random hexadecimal digits.
fn new_id() -> String {
    use std::hash::{BuildHasher, Hasher};
    // The standard library seeds it from the system's randomness; ids have to differ, not to be secret.
    let random = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    format!("{:08x}", random & 0xffff_ffff)
}
