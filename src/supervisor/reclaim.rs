//! Debris of runs whose supervisor was killed: their processes are ended, their folders removed.

use std::io;

use super::folder::StateFolder;
use super::lease::run_marks;
use super::ownership::Ownership;
use crate::sys::Belongings;

/// Looks through the folders of all runs and clears those that nobody supervises any more.
pub(super) fn crashed_runs(state: &StateFolder) {
    let Ok(entries) = state.path().read_dir_utf8() else {
        return;
    };
    for entry in entries.flatten() {
        let run = entry.file_name();
        if is_run(run) && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            // What cannot be cleared now is looked at again by the next run.
            let _ = crashed_run(state, run);
        }
    }
}

fn crashed_run(state: &StateFolder, run: &str) -> io::Result<()> {
    // Who starts a supervisor for this run holds the lock; then it is not debris.
    let Ok(Some(_lock)) = state.try_lock(run) else {
        return Ok(());
    };
    let folder = state.run(run);
    let ownership = Ownership::read(&folder.ownership());
    let mark = match &ownership {
        Ok(ownership) if ownership.is_alive() => return Ok(()),
        Ok(ownership) => ownership.mark.as_deref(),
        // It crashed before it wrote down whose it is: then it had started nothing.
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(_) => None,
    };
    let belongings = Belongings {
        marks: run_marks(run, mark),
        ..Belongings::default()
    };
    belongings.end();
    std::fs::remove_dir_all(folder.path())?;
    state.remove_lock(run);
    Ok(())
}

fn is_run(name: &str) -> bool {
    name.len() == 8 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
