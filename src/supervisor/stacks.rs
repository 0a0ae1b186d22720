//! Making the stacks of a run: folders, sockets, namespace, then the services.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use tokio::sync::Mutex;

use super::folder::{self, RunFolder, StateFolder};
use super::handover::Handover;
use super::protocol::{Needs, Ready};
use super::temporal::{SharedTemporal, TemporalHandle};
use crate::distribution::{Reference, RunningServices, ServicesSpec, StackPlan};
use crate::service::{Identity, ServiceFailure, register_namespace};
use crate::sys;
use crate::toolset::{Surroundings, Tool, Toolset, ToolsetError};

/// Why there is no stack.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum StackError {
    /// The programs of the run are missing or wrong.
    #[error("{0}")]
    Toolset(Arc<ToolsetError>),
    /// A service did not become ready.
    #[error(transparent)]
    Service(#[from] ServiceFailure),
    /// Something around the services could not be made.
    #[error("cannot make the stack: {what}")]
    Make { what: String, hint: Option<String> },
}

impl StackError {
    /// What a person reads.
    pub(super) fn screen(&self) -> String {
        let hint = match self {
            Self::Toolset(error) => error.hint(),
            Self::Make { hint, .. } => hint.clone(),
            // It prints its own.
            Self::Service(_) => None,
        };
        match hint {
            Some(hint) => format!("{self}\n  hint: {hint}"),
            None => self.to_string(),
        }
    }
}

/// Makes stacks.
#[derive(Debug)]
pub(super) struct Stacks {
    surroundings: Surroundings,
    run: String,
    folder: RunFolder,
    start_limit: Duration,
    temporal: SharedTemporal,
    handover: Handover,
    /// Programs by what was wanted; finding them asks each for its version, so once is enough.
    toolsets: Mutex<BTreeMap<Vec<Tool>, FoundToolset>>,
}

/// Programs that were found, or why not, for all who ask.
type FoundToolset = Result<Arc<Toolset>, Arc<ToolsetError>>;

/// A stack that is ready, or was until something died.
#[derive(Debug)]
pub(super) struct MadeStack {
    pub(super) plan: StackPlan,
    pub(super) running: RunningServices,
    pub(super) temporal: Option<Arc<TemporalHandle>>,
    pub(super) ready: Ready,
}

/// A stack that could not be made, and where its logs are, when there are any.
#[derive(Debug)]
pub(super) struct Unmade {
    pub(super) error: StackError,
    pub(super) plan: Option<StackPlan>,
}

impl<E: Into<StackError>> From<E> for Unmade {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            plan: None,
        }
    }
}

impl Stacks {
    pub(super) fn new(
        surroundings: Surroundings,
        state: &StateFolder,
        folder: RunFolder,
        run: String,
        handover: Handover,
        start_limit: Duration,
    ) -> Self {
        let temporal = SharedTemporal::new(
            folder.path().join("temporal"),
            state.ports(),
            run.clone(),
            start_limit,
        );
        Self {
            surroundings,
            run,
            folder,
            start_limit,
            temporal,
            handover,
            toolsets: Mutex::default(),
        }
    }

    /// Makes a stack that has what is needed.
    pub(super) async fn make(&self, needs: &Needs) -> Result<MadeStack, Unmade> {
        let mut clock = Clock::start();
        let toolset = self.toolset(needs).await?;
        clock.took("programs found");
        let temporal = if needs_temporal(needs) {
            Some(
                self.temporal
                    .get(toolset.path(Tool::Temporal).to_owned())
                    .await?,
            )
        } else {
            None
        };
        clock.took("Temporal");
        let server = needs
            .server
            .then(sys::listen_on_loopback)
            .transpose()
            .map_err(socket_error)?;
        let model = needs
            .agent_runner
            .then(sys::listen_on_loopback)
            .transpose()
            .map_err(socket_error)?;
        let plan = self.plan(needs, temporal.as_deref(), server.as_ref(), model.as_ref());
        let unmade = |error| Unmade {
            error,
            plan: Some(plan.clone()),
        };
        make_folders(&plan).map_err(unmade)?;
        if let Some(handle) = &temporal {
            register_namespace(handle.channel.clone(), &plan.namespace)
                .await
                .map_err(|reason| {
                    unmade(StackError::Make {
                        what: format!("the Temporal namespace {}: {reason}", plan.namespace),
                        hint: None,
                    })
                })?;
        }
        clock.took("namespace");
        let spec = ServicesSpec {
            plan: plan.clone(),
            server,
            workflow_runner: needs.workflow_runner,
            agent_runner: needs.agent_runner,
            temporal: temporal.as_ref().map(|handle| handle.channel.clone()),
        };
        let running = spec
            .start(&Reference::new(&toolset))
            .await
            .map_err(|failure| unmade(failure.into()))?;
        clock.add(running.timings());
        let ready = ready(needs, &plan, &toolset, clock);
        if let Some(listener) = model {
            self.handover.keep(&ready.stack, listener);
        }
        Ok(MadeStack {
            plan,
            running,
            temporal,
            ready,
        })
    }

    fn plan(
        &self,
        needs: &Needs,
        temporal: Option<&TemporalHandle>,
        server: Option<&TcpListener>,
        model: Option<&TcpListener>,
    ) -> StackPlan {
        let id = new_id();
        let folder = self.folder.stacks().join(&id);
        let address = |listener: Option<&TcpListener>| listener?.local_addr().ok();
        StackPlan {
            logs: folder.join("logs"),
            folder,
            namespace: temporal.map(|_| format!("stack-{id}")).unwrap_or_default(),
            temporal: temporal.map_or(StackPlan::NOWHERE, |handle| handle.address),
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

    /// Forgets what waits for a stack's test.
    pub(super) fn forget(&self, id: &str) {
        self.handover.forget(id);
    }

    /// Stops what all stacks share.
    pub(super) async fn stop(&self) {
        self.temporal.stop().await;
    }

    async fn toolset(&self, needs: &Needs) -> Result<Arc<Toolset>, StackError> {
        let wanted = wanted(needs);
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

fn wanted(needs: &Needs) -> Vec<Tool> {
    let mut tools = Vec::new();
    if needs.server {
        tools.extend([Tool::StigmerServer, Tool::StigmerStore]);
    }
    if needs.workflow_runner {
        tools.push(Tool::WorkflowRunner);
    }
    if needs.agent_runner {
        tools.extend([Tool::AgentRunner, Tool::AgentRunnerPython]);
    }
    if needs_temporal(needs) {
        tools.push(Tool::Temporal);
    }
    tools
}

fn needs_temporal(needs: &Needs) -> bool {
    needs.workflow_runner || needs.agent_runner
}

fn ready(needs: &Needs, plan: &StackPlan, toolset: &Toolset, clock: Clock) -> Ready {
    let given = |wanted: bool, text: String| if wanted { text } else { String::new() };
    let temporal = needs_temporal(needs);
    Ready {
        stack: plan.identity.stack.clone().unwrap_or_default(),
        namespace: plan.namespace.clone(),
        server: given(needs.server, plan.server.to_string()),
        temporal: given(temporal, plan.temporal.to_string()),
        model: plan
            .model
            .map(|model| model.to_string())
            .unwrap_or_default(),
        folder: plan.folder.to_string(),
        logs: plan.logs.to_string(),
        database: plan.database().into_string(),
        store_program: program(needs.server, toolset, Tool::StigmerStore),
        temporal_program: program(temporal, toolset, Tool::Temporal),
        timings: clock.steps.into_iter().collect(),
    }
}

fn program(wanted: bool, toolset: &Toolset, tool: Tool) -> String {
    if wanted {
        toolset.path(tool).to_string()
    } else {
        String::new()
    }
}

fn make_folders(plan: &StackPlan) -> Result<(), StackError> {
    folder::make_private(&plan.folder).map_err(|error| StackError::Make {
        hint: Some(error.hint()),
        what: error.to_string(),
    })?;
    let folders: Vec<Utf8PathBuf> = plan.folders();
    for path in folders.iter().chain([&plan.logs]) {
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

/// How long the steps of a start took, in milliseconds from its beginning.
#[derive(Debug)]
struct Clock {
    begun: Instant,
    steps: BTreeMap<String, f64>,
}

impl Clock {
    fn start() -> Self {
        Self {
            begun: Instant::now(),
            steps: BTreeMap::new(),
        }
    }

    fn took(&mut self, step: &str) {
        self.steps.insert(step.to_owned(), self.elapsed());
    }

    /// Adds steps that began when the last one here ended.
    fn add(&mut self, later: &BTreeMap<String, f64>) {
        let before = self.steps.values().copied().fold(0.0, f64::max);
        for (step, milliseconds) in later {
            self.steps.insert(step.clone(), before + milliseconds);
        }
    }

    fn elapsed(&self) -> f64 {
        self.begun.elapsed().as_secs_f64() * 1e3
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
