//! The programs, by name.

use std::fmt;

use camino::Utf8PathBuf;
use serde::Serialize;

/// A program that a run needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// The Temporal CLI, whose dev server runs the workflows.
    Temporal,
    /// The Go toolchain, which compiles what users write.
    Go,
    /// The test runner of `stigmer-e2e test`.
    Nextest,
    /// The `stigmer` command line program.
    Stigmer,
    /// The server under test.
    StigmerServer,
    /// Reads the server's database.
    StigmerStore,
    /// The workflow worker under test.
    WorkflowRunner,
    /// The agent worker under test: a `main.py`, or `-m MODULE`.
    AgentRunner,
    /// The Python that has the agent worker's packages.
    AgentRunnerPython,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Temporal,
        Self::Go,
        Self::Nextest,
        Self::Stigmer,
        Self::StigmerServer,
        Self::StigmerStore,
        Self::WorkflowRunner,
        Self::AgentRunner,
        Self::AgentRunnerPython,
    ];

    /// The environment variable that names it.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Temporal => "STIGMER_E2E_TEMPORAL",
            Self::Go => "STIGMER_E2E_GO",
            Self::Nextest => "STIGMER_E2E_NEXTEST",
            Self::Stigmer => "STIGMER_E2E_STIGMER",
            Self::StigmerServer => "STIGMER_E2E_STIGMER_SERVER",
            Self::StigmerStore => "STIGMER_E2E_STIGMER_STORE",
            Self::WorkflowRunner => "STIGMER_E2E_WORKFLOW_RUNNER",
            Self::AgentRunner => "STIGMER_E2E_AGENT_RUNNER",
            Self::AgentRunnerPython => "STIGMER_E2E_AGENT_RUNNER_PYTHON",
        }
    }

    /// Its file name.
    pub const fn program(self) -> &'static str {
        match self {
            Self::Temporal => "temporal",
            Self::Go => "go",
            Self::Nextest => "cargo-nextest",
            Self::Stigmer => "stigmer",
            Self::StigmerServer => "stigmer-server",
            Self::StigmerStore => "stigmer-store",
            Self::WorkflowRunner => "workflow-runner",
            Self::AgentRunner => "agent-runner",
            Self::AgentRunnerPython => "agent-runner-python",
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program())
    }
}

/// Why a program is the one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// An environment variable names it.
    Variable,
    /// It lies on `PATH`, as in a Nix shell.
    Path,
    /// It was provisioned under `target/e2e/toolset`.
    Provisioned,
    /// Cargo built it from this checkout.
    Built,
    /// It is run from this checkout's sources.
    Checkout,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Variable => "environment variable",
            Self::Path => "PATH",
            Self::Provisioned => "provisioned",
            Self::Built => "built by cargo",
            Self::Checkout => "this checkout",
        })
    }
}

/// A program that was found and answers.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    pub tool: Tool,
    /// The file; for an agent-runner that is a module, `-m MODULE`.
    pub path: Utf8PathBuf,
    /// One line, as the program says it.
    pub version: String,
    pub origin: Origin,
}
