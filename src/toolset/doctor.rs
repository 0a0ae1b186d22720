//! What `stigmer-e2e doctor` finds out: every program, where it is, what is wrong and what cures it.

use super::error::{Problem, ToolsetError};
use super::resolve::Toolset;
use super::surroundings::Surroundings;
use super::tool::{Found, Tool};

/// What is known of one program.
#[derive(Debug)]
pub enum Diagnosis {
    /// It is there and answers.
    Healthy(Found),
    /// It is missing or wrong.
    Ill(Problem),
}

/// Looks at all programs, one by one.
pub fn diagnose(surroundings: &Surroundings) -> Result<Vec<Diagnosis>, ToolsetError> {
    let mut all = Vec::new();
    for tool in Tool::ALL {
        match Toolset::examine(surroundings, &[tool]) {
            Ok(toolset) => all.extend(toolset.found().cloned().map(Diagnosis::Healthy)),
            // A module is asked through its Python: what is wrong with that is said where it stands itself.
            Err(ToolsetError::Problems { problems }) => all.extend(
                problems
                    .into_iter()
                    .filter(|problem| problem.tool == tool)
                    .map(Diagnosis::Ill),
            ),
            Err(other) => return Err(other),
        }
    }
    Ok(all)
}
