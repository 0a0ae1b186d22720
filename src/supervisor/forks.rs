//! The fork server that the stacks of a run share, and what it has to import.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::distribution::AgentRunnerStart;
use crate::service::{ForkServerSpec, Identity, Learning, RunningForkServer};
use crate::toolset::{AgentRunnerCommand, Surroundings, Toolset, ToolsetError};

/// A fork server that died twice would die again: then workers are started the plain way.
const STARTS: usize = 2;

/// Starts the fork server when it is first needed, and another one when it has died.
#[derive(Debug)]
pub(super) struct Forks {
    folder: Utf8PathBuf,
    run: String,
    wanted: bool,
    slot: Mutex<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    server: Option<Arc<Mutex<RunningForkServer>>>,
    starts: usize,
}

/// Whether workers are forked: `STIGMER_E2E_AGENT_RUNNER_START` is `fork` or `exec`. On macOS, where a fork after imports
/// of system libraries is not safe, only `exec` is promised.
pub(super) fn wanted(surroundings: &Surroundings) -> Result<bool, ToolsetError> {
    match surroundings.variable("STIGMER_E2E_AGENT_RUNNER_START") {
        None => Ok(cfg!(target_os = "linux")),
        Some("fork") => Ok(true),
        Some("exec") => Ok(false),
        Some(other) => Err(ToolsetError::AgentRunnerStart {
            value: other.to_owned(),
        }),
    }
}

impl Forks {
    pub(super) fn new(folder: Utf8PathBuf, run: String, wanted: bool) -> Self {
        Self {
            folder,
            run,
            wanted,
            slot: Mutex::default(),
        }
    }

    /// How the next agent-runner is started.
    pub(super) async fn start(&self, toolset: &Toolset) -> AgentRunnerStart {
        if !self.wanted {
            return AgentRunnerStart::Exec;
        }
        let command = toolset.agent_runner();
        let names = toolset.cache().join("preload").join(key(&command));
        let mut slot = self.slot.lock().await;
        if let Some(server) = &slot.server
            && server.lock().await.is_usable()
        {
            return AgentRunnerStart::Fork(server.clone());
        }
        if slot.starts == STARTS {
            return AgentRunnerStart::Exec;
        }
        if !names.is_file() && !ask(&command, &names).await {
            return AgentRunnerStart::Learn(Learning { names });
        }
        slot.starts += 1;
        match self
            .spec(command, names)
            .and_then(|spec| spec.start().map_err(std::io::Error::other))
        {
            Ok(server) => {
                let server = Arc::new(Mutex::new(server));
                slot.server = Some(server.clone());
                AgentRunnerStart::Fork(server)
            }
            Err(error) => {
                tracing::warn!(%error, "no fork server");
                AgentRunnerStart::Exec
            }
        }
    }

    /// Ends the fork server.
    pub(super) async fn stop(&self) {
        self.slot.lock().await.server.take();
    }

    fn spec(
        &self,
        command: AgentRunnerCommand,
        names: Utf8PathBuf,
    ) -> std::io::Result<ForkServerSpec> {
        std::fs::create_dir_all(self.folder.join("home"))?;
        let mut environment = base_environment(&command);
        environment.insert("HOME".to_owned(), self.folder.join("home").into_string());
        let identity = Identity {
            run: self.run.clone(),
            stack: None,
        };
        identity.mark(&mut environment);
        Ok(ForkServerSpec {
            python: command.python,
            program: command.arguments,
            names,
            environment,
            folder: self.folder.clone(),
        })
    }
}

fn base_environment(command: &AgentRunnerCommand) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::from(
        [
            ("LANG", "C.UTF-8"),
            ("TZ", "UTC"),
            ("PYTHONUNBUFFERED", "1"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    if let Some(path) = &command.python_path {
        environment.insert("PYTHONPATH".to_owned(), path.to_string());
    }
    environment
}

/// Names the list of one program with one Python.
fn key(command: &AgentRunnerCommand) -> String {
    /// Of the files with names.
    const FORMAT: &str = "2";
    let mut hasher = Sha256::new();
    let main = command
        .arguments
        .last()
        .map(String::as_str)
        .unwrap_or_default();
    let content = std::fs::read(main).unwrap_or_default();
    for part in [
        FORMAT,
        command.python.as_str(),
        &command.arguments.join(" "),
        &command.version,
    ] {
        hasher.update(part);
        hasher.update([0]);
    }
    hasher.update(content);
    let digest = hasher.finalize();
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Asks the program itself what it may use (`--preload`): ours knows.
async fn ask(command: &AgentRunnerCommand, names: &Utf8Path) -> bool {
    // Only a module can be asked: a foreign main.py would start to work.
    if command.arguments.first().is_none_or(|first| first != "-m") {
        return false;
    }
    let output = tokio::process::Command::new(&command.python)
        .args(&command.arguments)
        .arg("--preload")
        .env_clear()
        .envs(base_environment(command))
        .kill_on_drop(true)
        .output()
        .await;
    let Ok(output) = output else { return false };
    output.status.success() && !output.stdout.is_empty() && write(names, &output.stdout).is_ok()
}

fn write(path: &Utf8Path, text: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().expect("the file lies in a folder");
    std::fs::create_dir_all(folder)?;
    let next = folder.join(format!(
        ".{}-{}",
        std::process::id(),
        path.file_name().unwrap_or_default()
    ));
    std::fs::write(&next, text)?;
    std::fs::rename(next, path)
}
