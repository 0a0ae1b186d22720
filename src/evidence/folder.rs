//! Where evidence lies: `<base>/runs/<run>/<test>/`, with a link `latest` to the newest run.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::manifest::Manifest;

/// Longest name of a test's folder: file systems end at 255 bytes, and a suffix may follow.
const LONGEST_NAME: usize = 200;

/// The evidence of one run.
#[derive(Debug, Clone)]
pub struct EvidenceFolder {
    base: Utf8PathBuf,
    run: String,
}

impl EvidenceFolder {
    /// Below `base`; nothing is made before something is kept.
    pub fn new(base: Utf8PathBuf, run: String) -> Self {
        Self { base, run }
    }

    /// Keeps the logs in `logs`, those of `shared` that are there, and the manifest. Answers the folder.
    pub fn keep(
        &self,
        logs: &Utf8Path,
        shared: &[Utf8PathBuf],
        manifest: &Manifest,
    ) -> io::Result<Utf8PathBuf> {
        let run = self.base.join("runs").join(&self.run);
        std::fs::create_dir_all(&run)?;
        let folder = fresh(&run, &file_name(&manifest.test))?;
        copy_files(logs, &folder)?;
        for log in shared {
            let name = log.file_name().unwrap_or_default();
            // A stack's own comes first; what was never started has none.
            if log.is_file() && !folder.join(name).exists() {
                std::fs::copy(log, folder.join(name))?;
            }
        }
        let text = serde_json::to_vec_pretty(manifest)?;
        std::fs::write(folder.join("manifest.json"), text)?;
        // A convenience: where it cannot be made, the printed path is still right.
        let _ = self.point_latest_here();
        Ok(folder)
    }

    fn point_latest_here(&self) -> io::Result<()> {
        let runs = self.base.join("runs");
        let next = runs.join(format!(".latest-{}", self.run));
        let _ = std::fs::remove_file(&next);
        std::os::unix::fs::symlink(&self.run, &next)?;
        std::fs::rename(next, runs.join("latest"))
    }
}

/// Makes a folder of this name, with a number behind it when there is one already: a retried test, for one.
fn fresh(parent: &Utf8Path, name: &str) -> io::Result<Utf8PathBuf> {
    for attempt in 1..1000 {
        let folder = match attempt {
            1 => parent.join(name),
            _ => parent.join(format!("{name}.{attempt}")),
        };
        match std::fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map(|()| folder),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A test's name as a file name: `scenarios::agents::an_agent_answers` becomes `scenarios.agents.an_agent_answers`.
fn file_name(test: &str) -> String {
    let name: String = test
        .replace("::", ".")
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '_'
            }
        })
        .take(LONGEST_NAME)
        .collect();
    // Nothing that is hidden, or means the folder itself or the one above it.
    match name.trim_start_matches('.') {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

fn copy_files(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    for entry in from.read_dir_utf8()? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tests_become_names_of_folders() {
        for (test, folder) in [
            ("scenarios::agents::answers", "scenarios.agents.answers"),
            ("case_1 / weird\\name", "case_1___weird_name"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("", "unnamed"),
            ("..", "unnamed"),
        ] {
            assert_eq!(file_name(test), folder, "{test:?}");
        }
        assert_eq!(file_name(&"x".repeat(300)).len(), LONGEST_NAME);
    }

    #[test]
    fn a_test_that_fails_twice_has_two_folders_and_latest_leads_to_them() {
        let base = tempfile::tempdir().unwrap();
        let base = Utf8PathBuf::from_path_buf(base.path().to_owned()).unwrap();
        let logs = base.join("logs");
        std::fs::create_dir(&logs).unwrap();
        std::fs::write(logs.join("server.log"), "a line").unwrap();
        let evidence = EvidenceFolder::new(base.clone(), "12345678".to_owned());
        let manifest = Manifest {
            test: "suite::fails".to_owned(),
            ..Manifest::default()
        };
        let first = evidence.keep(&logs, &[], &manifest).unwrap();
        let second = evidence.keep(&logs, &[], &manifest).unwrap();
        assert_eq!(first, base.join("runs/12345678/suite.fails"));
        assert_eq!(second, base.join("runs/12345678/suite.fails.2"));
        let latest = base.join("runs/latest/suite.fails.2/server.log");
        assert_eq!(std::fs::read_to_string(latest).unwrap(), "a line");
        assert!(first.join("manifest.json").is_file());
    }
}
