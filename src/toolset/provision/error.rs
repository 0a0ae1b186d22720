//! What can go wrong while provisioning, and what cures it.

use std::io;

use camino::Utf8PathBuf;

use crate::toolset::ToolsetError;

/// Why provisioning did not end well. What was provisioned before stays usable.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    #[error(transparent)]
    Toolset(#[from] ToolsetError),
    /// No Python that is new enough.
    #[error("no Python 3.11 or newer was found ({tried})")]
    NoPython {
        /// What was looked at, and why it was not taken.
        tried: String,
    },
    /// A Python that cannot make environments.
    #[error("{python} cannot make virtual environments: {reason}")]
    NoVenv { python: Utf8PathBuf, reason: String },
    /// A file or folder could not be written.
    #[error("cannot write {path}")]
    Write {
        path: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
    /// A source file could not be read.
    #[error("cannot read {path}")]
    Read {
        path: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
    /// `poetry.lock` has a form that this program does not know.
    #[error("{path} cannot be understood: {reason}")]
    Lock { path: Utf8PathBuf, reason: String },
    /// A program could not be started.
    #[error("cannot run {program}")]
    Run {
        program: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
    /// A program ended badly.
    #[error("{what}: {command} ended with {status}\n{tail}\n(all of it: {log})")]
    Failed {
        what: &'static str,
        command: String,
        status: String,
        /// Last lines of its output.
        tail: String,
        log: Utf8PathBuf,
    },
}

impl ProvisionError {
    /// What cures it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Toolset(error) => return error.hint(),
            Self::NoPython { .. } => {
                "install Python 3.11 or newer, or set STIGMER_E2E_PYTHON to its path"
            }
            Self::NoVenv { .. } => {
                "install the venv module (Debian and Ubuntu: the package python3-venv), or set STIGMER_E2E_PYTHON \
                 to a Python that has it"
            }
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => "make room on the disk and run this again",
                io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                    "set CARGO_TARGET_DIR to a folder that can be written"
                }
                _ => "look at the folder named above and run this again",
            },
            Self::Read { .. } | Self::Lock { .. } => {
                "the checkout looks incomplete: restore it with git"
            }
            Self::Run { .. } => "look at the program named above",
            Self::Failed { tail, .. } => hint_of(tail),
        };
        Some(hint.to_owned())
    }
}

/// What pip and go say, turned into what to do.
fn hint_of(output: &str) -> &'static str {
    let any = |needles: &[&str]| needles.iter().any(|needle| output.contains(needle));
    if any(&["DO NOT MATCH THE HASHES", "checksum mismatch"]) {
        "what the network gave is not what is pinned: check proxies and mirrors, and never install it by hand"
    } else if any(&["No space left on device"]) {
        "make room on the disk and run this again"
    } else if any(&["No matching distribution found", "Could not find a version"]) {
        "this platform or Python has no wheel of it, or the package index cannot be reached: see the log"
    } else if any(&[
        "Connection",
        "connection",
        "dial tcp",
        "Temporary failure",
        "Network is unreachable",
        "no such host",
        "i/o timeout",
    ]) {
        "provisioning needs the network the first time: check the connection and proxy, then run this again"
    } else {
        "see the log, then run this again"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_tell_a_wrong_hash_from_a_missing_network() {
        assert!(hint_of("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES from").contains("pinned"));
        assert!(hint_of("dial tcp: lookup x: no such host").contains("network"));
        assert!(hint_of("OSError: [Errno 28] No space left on device").contains("room"));
        assert!(hint_of("something else").contains("log"));
    }
}
