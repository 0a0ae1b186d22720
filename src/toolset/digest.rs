//! Digests of the services' sources. A program that was built from other sources than the checkout's is refused.
//!
//! A digest is SHA-256 over one line `<SHA-256 of the file>  <path>` a file, sorted by path: `nix/digest.nix` and the
//! agent-runner itself compute the same.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};

/// Digests of this checkout's services.
#[derive(Debug, Clone)]
pub struct SourceDigests {
    pub stigmer_server: String,
    pub workflow_runner: String,
    pub agent_runner: String,
}

impl SourceDigests {
    /// Reads the sources below `workspace`.
    pub fn of(workspace: &Utf8Path) -> io::Result<Self> {
        Ok(Self {
            stigmer_server: go_program_digest(workspace, "stigmer-server")?,
            workflow_runner: go_program_digest(workspace, "workflow-runner")?,
            agent_runner: agent_runner_digest(workspace)?,
        })
    }
}

/// Digest of the sources of a Go program: its folder, what the programs share, and the module files. Tests and their
/// data do not count.
pub fn go_program_digest(workspace: &Utf8Path, folder: &str) -> io::Result<String> {
    let services = workspace.join("services");
    let mut files = BTreeMap::new();
    for name in ["go.mod", "go.sum", "stubs-go/go.mod"] {
        add(&services, &services.join(name), &mut files)?;
    }
    for part in [folder, "internal", "stubs-go/ai"] {
        walk(&services, &services.join(part), &mut files, &|path| {
            path.extension() == Some("go") && !path.as_str().ends_with("_test.go")
        })?;
    }
    Ok(combine(&files))
}

/// Digest of the agent-runner's package, relative to the package's own folder.
pub fn agent_runner_digest(workspace: &Utf8Path) -> io::Result<String> {
    let package = workspace.join("services/agent-runner/src/agent_runner");
    let mut files = BTreeMap::new();
    walk(&package, &package, &mut files, &|path| {
        path.extension() == Some("py")
    })?;
    Ok(combine(&files))
}

/// Digest of a text, for stamps.
pub(super) fn of_text(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn walk(
    root: &Utf8Path,
    folder: &Utf8Path,
    files: &mut BTreeMap<String, String>,
    counts: &dyn Fn(&Utf8Path) -> bool,
) -> io::Result<()> {
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if path.file_name() != Some("testdata") {
                walk(root, path, files, counts)?;
            }
        } else if counts(path) {
            add(root, path, files)?;
        }
    }
    Ok(())
}

fn add(root: &Utf8Path, path: &Utf8Path, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    let content = std::fs::read(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))?;
    let relative: Utf8PathBuf = path.strip_prefix(root).unwrap_or(path).to_owned();
    files.insert(relative.into_string(), hex(&Sha256::digest(&content)));
    Ok(())
}

fn combine(files: &BTreeMap<String, String>) -> String {
    let mut hasher = Sha256::new();
    for (path, digest) in files {
        hasher.update(format!("{digest}  {path}\n"));
    }
    hex(&hasher.finalize())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
