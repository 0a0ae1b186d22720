//! Finding the programs of a run.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::digest::SourceDigests;
use super::error::{Problem, ToolsetError};
use super::probe;
use super::provision::recorded_layout;
use super::surroundings::Surroundings;
use super::tool::{Found, Origin, Tool};

/// What cures a program that is missing where programs are provisioned.
pub(super) const PROVISION: &str = "run `cargo e2e provision`";
const REBUILD: &str = "run `cargo e2e provision`, or enter the Nix shell again";

/// The programs of a run, found and checked.
#[derive(Debug, Clone)]
pub struct Toolset {
    found: BTreeMap<Tool, Found>,
    sdk: Utf8PathBuf,
    cache: Utf8PathBuf,
    agent_runner_sources: Option<Utf8PathBuf>,
}

/// What is believed without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// What provisioning wrote down about the programs that it made.
    Records,
    Nothing,
}

/// How the agent-runner is started.
#[derive(Debug, Clone)]
pub struct AgentRunnerCommand {
    pub python: Utf8PathBuf,
    pub arguments: Vec<String>,
    /// What `PYTHONPATH` has to be, when the package is not installed.
    pub python_path: Option<Utf8PathBuf>,
    /// Tells one version of it from another.
    pub version: String,
}

impl Toolset {
    /// Finds the wanted programs. Reports all that is wrong at once. What provisioning made is believed to be what it
    /// wrote down.
    pub fn resolve(surroundings: &Surroundings, wanted: &[Tool]) -> Result<Self, ToolsetError> {
        Self::find(surroundings, wanted, Trust::Records)
    }

    /// Finds the wanted programs and asks every one of them who it is.
    pub(super) fn examine(
        surroundings: &Surroundings,
        wanted: &[Tool],
    ) -> Result<Self, ToolsetError> {
        Self::find(surroundings, wanted, Trust::Nothing)
    }

    fn find(
        surroundings: &Surroundings,
        wanted: &[Tool],
        trust: Trust,
    ) -> Result<Self, ToolsetError> {
        let path_only = surroundings.path_only()?;
        let digests = SourceDigests::of(surroundings.workspace()).ok();
        let mut found = BTreeMap::new();
        let mut problems = Vec::new();
        let look = |tool| {
            let (path, origin) = locate(surroundings, path_only, tool)?;
            identify(surroundings, digests.as_ref(), tool, path, origin, trust)
        };
        // Side by side: each program takes its time to answer.
        let answers: Vec<Result<Found, Problem>> = std::thread::scope(|scope| {
            let threads: Vec<_> = wanted
                .iter()
                .map(|&tool| scope.spawn(move || look(tool)))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("looking for a program does not panic"))
                .collect()
        });
        for answer in answers {
            match answer {
                Ok(program) => {
                    found.insert(program.tool, program);
                }
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(ToolsetError::Problems { problems });
        }
        Ok(Self {
            found,
            sdk: surroundings.sdk_folder(),
            cache: surroundings.cache_folder(),
            agent_runner_sources: checkout_agent_runner(surroundings),
        })
    }

    /// A program that was asked for in [`Toolset::resolve`].
    pub fn path(&self, tool: Tool) -> &Utf8Path {
        &self
            .found
            .get(&tool)
            .unwrap_or_else(|| panic!("{tool} was not asked for"))
            .path
    }

    /// All that was found.
    pub fn found(&self) -> impl Iterator<Item = &Found> {
        self.found.values()
    }

    /// Folder of the SDK that users' programs are compiled against.
    pub fn sdk(&self) -> &Utf8Path {
        &self.sdk
    }

    /// Caches that outlive a run.
    pub fn cache(&self) -> &Utf8Path {
        &self.cache
    }

    /// How the agent-runner is started.
    pub fn agent_runner(&self) -> AgentRunnerCommand {
        let program = &self.found[&Tool::AgentRunner];
        AgentRunnerCommand {
            python: self.path(Tool::AgentRunnerPython).to_owned(),
            arguments: agent_runner_arguments(&program.path),
            python_path: match program.origin {
                Origin::Checkout => self.agent_runner_sources.clone(),
                _ => None,
            },
            version: program.version.clone(),
        }
    }
}

fn checkout_agent_runner(surroundings: &Surroundings) -> Option<Utf8PathBuf> {
    let sources = surroundings.workspace().join("services/agent-runner/src");
    sources.is_dir().then_some(sources)
}

fn agent_runner_arguments(program: &Utf8Path) -> Vec<String> {
    match program.as_str().strip_prefix("-m ") {
        Some(module) => vec!["-m".to_owned(), module.trim().to_owned()],
        None => vec![program.to_string()],
    }
}

/// Where a tool is, not yet whether it works.
fn locate(
    surroundings: &Surroundings,
    path_only: bool,
    tool: Tool,
) -> Result<(Utf8PathBuf, Origin), Problem> {
    if let Some(path) = surroundings.variable(tool.variable()) {
        return Ok((path.into(), Origin::Variable));
    }
    let problem = |what: String, cure: &str, path: Option<Utf8PathBuf>| Problem {
        tool,
        what,
        cure: cure.to_owned(),
        path,
    };
    match tool {
        Tool::Stigmer => {
            if let Some(path) = surroundings.built(tool.program()) {
                return Ok((path, Origin::Built));
            }
        }
        Tool::AgentRunner if path_only || checkout_agent_runner(surroundings).is_some() => {
            let origin = if path_only {
                Origin::Path
            } else {
                Origin::Checkout
            };
            return Ok(("-m agent_runner".into(), origin));
        }
        Tool::Go if !path_only => {
            if let Some(path) = usable_go(surroundings) {
                return Ok((path, Origin::Path));
            }
        }
        _ => {}
    }
    if path_only {
        return probe::on_path(surroundings, tool.program())
            .map(|path| (path, Origin::Path))
            .ok_or_else(|| {
                let cure = format!("add it to PATH, or set {} to its path", tool.variable());
                problem(
                    "is not on PATH, and STIGMER_E2E_TOOLSET is `path`".to_owned(),
                    &cure,
                    None,
                )
            });
    }
    let path = recorded_layout(surroundings)
        .and_then(|layout| layout.program(tool))
        .ok_or_else(|| problem("is not provisioned".to_owned(), PROVISION, None))?;
    if path.exists() {
        Ok((path, Origin::Provisioned))
    } else {
        Err(problem(
            "is not provisioned".to_owned(),
            PROVISION,
            Some(path),
        ))
    }
}

/// The machine's Go, when it is new enough.
pub(super) fn usable_go(surroundings: &Surroundings) -> Option<Utf8PathBuf> {
    probe::on_path(surroundings, "go")
        .filter(|go| probe::go_version(go).is_ok_and(|line| probe::go_is_new_enough(&line)))
}

/// Asks a program for its version and refuses the wrong one.
fn identify(
    surroundings: &Surroundings,
    digests: Option<&SourceDigests>,
    tool: Tool,
    path: Utf8PathBuf,
    origin: Origin,
    trust: Trust,
) -> Result<Found, Problem> {
    let problem = |what: String, cure: String| Problem {
        tool,
        what,
        cure,
        path: Some(path.clone()),
    };
    let unusable = |what: String| {
        let cure = match origin {
            Origin::Variable => format!("correct {}", tool.variable()),
            _ => PROVISION.to_owned(),
        };
        problem(format!("{path} {what}"), cure)
    };
    let record = match (origin, trust) {
        (Origin::Provisioned, Trust::Records) => probe::read_record(&path),
        // It is run from these very sources.
        (Origin::Checkout, Trust::Records) => {
            digests.map(|digests| format!("sources {}", digests.agent_runner))
        }
        _ => None,
    };
    let version = match tool {
        _ if record.is_some() => record.unwrap_or_default(),
        // A foreign main.py has no version; our module is asked through its Python, below.
        Tool::AgentRunner if origin == Origin::Variable => {
            let module = path.as_str().starts_with("-m ");
            if !module && !path.is_file() {
                return Err(unusable("does not exist".to_owned()));
            }
            "given by the user".to_owned()
        }
        Tool::AgentRunner => {
            let (python, _) = locate(
                surroundings,
                surroundings.path_only().unwrap_or(false),
                Tool::AgentRunnerPython,
            )?;
            agent_runner_version(surroundings, origin, &python).map_err(&unusable)?
        }
        Tool::Go => probe::go_version(&path).map_err(&unusable)?,
        Tool::Nextest => probe::first_line(&path, &["nextest", "--version"]).map_err(&unusable)?,
        _ => probe::first_line(&path, &["--version"]).map_err(&unusable)?,
    };
    if tool == Tool::Go && !probe::go_is_new_enough(&version) {
        return Err(problem(
            format!("{version} is older than 1.26"),
            "install Go 1.26 or newer".to_owned(),
        ));
    }
    if let Some(wanted) = digests.and_then(|digests| wanted_digest(digests, tool)) {
        let built = version.rsplit_once("sources ").map(|(_, digest)| digest);
        // What a user gives by a variable is his own business; a foreign program has no digest at all.
        if origin != Origin::Variable && built != Some(wanted) {
            return Err(problem(
                format!("{path} was built from other sources than this checkout's"),
                REBUILD.to_owned(),
            ));
        }
    }
    Ok(Found {
        tool,
        path,
        version,
        origin,
    })
}

fn wanted_digest(digests: &SourceDigests, tool: Tool) -> Option<&str> {
    match tool {
        Tool::StigmerServer | Tool::StigmerStore => Some(&digests.stigmer_server),
        Tool::WorkflowRunner => Some(&digests.workflow_runner),
        Tool::AgentRunner => Some(&digests.agent_runner),
        _ => None,
    }
}

fn agent_runner_version(
    surroundings: &Surroundings,
    origin: Origin,
    python: &Utf8Path,
) -> Result<String, String> {
    let sources = checkout_agent_runner(surroundings);
    match (origin, sources) {
        // Python reads its path from the environment only; `-c` keeps this a single process.
        (Origin::Checkout, Some(sources)) => probe::first_line(
            python,
            &[
                "-c",
                "import sys, runpy; sys.path.insert(0, sys.argv[1]); sys.argv[:2] = ['agent-runner']; \
                 runpy.run_module('agent_runner', run_name='__main__')",
                sources.as_str(),
                "--version",
            ],
        ),
        _ => probe::first_line(python, &["-m", "agent_runner", "--version"]),
    }
}
