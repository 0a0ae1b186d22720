//! Digests of what goes into a build.

use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};

use super::error::BuildError;

/// More is no project of agents but a home directory by mistake.
const MOST_FILES: usize = 20_000;
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// File systems keep time stamps in steps of some milliseconds: a file that has just changed may change again without a
/// new stamp, so what was read then is not remembered.
const SETTLED: Duration = Duration::from_secs(2);

/// Collects named inputs into one digest.
pub(super) struct Inputs(Sha256);

impl Inputs {
    pub(super) fn new() -> Self {
        Self(Sha256::new())
    }

    /// Lengths go in too, so that no two lists of inputs run into the same bytes.
    pub(super) fn add(&mut self, name: &str, value: &[u8]) {
        for part in [name.as_bytes(), value] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    pub(super) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// A file of a directory tree.
#[derive(Debug, Clone)]
pub(super) struct SourceFile {
    /// Path under the tree's root.
    pub(super) name: Utf8PathBuf,
    pub(super) path: Utf8PathBuf,
    stamp: Stamp,
}

#[derive(Debug, Clone, Copy)]
struct Stamp {
    length: u64,
    inode: u64,
    /// Seconds and nanoseconds of the last change of content or inode; nobody can set it back.
    changed: (i64, i64),
}

/// All files of a tree in the order of their names. Hidden folders and those of other tools are no sources.
pub(super) fn files(root: &Utf8Path) -> Result<Vec<SourceFile>, BuildError> {
    let mut found = Vec::new();
    let mut bytes = 0;
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder
            .read_dir_utf8()
            .map_err(BuildError::file("read", &folder))?
        {
            let entry = entry.map_err(BuildError::file("read", &folder))?;
            let path = entry.path().to_owned();
            let kind = entry.file_type().map_err(BuildError::file("read", &path))?;
            if kind.is_dir() {
                if !is_foreign(entry.file_name()) {
                    folders.push(path);
                }
                continue;
            }
            // Through links, as the compiler reads; a link to nowhere or to a folder is no source.
            let Ok(metadata) = std::fs::metadata(&path) else {
                continue;
            };
            if !metadata.is_file() {
                continue;
            }
            bytes += metadata.len();
            if found.len() == MOST_FILES || bytes > MOST_BYTES {
                return Err(BuildError::TooLarge {
                    directory: root.to_owned(),
                    limit: MOST_FILES,
                    megabytes: MOST_BYTES / 1024 / 1024,
                });
            }
            let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
            let stamp = Stamp {
                length: metadata.len(),
                inode: metadata.ino(),
                changed: (metadata.ctime(), metadata.ctime_nsec()),
            };
            found.push(SourceFile { name, path, stamp });
        }
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}

fn is_foreign(folder: &str) -> bool {
    folder.starts_with('.') || matches!(folder, "node_modules" | "target")
}

/// Digest of names and contents of a tree. Contents are read only when a time stamp, size or inode has changed since the
/// last time; `memory` is the folder that keeps that.
pub(super) fn tree(root: &Utf8Path, memory: &Utf8Path) -> Result<String, BuildError> {
    let files = files(root)?;
    let fingerprint = fingerprint(&files);
    let note = memory.join(text(root.as_str().as_bytes()));
    if let Some(known) = remembered(&note, &fingerprint) {
        return Ok(known);
    }
    let mut inputs = Inputs::new();
    for file in &files {
        let content = std::fs::read(&file.path).map_err(BuildError::file("read", &file.path))?;
        inputs.add(file.name.as_str(), &content);
    }
    let digest = inputs.finish();
    if is_settled(&files) {
        remember(memory, &note, &format!("{fingerprint} {digest}"));
    }
    Ok(digest)
}

pub(super) fn text(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

fn fingerprint(files: &[SourceFile]) -> String {
    let mut inputs = Inputs::new();
    for file in files {
        let Stamp {
            length,
            inode,
            changed,
        } = file.stamp;
        let stamp = format!("{length} {inode} {} {}", changed.0, changed.1);
        inputs.add(file.name.as_str(), stamp.as_bytes());
    }
    inputs.finish()
}

fn is_settled(files: &[SourceFile]) -> bool {
    let Ok(now) = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) else {
        return false;
    };
    let settled = now.saturating_sub(SETTLED).as_secs();
    files
        .iter()
        .all(|file| u64::try_from(file.stamp.changed.0).is_ok_and(|changed| changed < settled))
}

fn remembered(note: &Utf8Path, fingerprint: &str) -> Option<String> {
    let text = std::fs::read_to_string(note).ok()?;
    let (known, digest) = text.split_once(' ')?;
    (known == fingerprint).then(|| digest.to_owned())
}

/// Only saves time, so a folder that cannot be written is no error.
fn remember(memory: &Utf8Path, note: &Utf8Path, text: &str) {
    let write = || -> std::io::Result<()> {
        let file = tempfile::NamedTempFile::new_in(memory)?;
        std::fs::write(file.path(), text)?;
        file.persist(note)?;
        Ok(())
    };
    let _unsaved = write();
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _infallible = write!(text, "{byte:02x}");
    }
    text
}
