//! What can be wrong with the programs, and what cures it.

use camino::Utf8PathBuf;

use super::tool::Tool;

/// Why the programs of a run could not be found.
#[derive(Debug, thiserror::Error)]
pub enum ToolsetError {
    /// The checkout was not found.
    #[error("the checkout of stigmer-e2e was not found from here")]
    Workspace,
    /// The process does not know its own file.
    #[error("the path of this program is unknown or not UTF-8")]
    Executable,
    /// `STIGMER_E2E_TOOLSET` has an unknown value.
    #[error("STIGMER_E2E_TOOLSET is {value:?}")]
    Mode {
        /// What it is set to.
        value: String,
    },
    /// `STIGMER_E2E_AGENT_RUNNER_START` has an unknown value.
    #[error("STIGMER_E2E_AGENT_RUNNER_START is {value:?}")]
    AgentRunnerStart {
        /// What it is set to.
        value: String,
    },
    /// A variable that holds a time has another value.
    #[error("{name} is {value:?}")]
    Duration {
        name: &'static str,
        value: String,
        #[source]
        source: humantime::DurationError,
    },
    /// A variable that holds a number has another value.
    #[error("{name} is {value:?}")]
    Number {
        name: &'static str,
        value: String,
        #[source]
        source: std::num::ParseIntError,
    },
    /// Programs are missing or not the right ones. All of them at once.
    #[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Problems {
        /// One per program.
        problems: Vec<Problem>,
    },
}

impl ToolsetError {
    /// What cures it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Workspace => Some("run this inside a checkout of stigmer-e2e".to_owned()),
            Self::Executable => None,
            Self::Mode { .. } => Some("set STIGMER_E2E_TOOLSET to `path`, or unset it".to_owned()),
            Self::AgentRunnerStart { .. } => Some(
                "set STIGMER_E2E_AGENT_RUNNER_START to `fork` or `exec`, or unset it".to_owned(),
            ),
            Self::Number { .. } => Some("write a number: 0, 1, 2".to_owned()),
            Self::Duration { .. } => Some("write a number and a unit: `30s`, `2m`".to_owned()),
            Self::Problems { problems } => {
                let mut cures: Vec<&str> = problems.iter().map(|p| p.cure.as_str()).collect();
                cures.dedup();
                Some(cures.join("; "))
            }
        }
    }
}

/// What is wrong with one program.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{tool}: {what}")]
pub struct Problem {
    /// Which program.
    pub tool: Tool,
    /// What is wrong, as a fragment.
    pub what: String,
    /// What cures it, as an instruction.
    pub cure: String,
    /// Where it was looked for, when there is one place.
    pub path: Option<Utf8PathBuf>,
}
