//! The agent-runner's environment: exactly what its `poetry.lock` says.

use super::ProvisionError;
use super::layout::Layout;
use super::progress::Progress;
use super::{programs, requirements};
use crate::toolset::Surroundings;

/// Installs the packages, unless they are there.
pub(super) fn provision(
    surroundings: &Surroundings,
    layout: &Layout,
    progress: &Progress,
) -> Result<bool, ProvisionError> {
    programs::install(
        "installing the agent-runner's packages",
        &layout.python,
        &layout.agent_runner,
        &agent_runner_requirements(surroundings, &["main"])?,
        &[("bin/python", &["--version"])],
        progress,
    )
}

/// What pip is told to install for these groups of the agent-runner's `poetry.lock`.
pub fn agent_runner_requirements(
    surroundings: &Surroundings,
    groups: &[&str],
) -> Result<String, ProvisionError> {
    let path = surroundings
        .workspace()
        .join("services/agent-runner/poetry.lock");
    let lock = std::fs::read_to_string(&path).map_err(|source| ProvisionError::Read {
        path: path.clone(),
        source,
    })?;
    requirements::from_lock(&lock, groups).map_err(|reason| ProvisionError::Lock { path, reason })
}
