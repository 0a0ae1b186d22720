//! Where provisioned programs lie. Folders are named by a digest of what they are made from, so a program is either
//! the right one or missing.

use camino::{Utf8Path, Utf8PathBuf};

use super::python::{self, Python};
use crate::toolset::pins::Pins;
use crate::toolset::resolve::usable_go;
use crate::toolset::{Surroundings, Tool, digest};

/// Places of provisioned programs.
#[derive(Debug)]
pub(in crate::toolset) struct Layout {
    pub(super) python: Python,
    /// Whether Go is provisioned as well.
    pub(super) with_go: bool,
    /// Environment of the ready-made programs.
    pub(super) programs: Utf8PathBuf,
    /// Environment of the agent-runner.
    pub(super) agent_runner: Utf8PathBuf,
    /// Folder of the services built from the checkout.
    pub(super) services: Utf8PathBuf,
}

/// Name of the file that says that a folder is complete. It is written last.
pub(super) const COMPLETE: &str = ".complete";

/// Finds out where things lie for this machine and checkout.
pub(super) fn layout(surroundings: &Surroundings) -> Result<Layout, super::ProvisionError> {
    lay_out(surroundings, python::find(surroundings)?)
}

/// Where things lie since the last provisioning; nothing when there was none. Asks no program.
pub(in crate::toolset) fn recorded_layout(surroundings: &Surroundings) -> Option<Layout> {
    let python = python::read_record(&surroundings.toolset_folder())?;
    lay_out(surroundings, python).ok()
}

fn lay_out(surroundings: &Surroundings, python: Python) -> Result<Layout, super::ProvisionError> {
    let with_go =
        surroundings.variable(Tool::Go.variable()).is_none() && usable_go(surroundings).is_none();
    let folder = surroundings.toolset_folder();
    let lock = surroundings
        .workspace()
        .join("services/agent-runner/poetry.lock");
    let lock = std::fs::read_to_string(&lock)
        .map_err(|source| super::ProvisionError::Read { path: lock, source })?;
    let key = digest::of_text(&format!("{}\n{lock}", python.version));
    Ok(Layout {
        programs: folder.join(Pins::load().folder(with_go, &python.version)),
        agent_runner: folder.join(format!("agent-runner-{}", &key[..12])),
        services: folder.join("services"),
        python,
        with_go,
    })
}

impl Layout {
    /// Where a provisioned tool lies; nothing for tools that are never provisioned.
    pub(in crate::toolset) fn program(&self, tool: Tool) -> Option<Utf8PathBuf> {
        match tool {
            Tool::Temporal | Tool::Nextest => {
                in_complete(&self.programs).map(|folder| folder.join("bin").join(tool.program()))
            }
            Tool::Go => in_complete(&self.programs).map(|folder| self.go_in(folder)),
            Tool::StigmerServer | Tool::StigmerStore | Tool::WorkflowRunner => {
                Some(self.services.join(tool.program()))
            }
            Tool::AgentRunnerPython => {
                in_complete(&self.agent_runner).map(|folder| folder.join("bin/python"))
            }
            Tool::AgentRunner | Tool::Stigmer => None,
        }
    }

    /// The Go inside the environment of ready-made programs.
    pub(super) fn go_in(&self, folder: &Utf8Path) -> Utf8PathBuf {
        folder.join(format!(
            "lib/python{}/site-packages/go/bin/go",
            self.python.version
        ))
    }
}

/// The folder, when it is complete.
pub(super) fn in_complete(folder: &Utf8Path) -> Option<&Utf8Path> {
    folder.join(COMPLETE).is_file().then_some(folder)
}
