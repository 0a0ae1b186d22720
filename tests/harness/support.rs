//! A private world for a run: its own state and evidence folders, its own owner, and the proof that nothing is left.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::Signal;
use stigmer_e2e::supervisor::{Lease, LeaseError, Needs, Owner, Scope, SupervisorClient};
use stigmer_e2e::sys::{Process, StartTime};
use stigmer_e2e::toolset::Surroundings;

/// What ends in milliseconds is given seconds, for machines that do much else; what takes longer hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// How often to look.
const INTERVAL: Duration = Duration::from_millis(5);

/// A world that knows nothing of other runs.
pub(crate) struct Ground {
    root: tempfile::TempDir,
    variables: BTreeMap<String, String>,
    owner: Child,
    scope: Scope,
}

impl Ground {
    pub(crate) fn new() -> Self {
        // Short, as a socket's path has to be.
        let root = tempfile::Builder::new().prefix("ground").tempdir().unwrap();
        let folder = Utf8PathBuf::from_path_buf(root.path().to_owned()).unwrap();
        let mut variables: BTreeMap<String, String> = std::env::vars()
            .filter(|(name, _)| !name.starts_with("NEXTEST_") || name == "NEXTEST_WORKSPACE_ROOT")
            .collect();
        for name in ["state", "tmp", "evidence"] {
            std::fs::create_dir(folder.join(name)).unwrap();
        }
        variables.insert(
            "XDG_RUNTIME_DIR".to_owned(),
            folder.join("state").into_string(),
        );
        variables.insert("TMPDIR".to_owned(), folder.join("tmp").into_string());
        variables.insert(
            "STIGMER_E2E_DIR".to_owned(),
            folder.join("evidence").into_string(),
        );
        let owner = Command::new("sleep")
            .arg("600")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let scope = Scope {
            run: format!("{:08x}", owner.id()),
            owner: Owner {
                pid: owner.id(),
                started: StartTime::of(owner.id()).unwrap(),
            },
            mark: None,
        };
        Self {
            root,
            variables,
            owner,
            scope,
        }
    }

    /// Another run, whose state lies beside that of this one.
    pub(crate) fn beside(other: &Self) -> Self {
        let state = other.variables["XDG_RUNTIME_DIR"].clone();
        Self::new().set("XDG_RUNTIME_DIR", state)
    }

    /// Id of the run.
    pub(crate) fn run(&self) -> &str {
        &self.scope.run
    }

    /// Takes a stack for a run whose owner had this start time.
    pub(crate) async fn lease_of_owner_started(
        &self,
        started: u64,
        needs: Needs,
    ) -> Result<Lease, LeaseError> {
        let mut scope = self.scope.clone();
        scope.owner.started = StartTime::from_number(started);
        let surroundings = self.client()?.surroundings().clone();
        SupervisorClient::new(surroundings, scope)?
            .lease("the_test", "", needs)
            .await
    }

    /// Sets a variable of the run's processes.
    pub(crate) fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    pub(crate) fn folder(&self) -> &Utf8Path {
        Utf8Path::from_path(self.root.path()).unwrap()
    }

    /// Writes a shell script that answers `--version` and otherwise does what `body` says. Answers its path.
    pub(crate) fn program(&self, name: &str, body: &str) -> Utf8PathBuf {
        let path = self.folder().join(name);
        let text =
            format!("#!/bin/sh\ncase \"$*\" in *--version*) echo {name}; exit;; esac\n{body}\n");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        path
    }

    pub(crate) fn client(&self) -> Result<SupervisorClient, LeaseError> {
        let surroundings = Surroundings::new(
            self.variables.clone(),
            &Utf8PathBuf::from_path_buf(std::env::current_dir().unwrap()).unwrap(),
            Utf8PathBuf::from_path_buf(std::env::current_exe().unwrap()).unwrap(),
        )?;
        SupervisorClient::new(surroundings, self.scope.clone())
    }

    /// Takes a stack of this world's run.
    pub(crate) async fn lease(&self, needs: Needs) -> Result<Lease, LeaseError> {
        self.client()?.lease("the_test", "", needs).await
    }

    /// The screen of a stack that does not start.
    pub(crate) async fn refusal(&self, needs: Needs) -> String {
        match self.lease(needs).await {
            Ok(lease) => panic!("the stack started: {:?}", lease.ready()),
            Err(error) => error.to_string(),
        }
    }

    /// Processes that live in this world, the owner aside: their environment names one of its folders.
    pub(crate) fn processes(&self) -> Vec<String> {
        stigmer_e2e::sys::with_environment_text(self.folder().as_str())
            .into_iter()
            .map(|sighting| format!("{} {}", sighting.pid, sighting.command))
            .collect()
    }

    /// Number of the process whose command line has this text.
    pub(crate) fn pid_of(&self, text: &str) -> u32 {
        let processes = self.processes();
        let found = processes.iter().find(|process| process.contains(text));
        let line = found.unwrap_or_else(|| panic!("no {text} among {processes:#?}"));
        line.split(' ').next().unwrap().parse().unwrap()
    }

    /// What is left of the run's state: nothing but the folder of port locks, when all is well.
    pub(crate) fn state(&self) -> Vec<String> {
        let uid = rustix::process::getuid().as_raw();
        let state = self.folder().join(format!("state/stigmer-e2e-{uid}"));
        let Ok(entries) = state.read_dir_utf8() else {
            return Vec::new();
        };
        entries
            .flatten()
            .map(|entry| entry.file_name().to_owned())
            .filter(|name| name != "ports")
            .collect()
    }

    /// Text of a file of the evidence, by the end of its path.
    pub(crate) fn evidence(&self, end: &str) -> String {
        let files = self.evidence_files();
        let found = files.iter().find(|path| path.as_str().ends_with(end));
        let path = found.unwrap_or_else(|| panic!("no evidence {end} among {files:#?}"));
        std::fs::read_to_string(path).unwrap()
    }

    pub(crate) fn evidence_files(&self) -> Vec<Utf8PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder().join("evidence")];
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir_utf8().unwrap().flatten() {
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.into_path());
                } else if kind.is_file() {
                    files.push(entry.into_path());
                }
            }
        }
        files
    }

    /// Ends the run by ending its owner, and proves that nothing is left.
    pub(crate) fn end(mut self) {
        self.owner.kill().unwrap();
        self.owner.wait().unwrap();
        self.nothing_is_left();
    }

    /// Waits until no process and no folder of the run is left.
    pub(crate) fn nothing_is_left(&self) {
        eventually("nothing is left", || {
            let left = [self.processes(), self.state()].concat();
            if left.is_empty() {
                Ok(())
            } else {
                Err(left.join("\n"))
            }
        });
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = self.owner.kill();
        let _ = self.owner.wait();
    }
}

/// Waits until `look` is content; at the end of patience says what it last saw.
pub(crate) fn eventually(what: &str, mut look: impl FnMut() -> Result<(), String>) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match look() {
            Ok(()) => return,
            Err(last) if Instant::now() > deadline => panic!("waited in vain: {what}\n{last}"),
            Err(_) => std::thread::sleep(INTERVAL),
        }
    }
}

/// Kills a process that nobody asked to end.
pub(crate) fn kill(pid: u32) {
    Process::open(pid).unwrap().signal(Signal::KILL).unwrap();
}

pub(crate) fn only_server() -> Needs {
    Needs {
        server: true,
        ..Needs::default()
    }
}

pub(crate) fn server_and_workflow_runner() -> Needs {
    Needs {
        server: true,
        workflow_runner: true,
        ..Needs::default()
    }
}

pub(crate) fn everything() -> Needs {
    Needs {
        agent_runner: true,
        ..server_and_workflow_runner()
    }
}
