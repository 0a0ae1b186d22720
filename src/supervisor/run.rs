//! The supervisor's life: from its start to the end of its run.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use camino::Utf8PathBuf;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_stream::wrappers::UnixListenerStream;

use super::disturb::Desks;
use super::folder::{RunFolder, StateFolder};
use super::handover::Handover;
use super::launch::Report;
use super::lease::{self, LeaseContext};
use super::ownership::Ownership;
use super::protocol::supervisor_server::SupervisorServer;
use super::reclaim;
use super::scope::Scope;
use super::serve::{self, Service};
use super::spares::Spares;
use super::stacks::{Settings, Stacks};
use crate::evidence::EvidenceFolder;
use crate::sys::{self, Belongings, Process};
use crate::toolset::{Surroundings, ToolsetError};

/// How long the leases get to write their evidence and stop their stacks when the run ends. Each does so within
/// milliseconds; what is not done by then is ended by the sweep that follows.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// A supervisor to be.
#[derive(Debug)]
pub struct SupervisorSpec {
    pub state: StateFolder,
    pub scope: Scope,
    pub surroundings: Surroundings,
    /// Where it says that it is ready, or why it cannot be.
    pub ready: RawFd,
}

/// Why a supervisor cannot be.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    #[error("cannot {what}")]
    Io {
        what: &'static str,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Settings(#[from] ToolsetError),
}

impl SupervisorError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Settings(error) => error.hint(),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("make room on the disk, or set TMPDIR to a folder that has some".to_owned())
            }
            Self::Io { .. } => None,
        }
    }
}

/// Supervises a run until its owner has ended.
///
/// To be called from the thread that lives longest: the kernel ends all services when it ends.
pub fn supervise(spec: &SupervisorSpec) -> Result<(), SupervisorError> {
    let io = |what| move |source| SupervisorError::Io { what, source };
    let mut ready = pipe(spec.ready);
    let result = prepare(spec);
    let report = match &result {
        Ok(_) => Report::Ready,
        Err(error) => Report::Failed {
            message: chain(error),
            hint: error.hint(),
        },
    };
    let text = serde_json::to_vec(&report).expect("a report is JSON");
    ready
        .write_all(&text)
        .map_err(io("report that it is ready"))?;
    drop(ready);
    let (runtime, prepared) = result?;
    runtime.block_on(serve_until_the_end(spec, prepared));
    // Blocking threads may still remove folders that are gone already.
    runtime.shutdown_background();
    Ok(())
}

#[allow(
    unsafe_code,
    reason = "a descriptor that was inherited is just a number"
)]
fn pipe(descriptor: RawFd) -> File {
    // SAFETY: the starter made the descriptor for this purpose and nothing else in this process has it.
    File::from(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

struct Prepared {
    owner: Process,
    listener: UnixListenerStream,
    context: Arc<LeaseContext>,
    stop: watch::Sender<bool>,
    folder: RunFolder,
}

fn prepare(spec: &SupervisorSpec) -> Result<(tokio::runtime::Runtime, Prepared), SupervisorError> {
    let io = |what| move |source| SupervisorError::Io { what, source };
    sys::adopt_orphans().map_err(io("adopt orphans"))?;
    let owner = Process::open_if_started(spec.scope.owner.pid, spec.scope.owner.started)
        .map_err(io("watch the owner of the run"))?;
    let folder = spec.state.run(&spec.scope.run);
    Ownership::ours(&spec.scope)
        .write(&folder.ownership())
        .map_err(io("write down whose the run is"))?;
    // One thread: the kernel ends the services with the thread that started them.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(io("start its runtime"))?;
    let handover = Handover::default();
    let _ = std::fs::remove_file(folder.handover());
    handover
        .serve(&folder.handover())
        .map_err(io("listen for handovers"))?;
    let listener = {
        let _inside = runtime.enter();
        serve::bind(&folder.socket()).map_err(io("listen on its socket"))?
    };
    let settings = Settings::read(&spec.surroundings)?;
    let (stop, stopping) = watch::channel(false);
    let run = spec.scope.run.clone();
    let stacks = Stacks::new(
        spec.surroundings.clone(),
        spec.state.clone(),
        folder.clone(),
        run.clone(),
        handover,
        settings,
    );
    let context = Arc::new(LeaseContext {
        spares: Arc::new(Spares::new(stacks, settings.spares, stopping.clone())),
        desks: Desks::default(),
        evidence: EvidenceFolder::new(evidence_base(&spec.surroundings), run.clone()),
        run,
        stopping,
        active: AtomicUsize::new(0),
    });
    let prepared = Prepared {
        owner,
        listener,
        context,
        stop,
        folder,
    };
    Ok((runtime, prepared))
}

/// `STIGMER_E2E_DIR`, else `target/e2e`; where that cannot be written, the temporary folder.
fn evidence_base(surroundings: &Surroundings) -> Utf8PathBuf {
    let wanted = surroundings
        .variable("STIGMER_E2E_DIR")
        .map_or_else(|| surroundings.e2e_folder(), Utf8PathBuf::from);
    match std::fs::create_dir_all(&wanted).and_then(|()| tempfile::tempfile_in(&wanted).map(|_| ()))
    {
        Ok(()) => wanted,
        Err(_) => {
            let temporary = surroundings.variable("TMPDIR").unwrap_or("/tmp");
            Utf8PathBuf::from(temporary).join("stigmer-e2e-evidence")
        }
    }
}

async fn serve_until_the_end(spec: &SupervisorSpec, prepared: Prepared) {
    let Prepared {
        owner,
        listener,
        context,
        stop,
        folder,
    } = prepared;
    let server = tonic::transport::Server::builder()
        .add_service(SupervisorServer::new(Service(context.clone())))
        .serve_with_incoming(listener);
    let state = spec.state.clone();
    tokio::task::spawn_blocking(move || reclaim::crashed_runs(&state));
    let ended = async {
        let mut terminated = signal(SignalKind::terminate()).expect("signals can be waited for");
        tokio::select! {
            _ = owner.ended() => {}
            _ = terminated.recv() => {}
        }
    };
    tokio::select! {
        _ = server => {}
        () = ended => {
            stop.send_replace(true);
            let _ = tokio::time::timeout(LAST_WORDS, no_lease_left(&context)).await;
        }
    }
    context.spares.stop().await;
    sweep(spec).await;
    let _ = std::fs::remove_dir_all(folder.path());
    spec.state.remove_lock(&spec.scope.run);
}

async fn no_lease_left(context: &LeaseContext) {
    /// A lease ends within milliseconds.
    const INTERVAL: Duration = Duration::from_millis(1);
    while context.active.load(Ordering::Relaxed) > 0 {
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Ends whatever of the run still lives: what tests started and lost, and tests that a killed runner left behind.
async fn sweep(spec: &SupervisorSpec) {
    let belongings = Belongings {
        marks: lease::run_marks(&spec.scope.run, spec.scope.mark.as_deref()),
        ..Belongings::default()
    };
    let _ = tokio::task::spawn_blocking(move || belongings.end()).await;
}
