//! Where this process stands: its environment, the checkout and the folder of what is built.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::error::ToolsetError;

/// What decides where programs are looked for. Made once from the process, and from nothing in tests.
#[derive(Debug, Clone)]
pub struct Surroundings {
    variables: BTreeMap<String, String>,
    workspace: Utf8PathBuf,
    target: Utf8PathBuf,
    executable: Utf8PathBuf,
}

impl Surroundings {
    /// Those of this process.
    ///
    /// # Errors
    /// When the checkout cannot be found, or a path is not UTF-8.
    pub fn of_this_process() -> Result<Self, ToolsetError> {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let executable = std::env::current_exe()
            .ok()
            .and_then(|path| Utf8PathBuf::from_path_buf(path).ok())
            .ok_or(ToolsetError::Executable)?;
        let here = std::env::current_dir()
            .ok()
            .and_then(|path| Utf8PathBuf::from_path_buf(path).ok())
            .ok_or(ToolsetError::Workspace)?;
        Self::new(variables, &here, executable)
    }

    /// Those of a process with this environment, directory and executable.
    pub fn new(
        variables: BTreeMap<String, String>,
        here: &Utf8Path,
        executable: Utf8PathBuf,
    ) -> Result<Self, ToolsetError> {
        // Cargo and nextest set the first at run time; compile-time paths are stale in an archive or another checkout.
        let named = ["CARGO_MANIFEST_DIR", "NEXTEST_WORKSPACE_ROOT"]
            .iter()
            .filter_map(|name| variables.get(*name))
            .map(Utf8PathBuf::from)
            .find(|folder| is_workspace(folder));
        let workspace = named
            .or_else(|| above(here))
            .or_else(|| above(&executable))
            .ok_or(ToolsetError::Workspace)?;
        let target = variables
            .get("CARGO_TARGET_DIR")
            .map_or_else(|| workspace.join("target"), |folder| workspace.join(folder));
        Ok(Self {
            variables,
            workspace,
            target,
            executable,
        })
    }

    /// An environment variable, when set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The whole environment, for a process that shall stand where this one does.
    pub fn variables(&self) -> impl Iterator<Item = (&String, &String)> {
        self.variables.iter()
    }

    /// How long a service may take to become ready: `STIGMER_E2E_START_TIMEOUT` (`30s`, `2m`), else a minute. Ours take
    /// a second on a busy machine; imports of a foreign agent-runner took ten.
    pub fn start_timeout(&self) -> Result<Duration, ToolsetError> {
        const DEFAULT: Duration = Duration::from_secs(60);
        let name = "STIGMER_E2E_START_TIMEOUT";
        self.variable(name).map_or(Ok(DEFAULT), |value| {
            humantime::parse_duration(value).map_err(|source| ToolsetError::Duration {
                name,
                value: value.to_owned(),
                source,
            })
        })
    }

    /// How many stacks of the default shape a run keeps ready: `STIGMER_E2E_SPARES`, else one a core and at most two.
    pub fn spares(&self) -> Result<usize, ToolsetError> {
        let name = "STIGMER_E2E_SPARES";
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.variable(name).map_or(Ok(cores.min(2)), |value| {
            value.parse().map_err(|source| ToolsetError::Number {
                name,
                value: value.to_owned(),
                source,
            })
        })
    }

    /// The checkout.
    pub fn workspace(&self) -> &Utf8Path {
        &self.workspace
    }

    /// Folder of everything that this project writes outside of cargo's own: `target/e2e`.
    pub fn e2e_folder(&self) -> Utf8PathBuf {
        self.target.join("e2e")
    }

    /// Folder of provisioned programs.
    pub fn toolset_folder(&self) -> Utf8PathBuf {
        self.e2e_folder().join("toolset")
    }

    /// Folder of caches that outlive a run, never below a private HOME.
    pub fn cache_folder(&self) -> Utf8PathBuf {
        self.e2e_folder().join("cache")
    }

    /// Whether programs come from `PATH`, as in a Nix shell, and nothing is provisioned.
    pub fn path_only(&self) -> Result<bool, ToolsetError> {
        match self.variable("STIGMER_E2E_TOOLSET") {
            None | Some("provisioned") => Ok(false),
            Some("path") => Ok(true),
            Some(other) => Err(ToolsetError::Mode {
                value: other.to_owned(),
            }),
        }
    }

    /// Where the SDK lies that users' programs are compiled against: `STIGMER_SDK_DIR`, else the checkout's.
    pub fn sdk_folder(&self) -> Utf8PathBuf {
        self.variable("STIGMER_SDK_DIR")
            .map_or_else(|| self.workspace.join("services/sdk-go"), Utf8PathBuf::from)
    }

    /// A program that cargo built from this checkout, for this process or beside it.
    pub fn built(&self, name: &str) -> Option<Utf8PathBuf> {
        let told = [
            format!("NEXTEST_BIN_EXE_{name}"),
            format!("CARGO_BIN_EXE_{name}"),
        ]
        .iter()
        .find_map(|variable| self.variable(variable))
        .map(Utf8PathBuf::from);
        let beside = self.executable.parent().map(|folder| {
            let folder = if folder.file_name() == Some("deps") {
                folder.parent().unwrap_or(folder)
            } else {
                folder
            };
            folder.join(name)
        });
        told.into_iter().chain(beside).find(|path| path.is_file())
    }
}

fn is_workspace(folder: &Utf8Path) -> bool {
    folder.join("services/go.mod").is_file() && folder.join("Cargo.toml").is_file()
}

fn above(start: &Utf8Path) -> Option<Utf8PathBuf> {
    start
        .ancestors()
        .find(|folder| is_workspace(folder))
        .map(Utf8Path::to_path_buf)
}
