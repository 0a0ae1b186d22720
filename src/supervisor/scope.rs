//! What a run is: one `cargo nextest run`, one `cargo test` binary, or one command of ours.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::sys::{self, StartTime};

/// The process whose end is the end of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    pub pid: u32,
    pub started: StartTime,
}

/// A run: its id, its owner, and how its processes are marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Eight hexadecimal digits.
    pub run: String,
    pub owner: Owner,
    /// `NAME=value` in the environment of all that the run's tests start; nothing where there is no such entry.
    pub mark: Option<String>,
}

impl Scope {
    /// The run that this process belongs to.
    pub fn of_this_process(variables: &BTreeMap<String, String>) -> Self {
        let nextest = variables.get("NEXTEST_RUN_ID").and_then(|id| {
            // Debuggers and wrapper scripts stand between: the runner is an ancestor, not always the parent.
            let (pid, started) = sys::ancestor_named("cargo-nextest")?;
            Some(Self {
                run: short(id),
                owner: Owner { pid, started },
                mark: Some(format!("NEXTEST_RUN_ID={id}")),
            })
        });
        nextest.unwrap_or_else(Self::of_own_process)
    }

    /// A run that lasts as long as this process.
    pub fn of_own_process() -> Self {
        let pid = std::process::id();
        let started = StartTime::of(pid).expect("this process runs");
        Self {
            run: short(&format!("{pid} {}", started.to_number())),
            owner: Owner { pid, started },
            mark: None,
        }
    }
}

/// Eight hexadecimal digits that stand for a longer name: socket paths end at 104 bytes.
fn short(name: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(name.as_bytes())[..4]
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_runner_this_process_is_the_run() {
        let scope = Scope::of_this_process(&BTreeMap::new());
        assert_eq!(scope.owner.pid, std::process::id());
        assert_eq!(scope, Scope::of_own_process());
        assert_eq!(scope.run.len(), 8);
        assert_eq!(scope.mark, None);
    }

    #[test]
    fn a_runner_id_without_a_runner_above_is_not_believed() {
        // As under a debugger that was started by hand with a test's environment. The name is not that of any process
        // above this one, whatever runs it.
        let id = BTreeMap::from([("NEXTEST_RUN_ID".to_owned(), "stale".to_owned())]);
        let scope = Scope::of_this_process(&id);
        if sys::ancestor_named("cargo-nextest").is_none() {
            assert_eq!(scope, Scope::of_own_process());
        } else {
            assert_eq!(scope.run, short("stale"));
        }
    }
}
