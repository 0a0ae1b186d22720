//! What a run's folder says about whose it is, for whoever finds it after a crash.

use std::io;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::scope::{Owner, Scope};
use crate::sys::StartTime;

/// The processes that a run's folder belongs to. Start times tell them from later processes with the same numbers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ownership {
    supervisor_pid: u32,
    supervisor_started: u64,
    /// See [`Scope::mark`].
    pub(super) mark: Option<String>,
}

impl Ownership {
    /// This process supervises the run.
    pub(super) fn ours(scope: &Scope) -> Self {
        let own = Scope::of_own_process().owner;
        Self {
            supervisor_pid: own.pid,
            supervisor_started: own.started.to_number(),
            mark: scope.mark.clone(),
        }
    }

    /// Reads what a run's folder says.
    pub(super) fn read(path: &Utf8Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// Writes it, whole or not at all.
    pub(super) fn write(&self, path: &Utf8Path) -> io::Result<()> {
        let next = path.with_extension("new");
        std::fs::write(&next, serde_json::to_vec(self)?)?;
        std::fs::rename(next, path)
    }

    /// Whether the supervisor still runs.
    pub(super) fn is_alive(&self) -> bool {
        let supervisor = Owner {
            pid: self.supervisor_pid,
            started: StartTime::from_number(self.supervisor_started),
        };
        StartTime::of(supervisor.pid) == Some(supervisor.started)
    }
}
