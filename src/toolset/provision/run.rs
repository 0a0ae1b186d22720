//! All steps of provisioning, under a lock.

use std::fs::{File, TryLockError};

use camino::{Utf8Path, Utf8PathBuf};

use super::layout::layout;
use super::progress::Progress;
use super::{ProvisionError, agent_runner, programs, services, step};
use crate::toolset::resolve::usable_go;
use crate::toolset::{Surroundings, Tool};

/// What provisioning did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provisioned {
    /// Programs come from `PATH`: nothing is provisioned there.
    NotHere,
    /// All was there.
    Nothing,
    /// Something was installed or built.
    Something,
}

/// Installs and builds what is missing. A second call finds all there and does nothing; two at once wait for each
/// other; one that is killed half-way leaves what the next one makes anew.
pub fn provision(surroundings: &Surroundings) -> Result<Provisioned, ProvisionError> {
    if surroundings.path_only()? {
        return Ok(Provisioned::NotHere);
    }
    let folder = surroundings.toolset_folder();
    let progress = Progress::new();
    let _lock = lock(&folder, &progress)?;
    step::end_what_was_left(&folder);
    let layout = layout(surroundings)?;
    let mut did = programs::provision(&layout, &progress)?;
    let go = match surroundings.variable(Tool::Go.variable()) {
        Some(path) => path.into(),
        None => usable_go(surroundings).unwrap_or_else(|| layout.go_in(&layout.programs)),
    };
    // Packages come over the network while the compiler has the cores.
    let (packages, built) = std::thread::scope(|scope| {
        let packages = scope.spawn(|| agent_runner::provision(surroundings, &layout, &progress));
        let built = services::provision(surroundings, &layout, &go, &progress);
        (packages.join().expect("provisioning does not panic"), built)
    });
    if let (Err(_), Err(second)) = (&built, &packages) {
        progress.note(&format!("error: {second}"));
    }
    did |= built? | packages?;
    layout.python.write_record(&folder)?;
    Ok(if did {
        Provisioned::Something
    } else {
        Provisioned::Nothing
    })
}

fn lock(folder: &Utf8Path, progress: &Progress) -> Result<File, ProvisionError> {
    let path: Utf8PathBuf = folder.join("lock");
    let write_error = |source| ProvisionError::Write {
        path: path.clone(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(write_error)?;
    let file = File::create(&path).map_err(write_error)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            progress.note("waiting for another provisioning of this checkout to end");
            file.lock().map_err(write_error)?;
        }
        Err(TryLockError::Error(error)) => return Err(write_error(error)),
    }
    Ok(file)
}
