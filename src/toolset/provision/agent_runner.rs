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
    let path = surroundings
        .workspace()
        .join("services/agent-runner/poetry.lock");
    let lock = std::fs::read_to_string(&path).map_err(|source| ProvisionError::Read {
        path: path.clone(),
        source,
    })?;
    let requirements =
        requirements::from_lock(&lock).map_err(|reason| ProvisionError::Lock { path, reason })?;
    programs::install(
        "installing the agent-runner's packages",
        &layout.python,
        &layout.agent_runner,
        &requirements,
        &[("bin/python", &["--version"])],
        progress,
    )
}
