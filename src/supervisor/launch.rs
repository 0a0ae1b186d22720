//! Starting the run's supervisor, once, by whoever needs it first.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::folder::{FolderError, RunFolder, StateFolder};
use super::scope::Scope;
use crate::sys::{self, Inherit, Life};
use crate::toolset::{Surroundings, ToolsetError};

/// Why there is no supervisor.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Toolset(#[from] ToolsetError),
    /// The program is not there.
    #[error("the supervisor program stigmer-e2e was not found")]
    Missing,
    /// The program could not be run.
    #[error("cannot run the supervisor {program}")]
    Run {
        program: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
    /// It said why it cannot work, now or to an earlier process of the run.
    #[error("the supervisor could not start: {message}")]
    Refused {
        message: String,
        hint: Option<String>,
    },
    /// It ended without a word.
    #[error("the supervisor ended while it started; its log: {log}\n{tail}")]
    Ended { log: Utf8PathBuf, tail: String },
}

impl LaunchError {
    /// What cures it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Folder(error) => Some(error.hint()),
            Self::Toolset(error) => error.hint(),
            Self::Missing => Some(
                "run `cargo build --bins`, or set STIGMER_E2E_SUPERVISOR to the path of stigmer-e2e".to_owned(),
            ),
            Self::Run { .. } => Some("see `cargo e2e doctor`".to_owned()),
            Self::Refused { hint, .. } => hint.clone(),
            Self::Ended { .. } => None,
        }
    }
}

/// What a supervisor writes to the pipe when it is ready or cannot be.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Report {
    Ready,
    Failed {
        message: String,
        hint: Option<String>,
    },
}

/// Finds the run's supervisor or starts it. Blocks while another process starts it.
pub(super) fn ensure(
    surroundings: &Surroundings,
    state: &StateFolder,
    scope: &Scope,
) -> Result<RunFolder, LaunchError> {
    let folder = state.run(&scope.run);
    if answers(&folder) {
        return Ok(folder);
    }
    let _lock = state.lock(&scope.run)?;
    if answers(&folder) {
        return Ok(folder);
    }
    if let Some(failure) = remembered(&folder) {
        return Err(failure);
    }
    folder.make()?;
    let result = start(surroundings, state, &folder, scope);
    if let Err(LaunchError::Refused { message, hint }) = &result {
        // Remembered for the processes that wait for the lock, or come later: they fail at once, with this cause.
        let report = Report::Failed {
            message: message.clone(),
            hint: hint.clone(),
        };
        let _ = serde_json::to_vec(&report).map(|text| std::fs::write(folder.failure(), text));
    }
    result.map(|()| folder)
}

fn answers(folder: &RunFolder) -> bool {
    UnixStream::connect(folder.socket()).is_ok()
}

fn remembered(folder: &RunFolder) -> Option<LaunchError> {
    let text = std::fs::read(folder.failure()).ok()?;
    match serde_json::from_slice(&text).ok()? {
        Report::Failed { message, hint } => Some(LaunchError::Refused { message, hint }),
        Report::Ready => None,
    }
}

fn start(
    surroundings: &Surroundings,
    state: &StateFolder,
    folder: &RunFolder,
    scope: &Scope,
) -> Result<(), LaunchError> {
    let program = match surroundings.variable("STIGMER_E2E_SUPERVISOR") {
        Some(path) => path.into(),
        None => surroundings
            .built("stigmer-e2e")
            .ok_or(LaunchError::Missing)?,
    };
    let run_error = |source| LaunchError::Run {
        program: program.clone(),
        source,
    };
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(folder.log())
        .map_err(run_error)?;
    let (mut reader, writer) = io::pipe().map_err(run_error)?;
    let mut inherit = Inherit::nothing();
    let ready = inherit.add(&writer);
    let mut command = Command::new(&program);
    command
        .arg("supervisor")
        .args(["--state", state.path().as_str(), "--run", &scope.run])
        .args(["--owner-pid", &scope.owner.pid.to_string()])
        .args([
            "--owner-started",
            &scope.owner.started.to_number().to_string(),
        ])
        .args(["--ready-descriptor", &ready.to_string()])
        .args(scope.mark.iter().flat_map(|mark| ["--mark", mark]))
        .env_clear()
        .envs(surroundings.variables())
        .current_dir(surroundings.workspace())
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(run_error)?)
        .stderr(log);
    let child = sys::spawn(&mut command, Life::Own, &inherit).map_err(run_error)?;
    drop(writer);
    // It reports and lives on, or ends: both close the pipe, so this needs no deadline.
    let mut report = String::new();
    let _ = reader.read_to_string(&mut report);
    drop(child);
    match serde_json::from_str(&report) {
        Ok(Report::Ready) => Ok(()),
        Ok(Report::Failed { message, hint }) => Err(LaunchError::Refused { message, hint }),
        Err(_) => Err(LaunchError::Ended {
            log: folder.log(),
            tail: tail(&folder.log()),
        }),
    }
}

fn tail(log: &Utf8Path) -> String {
    /// What fits on a screen.
    const LINES: usize = 20;
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
