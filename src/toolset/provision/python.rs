//! The Python that environments are made with.

use camino::{Utf8Path, Utf8PathBuf};

use serde::{Deserialize, Serialize};

use super::ProvisionError;
use crate::toolset::{Surroundings, probe};

/// A Python that is new enough.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Python {
    pub(super) path: Utf8PathBuf,
    /// `3.11`: environments of another one cannot be used.
    pub(super) version: String,
}

/// The oldest that the agent-runner supports.
const OLDEST: (u32, u32) = (3, 11);

/// Names under which a new enough Python may be found; the plain one first, since it is what people mean.
const NAMES: [&str; 5] = [
    "python3",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
];

/// Finds one: `STIGMER_E2E_PYTHON`, else the first on `PATH` that is new enough.
pub(super) fn find(surroundings: &Surroundings) -> Result<Python, ProvisionError> {
    let mut tried = Vec::new();
    let candidates: Vec<Utf8PathBuf> = match surroundings.variable("STIGMER_E2E_PYTHON") {
        Some(path) => vec![path.into()],
        None => NAMES
            .iter()
            .filter_map(|name| probe::on_path(surroundings, name))
            .collect(),
    };
    for path in candidates {
        // `Python 3.11.7`
        match probe::first_line(&path, &["--version"]) {
            Ok(line) => match line.strip_prefix("Python ").and_then(probe::two_numbers) {
                Some(version) if version >= OLDEST => {
                    return Ok(Python {
                        path,
                        version: format!("{}.{}", version.0, version.1),
                    });
                }
                _ => tried.push(format!("{path} is {line}")),
            },
            Err(reason) => tried.push(format!("{path} {reason}")),
        }
    }
    if tried.is_empty() {
        tried.push("none is on PATH".to_owned());
    }
    Err(ProvisionError::NoPython {
        tried: tried.join("; "),
    })
}

/// The Python of the last provisioning: it says which environments are meant.
pub(super) fn read_record(toolset: &Utf8Path) -> Option<Python> {
    serde_json::from_slice(&std::fs::read(record(toolset)).ok()?).ok()
}

fn record(toolset: &Utf8Path) -> Utf8PathBuf {
    toolset.join("python.json")
}

impl Python {
    /// Writes down that environments were made with it.
    pub(super) fn write_record(&self, toolset: &Utf8Path) -> Result<(), ProvisionError> {
        let path = record(toolset);
        let next = toolset.join("python.json.new");
        let text = serde_json::to_vec(self).expect("a path and a version are JSON");
        std::fs::write(&next, text)
            .and_then(|()| std::fs::rename(&next, &path))
            .map_err(|source| ProvisionError::Write { path, source })
    }

    /// Checks that it can make environments with pip in them.
    pub(super) fn can_make_environments(&self) -> Result<(), ProvisionError> {
        probe::first_line(&self.path, &["-c", "import venv, ensurepip; print('yes')"])
            .map(|_| ())
            .map_err(|reason| ProvisionError::NoVenv {
                python: self.path.clone(),
                reason,
            })
    }
}
