//! A run of the bench's own: its owner is a process that can be ended, its state lies apart.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use stigmer_e2e::cli::{Cli, Output};
use stigmer_e2e::model::{ModelScript, ModelSpec, RunningModel};
use stigmer_e2e::stack::command_environment;
use stigmer_e2e::supervisor::{Lease, Needs, Owner, Ready, Scope, SupervisorClient};
use stigmer_e2e::sys::{self, StartTime};
use stigmer_e2e::toolset::Surroundings;

/// How often to look for an end: short beside what is measured.
const INTERVAL: Duration = Duration::from_micros(500);
/// What takes so long hangs.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Ground {
    root: tempfile::TempDir,
    surroundings: Surroundings,
    owner: Child,
    scope: Scope,
}

impl Ground {
    /// With these variables beside those of the bench.
    pub(crate) fn new(variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let root = tempfile::Builder::new().prefix("bench").tempdir()?;
        let folder =
            Utf8Path::from_path(root.path()).expect("temporary folders have names in UTF-8");
        let mut all: BTreeMap<String, String> = std::env::vars().collect();
        for name in ["state", "evidence"] {
            std::fs::create_dir(folder.join(name))?;
        }
        all.insert("XDG_RUNTIME_DIR".to_owned(), folder.join("state").into());
        all.insert("STIGMER_E2E_DIR".to_owned(), folder.join("evidence").into());
        all.extend(
            variables
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned())),
        );
        let surroundings = Surroundings::new(
            all,
            &Utf8PathBuf::try_from(std::env::current_dir()?)?,
            Utf8PathBuf::try_from(std::env::current_exe()?)?,
        )?;
        let owner = Command::new("sleep")
            .arg("3600")
            .stdin(Stdio::null())
            .spawn()?;
        let scope = Scope {
            run: format!("{:08x}", owner.id()),
            owner: Owner {
                pid: owner.id(),
                started: StartTime::of(owner.id()).expect("it has just been started"),
            },
            mark: None,
        };
        Ok(Self {
            root,
            surroundings,
            owner,
            scope,
        })
    }

    pub(crate) fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    pub(crate) fn folder(&self) -> &Utf8Path {
        Utf8Path::from_path(self.root.path()).expect("it was looked at before")
    }

    pub(crate) fn run(&self) -> &str {
        &self.scope.run
    }

    pub(crate) async fn lease(&self, needs: Needs) -> anyhow::Result<Lease> {
        let client = SupervisorClient::new(self.surroundings.clone(), self.scope.clone())?;
        Ok(client.lease("bench", "", needs).await?)
    }

    /// A lease with a model that follows a script.
    pub(crate) async fn lease_with_model(
        &self,
        script: ModelScript,
    ) -> anyhow::Result<(Lease, RunningModel)> {
        let mut lease = self.lease(full()).await?;
        let listener = lease.take_model().expect("a full stack has a model");
        let model = ModelSpec::new(script).serve_on_thread(listener)?;
        Ok((lease, model))
    }

    /// A command line against a stack, in this process.
    pub(crate) async fn cli(&self, ready: &Ready, arguments: &[&str]) -> Output {
        Cli::new()
            .args(arguments)
            .cwd(self.surroundings.workspace())
            .envs(command_environment(&self.surroundings, self.run(), ready))
            .run()
            .await
    }

    /// Number of the supervisor's process.
    pub(crate) fn supervisor(&self) -> u32 {
        let mut all = sys::with_environment_text(self.folder().as_str()).into_iter();
        all.find(|process| process.command.contains(" supervisor "))
            .map_or(0, |process| process.pid)
    }

    /// Ends the owner and measures until the run is gone, in milliseconds: folder, supervisor and all its children.
    pub(crate) fn end(mut self) -> anyhow::Result<f64> {
        let supervisor = self.supervisor();
        let mut processes: Vec<u32> = sys::children_of(supervisor)
            .iter()
            .map(|child| child.pid)
            .collect();
        processes.push(supervisor);
        let state = self.folder().join("state");
        let begun = Instant::now();
        self.owner.kill()?;
        self.owner.wait()?;
        while processes.iter().any(|&pid| StartTime::of(pid).is_some()) {
            anyhow::ensure!(begun.elapsed() < PATIENCE, "the run does not end");
            std::thread::sleep(INTERVAL);
        }
        let took = begun.elapsed().as_secs_f64() * 1e3;
        let left: Vec<_> = walk(&state)
            .into_iter()
            .filter(|path| !path.as_str().contains("/ports"))
            .collect();
        anyhow::ensure!(left.is_empty(), "the run left {left:?}");
        Ok(took)
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = self.owner.kill();
        let _ = self.owner.wait();
    }
}

fn walk(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let Ok(entries) = folder.read_dir_utf8() else {
        return vec![folder.to_owned()];
    };
    entries
        .flatten()
        .flat_map(|entry| walk(entry.path()))
        .collect()
}

pub(crate) fn server() -> Needs {
    Needs {
        server: true,
        ..Needs::default()
    }
}

pub(crate) fn with_workflow_runner() -> Needs {
    Needs {
        workflow_runner: true,
        ..server()
    }
}

pub(crate) fn full() -> Needs {
    Needs {
        agent_runner: true,
        ..with_workflow_runner()
    }
}
