//! Archives of skills. The same files make the same bytes, so that the server stores them once.

use std::io::{Cursor, Write as _};

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::connection::MESSAGE_LIMIT;

pub(crate) const SKILL_FILE: &str = "SKILL.md";

/// The other fields of a push.
const ENVELOPE: usize = 4 * 1024;

/// Folders and files that tools leave beside a skill.
const FOREIGN: [&str; 5] = ["node_modules", "venv", "__pycache__", "target", "Thumbs.db"];
const FOREIGN_ENDINGS: [&str; 5] = [".pyc", ".pyo", ".log", ".swp", "~"];

#[derive(Debug, Error)]
pub(crate) enum ArchiveError {
    #[error("{SKILL_FILE} not found in {directory}")]
    NoSkillFile { directory: Utf8PathBuf },
    #[error("{directory} does not exist or is no directory")]
    NoDirectory { directory: Utf8PathBuf },
    #[error("{path} is empty")]
    Empty { path: Utf8PathBuf },
    #[error("the archive has more than {} MB", MESSAGE_LIMIT / 1024 / 1024)]
    TooLarge,
    #[error("cannot read {path}")]
    Unreadable {
        path: Utf8PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot write the archive")]
    Write(#[source] zip::result::ZipError),
}

impl ArchiveError {
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::NoSkillFile { .. } | Self::Empty { .. } => {
                format!(
                    "A skill is a directory with a {SKILL_FILE} that says what it is for and how to use it."
                )
            }
            Self::NoDirectory { .. } => "Give the directory of a skill.".to_owned(),
            Self::TooLarge => {
                "The server takes no more in one message: leave out what the skill does not need."
                    .to_owned()
            }
            Self::Unreadable { path, .. } => format!("Make {path} readable, or move it away."),
            Self::Write(_) => "Look at the names of the skill's files.".to_owned(),
        }
    }
}

/// Packs a skill's directory; gives the archive and the number of files.
pub(crate) fn pack(directory: &Utf8Path) -> Result<(Vec<u8>, usize), ArchiveError> {
    if !directory.is_dir() {
        return Err(ArchiveError::NoDirectory {
            directory: directory.to_owned(),
        });
    }
    let text = directory.join(SKILL_FILE);
    match std::fs::metadata(&text) {
        Ok(metadata) if metadata.is_file() && metadata.len() > 0 => {}
        Ok(metadata) if metadata.is_file() => return Err(ArchiveError::Empty { path: text }),
        _ => {
            return Err(ArchiveError::NoSkillFile {
                directory: directory.to_owned(),
            });
        }
    }
    let mut files = Vec::new();
    let mut total = 0;
    collect(directory, &mut files)?;
    files.sort();
    let mut contents = Vec::with_capacity(files.len());
    for path in &files {
        let content = std::fs::read(path).map_err(unreadable(path))?;
        total += content.len();
        // Before it is all in memory.
        if total > MESSAGE_LIMIT {
            return Err(ArchiveError::TooLarge);
        }
        let name = path.strip_prefix(directory).unwrap_or(path);
        contents.push((name.as_str(), content));
    }
    let archive = write(
        contents
            .iter()
            .map(|(name, content)| (*name, content.as_slice())),
    )?;
    Ok((archive, files.len()))
}

/// The archive of a skill that is only text.
pub(crate) fn of_text(text: &str) -> Result<Vec<u8>, ArchiveError> {
    write([(SKILL_FILE, text.as_bytes())].into_iter())
}

/// Stored, not compressed: the bytes depend on the files alone, not on a compressor's version.
fn write<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<Vec<u8>, ArchiveError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for (name, content) in files {
        archive
            .start_file(name, options)
            .and_then(|()| Ok(archive.write_all(content)?))
            .map_err(ArchiveError::Write)?;
    }
    let bytes = archive.finish().map_err(ArchiveError::Write)?.into_inner();
    if bytes.len() + ENVELOPE > MESSAGE_LIMIT {
        return Err(ArchiveError::TooLarge);
    }
    Ok(bytes)
}

fn collect(folder: &Utf8Path, files: &mut Vec<Utf8PathBuf>) -> Result<(), ArchiveError> {
    for entry in folder.read_dir_utf8().map_err(unreadable(folder))? {
        let entry = entry.map_err(unreadable(folder))?;
        if is_foreign(entry.file_name()) {
            continue;
        }
        let path = entry.path().to_owned();
        let kind = entry.file_type().map_err(unreadable(&path))?;
        if kind.is_dir() {
            collect(&path, files)?;
        } else if kind.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn is_foreign(name: &str) -> bool {
    name.starts_with('.')
        || FOREIGN.contains(&name)
        || FOREIGN_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn unreadable(path: &Utf8Path) -> impl FnOnce(std::io::Error) -> ArchiveError {
    let path = path.to_owned();
    move |source| ArchiveError::Unreadable { path, source }
}
