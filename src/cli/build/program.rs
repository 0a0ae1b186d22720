//! Running a project's program and reading what it declared.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use super::cache::Lease;
use super::error::BuildError;
use crate::cli::console::Console;
use crate::cli::environment::Environment;
use crate::cli::process::Group;
use crate::cli::project::Project;

/// A program that only declares takes milliseconds. One that reads many files on a busy machine takes seconds.
const LIMIT: Duration = Duration::from_secs(120);

/// Enough for a panic's first lines; a program that writes more keeps its end.
const TAIL: usize = 64 * 1024;

/// Runs the program with `STIGMER_OUT_DIR` set to `out`, in the project's directory. What it prints is passed on;
/// gives true when it printed anything.
pub(crate) async fn run(
    lease: &Lease,
    project: &Project,
    out: &Utf8Path,
    environment: &Environment,
    console: &Console,
) -> Result<bool, BuildError> {
    let main = project.main.file_name().unwrap_or_default().to_owned();
    let failed = |source| BuildError::Start {
        program: project.main.clone(),
        source,
    };
    let mut command = Command::new(&lease.program);
    command
        .current_dir(&project.directory)
        .env_clear()
        .envs(environment.iter())
        .env("STIGMER_OUT_DIR", out)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Group::spawn(&mut command).map_err(failed)?;
    let stdout = group.child().stdout.take();
    let stderr = group.child().stderr.take();
    let mut errors = Vec::new();
    let mut printed = false;
    let all = async {
        let (_, _, status) = tokio::join!(
            pass_on(stdout, |bytes| {
                console.prose_bytes(bytes);
                printed = true;
            }),
            pass_on(stderr, |bytes| {
                console.complaint_bytes(bytes);
                errors.extend_from_slice(bytes);
                let surplus = errors.len().saturating_sub(TAIL);
                errors.drain(..surplus);
            }),
            group.wait(),
        );
        status
    };
    let status = match tokio::time::timeout(LIMIT, all).await {
        Ok(status) => status.map_err(failed)?,
        Err(_elapsed) => return Err(BuildError::Hung { main, limit: LIMIT }),
    };
    if status.success() {
        return Ok(printed);
    }
    Err(BuildError::Program {
        main,
        status: describe(status),
        message: reason(&String::from_utf8_lossy(&errors)),
    })
}

/// Until the end of the stream. An unreadable pipe ends like a closed one: the exit status tells the rest.
async fn pass_on(stream: Option<impl AsyncRead + Unpin>, mut sink: impl FnMut(&[u8])) {
    let Some(mut stream) = stream else { return };
    let mut buffer = vec![0; 8 * 1024];
    while let Ok(count) = stream.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        sink(&buffer[..count]);
    }
}

fn describe(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit status {code}"),
        None => status.to_string(),
    }
}

/// The line that says why: a panic's or the runtime's, else the last one that is not part of a list under another.
fn reason(errors: &str) -> String {
    let lines = || errors.lines().filter(|line| !line.trim().is_empty());
    lines()
        .find(|line| line.starts_with("panic: ") || line.starts_with("fatal error: "))
        .or_else(|| lines().rfind(|line| !line.starts_with([' ', '\t'])))
        .unwrap_or_default()
        .trim_end()
        .to_owned()
}

/// Where the SDK's files go; removed when this is dropped, also on an error.
pub(crate) fn out_directory(
    environment: &Environment,
) -> Result<(tempfile::TempDir, Utf8PathBuf), BuildError> {
    let folder = environment
        .path("TMPDIR")
        .unwrap_or_else(|| Utf8PathBuf::from("/tmp"));
    let directory = tempfile::Builder::new()
        .prefix("stigmer-apply-")
        .tempdir_in(&folder)
        .map_err(BuildError::file("make a folder in", &folder))?;
    let path = Utf8PathBuf::from_path_buf(directory.path().to_owned()).unwrap_or(folder);
    Ok((directory, path))
}
