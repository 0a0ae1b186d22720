//! Where a run keeps its state: a short path that only this user can enter, gone at the end.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};

use camino::{Utf8Path, Utf8PathBuf};

/// A Unix socket's path ends at 104 bytes on macOS and 108 on Linux, its zero byte included; what we append is
/// `/stigmer-e2e-4294967295/xxxxxxxx/handover`.
const LONGEST_BASE: usize = 104 - 1 - 41;

/// Why there is no folder for state.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("cannot make the folder {path}")]
    Make {
        path: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path} belongs to user {owner}, or others can enter it")]
    Foreign { path: Utf8PathBuf, owner: u32 },
    #[error("cannot lock {path}")]
    Lock {
        path: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
}

impl FolderError {
    /// What cures it.
    pub fn hint(&self) -> String {
        match self {
            Self::Make { source, .. } | Self::Lock { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => "make room on the disk".to_owned(),
                _ => "set XDG_RUNTIME_DIR or TMPDIR to a folder that can be written".to_owned(),
            },
            Self::Foreign { path, .. } => {
                format!("remove {path}, or set TMPDIR to another folder")
            }
        }
    }
}

/// The folder of all runs of this user.
#[derive(Debug, Clone)]
pub struct StateFolder(Utf8PathBuf);

impl StateFolder {
    /// Opens it, making it when it is not there: below `runtime` or `temporary`, whichever is given first and short
    /// enough, else below `/tmp`.
    pub fn open(runtime: Option<&str>, temporary: Option<&str>) -> Result<Self, FolderError> {
        let uid = rustix::process::getuid().as_raw();
        let base = [runtime, temporary]
            .into_iter()
            .flatten()
            .map(|base| base.trim_end_matches('/'))
            .find(|base| {
                base.starts_with('/') && base.len() <= LONGEST_BASE && Utf8Path::new(base).is_dir()
            })
            .unwrap_or("/tmp");
        Self::at(Utf8PathBuf::from(format!("{base}/stigmer-e2e-{uid}")))
    }

    /// Opens it where another process of this user has found it.
    pub fn at(path: Utf8PathBuf) -> Result<Self, FolderError> {
        make_private(&path)?;
        Ok(Self(path))
    }

    /// The folder itself.
    pub fn path(&self) -> &Utf8Path {
        &self.0
    }

    /// Folder of the locks on port blocks, shared by all runs.
    pub fn ports(&self) -> Utf8PathBuf {
        self.0.join("ports")
    }

    /// The folder of one run.
    pub fn run(&self, run: &str) -> RunFolder {
        RunFolder(self.0.join(run))
    }

    /// Takes the lock on starting a supervisor for a run, waiting for whoever has it.
    pub fn lock(&self, run: &str) -> Result<File, FolderError> {
        let path = self.0.join(format!("{run}.lock"));
        self.lock_with(&path, |file| file.lock().map(|()| true))
            .map(|file| file.expect("a lock that waits is taken"))
    }

    /// Takes the lock on a run, unless somebody has it.
    pub fn try_lock(&self, run: &str) -> Result<Option<File>, FolderError> {
        let path = self.0.join(format!("{run}.lock"));
        self.lock_with(&path, |file| match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        })
    }

    /// Forgets the lock of a run that is over. To be called by its holder.
    pub fn remove_lock(&self, run: &str) {
        let _ = std::fs::remove_file(self.0.join(format!("{run}.lock")));
    }

    fn lock_with(
        &self,
        path: &Utf8Path,
        take: impl Fn(&File) -> io::Result<bool>,
    ) -> Result<Option<File>, FolderError> {
        let error = |source| FolderError::Lock {
            path: path.to_owned(),
            source,
        };
        // A holder removes the file at its run's end: what we locked may not be the file any more.
        for _ in 0..100 {
            let file = File::create(path).map_err(error)?;
            if !take(&file).map_err(error)? {
                return Ok(None);
            }
            let ours = file.metadata().map_err(error)?;
            match std::fs::metadata(path) {
                Ok(there) if there.ino() == ours.ino() && there.dev() == ours.dev() => {
                    return Ok(Some(file));
                }
                _ => {}
            }
        }
        Err(error(io::Error::from(io::ErrorKind::ResourceBusy)))
    }
}

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct RunFolder(Utf8PathBuf);

impl RunFolder {
    /// Makes the folder and what is always in it.
    pub fn make(&self) -> Result<(), FolderError> {
        make_private(&self.0)?;
        make_private(&self.stacks())
    }

    /// The folder itself.
    pub fn path(&self) -> &Utf8Path {
        &self.0
    }

    /// Where the supervisor listens.
    pub fn socket(&self) -> Utf8PathBuf {
        self.0.join("socket")
    }

    /// Where the supervisor hands sockets over.
    pub fn handover(&self) -> Utf8PathBuf {
        self.0.join("handover")
    }

    /// Who owns the run, for whoever finds it after a crash.
    pub fn ownership(&self) -> Utf8PathBuf {
        self.0.join("run.json")
    }

    /// Why the supervisor could not be started, for all later processes of the run.
    pub fn failure(&self) -> Utf8PathBuf {
        self.0.join("failed.json")
    }

    /// What the supervisor itself says.
    pub fn log(&self) -> Utf8PathBuf {
        self.0.join("supervisor.log")
    }

    /// Folder of the stacks.
    pub fn stacks(&self) -> Utf8PathBuf {
        self.0.join("stacks")
    }
}

/// Makes a folder that nobody else can enter, or checks that it is one.
pub(super) fn make_private(path: &Utf8Path) -> Result<(), FolderError> {
    let error = |source| FolderError::Make {
        path: path.to_owned(),
        source,
    };
    match std::fs::DirBuilder::new().mode(0o700).create(path) {
        Err(failed) if failed.kind() != io::ErrorKind::AlreadyExists => return Err(error(failed)),
        _ => {}
    }
    // Not followed: in a folder that all may write, a link may lead anywhere.
    let metadata = std::fs::symlink_metadata(path).map_err(error)?;
    if metadata.is_dir()
        && metadata.uid() == rustix::process::getuid().as_raw()
        && metadata.mode() & 0o077 == 0
    {
        Ok(())
    } else {
        Err(FolderError::Foreign {
            path: path.to_owned(),
            owner: metadata.uid(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn temporary() -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap().to_owned();
        (folder, path)
    }

    #[test]
    fn a_long_temporary_folder_is_not_used_for_sockets() {
        let (_keep, path) = temporary();
        let long = format!("{path}/{}", "x".repeat(90));
        std::fs::create_dir(&long).unwrap();
        let state = StateFolder::open(None, Some(&long)).unwrap();
        assert!(state.path().starts_with("/tmp"), "{}", state.path());
        assert!(state.run("12345678").handover().as_str().len() < 104);
        let state = StateFolder::open(Some(&path), Some(&long)).unwrap();
        assert!(state.path().starts_with(&path), "{}", state.path());
    }

    #[test]
    fn a_folder_that_others_can_enter_is_refused() {
        let (_keep, path) = temporary();
        let state = StateFolder::open(Some(&path), None).unwrap();
        std::fs::set_permissions(state.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let error = StateFolder::open(Some(&path), None).unwrap_err();
        assert!(matches!(error, FolderError::Foreign { .. }), "{error}");
        assert!(error.hint().contains("TMPDIR"));
    }

    #[test]
    fn a_link_is_refused() {
        let (_keep, path) = temporary();
        let (_other, elsewhere) = temporary();
        let uid = rustix::process::getuid().as_raw();
        std::os::unix::fs::symlink(elsewhere, format!("{path}/stigmer-e2e-{uid}")).unwrap();
        let error = StateFolder::open(Some(&path), None).unwrap_err();
        assert!(matches!(error, FolderError::Foreign { .. }), "{error}");
    }

    #[test]
    fn a_lock_is_held_once_and_survives_removal_of_its_file() {
        let (_keep, path) = temporary();
        let state = StateFolder::open(Some(&path), None).unwrap();
        let first = state.lock("12345678").unwrap();
        assert!(state.try_lock("12345678").unwrap().is_none());
        assert!(state.try_lock("87654321").unwrap().is_some());
        // The holder's run ends while another process waits for the lock.
        let waiting = {
            let state = state.clone();
            std::thread::spawn(move || state.lock("12345678").unwrap())
        };
        state.remove_lock("12345678");
        drop(first);
        let _second = waiting.join().unwrap();
        assert!(state.try_lock("12345678").unwrap().is_none());
    }
}
