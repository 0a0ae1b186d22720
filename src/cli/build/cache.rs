//! Programs that were built before, by the digest of all that went into them.
//!
//! `programs/KEY/program` appears by one rename, so a build that is killed leaves nothing half-done there. Who builds
//! holds the key's lock alone, who runs the program holds it together with others; the operating system releases a
//! lock with its holder, so nothing blocks for ever.

use std::fs::{File, TryLockError};
use std::io;
use std::time::{Duration, Instant, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};

use super::error::BuildError;
use crate::cli::environment::Environment;

/// A build takes a second or more; the wait for somebody else's is not felt at this step.
const LOCK_POLL: Duration = Duration::from_millis(10);

/// A first build of everything takes two minutes on two busy cores. Who holds a lock for longer is stuck.
const LOCK_LIMIT: Duration = Duration::from_secs(600);

/// A program is about 10 MB, so that the cache stays under a third of a gigabyte.
const MOST_PROGRAMS: usize = 32;

#[derive(Debug, Clone)]
pub(crate) struct Cache {
    root: Utf8PathBuf,
}

/// A built program that nobody removes while this lives.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) program: Utf8PathBuf,
    _lock: File,
}

pub(super) enum Found {
    Program(Lease),
    Nothing(Workshop),
}

/// An empty folder to build a program in, alone. Dropped, it leaves nothing.
#[derive(Debug)]
pub(super) struct Workshop {
    pub(super) folder: Utf8PathBuf,
    home: Utf8PathBuf,
    _work: tempfile::TempDir,
    _lock: File,
}

impl Workshop {
    /// Moves `program` to where it will be found.
    pub(super) fn finish(self) -> Result<(), BuildError> {
        let finished = self.folder.join("finished");
        std::fs::create_dir(&finished).map_err(BuildError::file("make", &finished))?;
        std::fs::rename(self.folder.join("program"), finished.join("program"))
            .map_err(BuildError::file("move", &finished))?;
        std::fs::rename(&finished, &self.home).map_err(BuildError::file("move", &self.home))
    }

    /// True when there is nothing to do: it was built while this one waited for the lock.
    pub(super) fn is_done(&self) -> bool {
        self.home.exists()
    }
}

impl Cache {
    pub(crate) fn locate(
        environment: &Environment,
        directory: &Utf8Path,
    ) -> Result<Self, BuildError> {
        let root = environment
            .path("STIGMER_CACHE_DIR")
            .or_else(|| Some(environment.path("XDG_CACHE_HOME")?.join("stigmer")))
            .or_else(|| Some(environment.path("HOME")?.join(".cache/stigmer")))
            .ok_or(BuildError::NoCache)?;
        let cache = Self {
            root: directory.join(root),
        };
        for folder in ["programs", "locks", "work", "digests"] {
            let path = cache.root.join(folder);
            std::fs::create_dir_all(&path).map_err(BuildError::file("make", &path))?;
        }
        Ok(cache)
    }

    /// A folder of the cache.
    pub(super) fn folder(&self, name: &str) -> Utf8PathBuf {
        self.root.join(name)
    }

    /// The program of `key`, or the place to build it in: `finish` that and ask again.
    pub(super) async fn find(&self, key: &str) -> Result<Found, BuildError> {
        let program = self.folder("programs").join(key).join("program");
        let lock = self.lock_file(key)?;
        wait(|| lock.try_lock_shared())
            .await
            .map_err(self.locking(key))?;
        if program.is_file() {
            self.note_use(key);
            return Ok(Found::Program(Lease {
                program,
                _lock: lock,
            }));
        }
        // Nobody gets the lock alone while this one is held.
        drop(lock);
        let lock = self.lock_file(key)?;
        wait(|| lock.try_lock()).await.map_err(self.locking(key))?;
        self.sweep(key);
        let folder = self.folder("work");
        let work = tempfile::Builder::new()
            .prefix(&format!("{key}."))
            .tempdir_in(&folder)
            .map_err(BuildError::file("make a folder in", &folder))?;
        Ok(Found::Nothing(Workshop {
            folder: Utf8PathBuf::from_path_buf(work.path().to_owned()).unwrap_or(folder),
            home: self.folder("programs").join(key),
            _work: work,
            _lock: lock,
        }))
    }

    fn lock_file(&self, key: &str) -> Result<File, BuildError> {
        let path = self.folder("locks").join(key);
        File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(BuildError::file("open", &path))
    }

    fn locking(&self, key: &str) -> impl FnOnce(io::Error) -> BuildError {
        BuildError::file("lock", self.folder("locks").join(key))
    }

    /// For the order in which old programs go.
    fn note_use(&self, key: &str) {
        let _unsaved = std::fs::write(self.folder("programs").join(key).join("used"), "");
    }

    /// Removes what killed builds left and the programs that were not used for longest. Nothing depends on it, so what
    /// does not work is left for the next time. `held` is the key whose lock the caller has.
    fn sweep(&self, held: &str) {
        let work = self.folder("work");
        for name in entries(&work) {
            let key = name.split('.').next().unwrap_or_default();
            self.remove_unlocked(key, held, &work.join(&name));
        }
        let programs = self.folder("programs");
        let mut by_use: Vec<(SystemTime, String)> = entries(&programs)
            .into_iter()
            .map(|key| (last_use(&programs.join(&key)), key))
            .collect();
        by_use.sort();
        let surplus = by_use.len().saturating_sub(MOST_PROGRAMS - 1);
        for (_, key) in by_use.into_iter().take(surplus) {
            self.remove_unlocked(&key, held, &programs.join(&key));
        }
    }

    fn remove_unlocked(&self, key: &str, held: &str, path: &Utf8Path) {
        if key == held {
            let _left = std::fs::remove_dir_all(path);
        } else if let Ok(lock) = self.lock_file(key)
            && lock.try_lock().is_ok()
        {
            let _left = std::fs::remove_dir_all(path);
        }
    }
}

fn entries(folder: &Utf8Path) -> Vec<String> {
    folder.read_dir_utf8().map_or_else(
        |_| Vec::new(),
        |entries| {
            entries
                .flatten()
                .map(|entry| entry.file_name().to_owned())
                .collect()
        },
    )
}

fn last_use(program: &Utf8Path) -> SystemTime {
    std::fs::metadata(program.join("used"))
        .and_then(|metadata| metadata.modified())
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// File locks cannot be awaited; a thread that blocks on one could not be cancelled.
async fn wait(lock: impl Fn() -> Result<(), TryLockError>) -> io::Result<()> {
    let deadline = Instant::now() + LOCK_LIMIT;
    while Instant::now() < deadline {
        match lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_POLL).await,
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    let held = format!("another process has held it for {} s", LOCK_LIMIT.as_secs());
    Err(io::Error::new(io::ErrorKind::TimedOut, held))
}
