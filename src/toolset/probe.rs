//! Asking a program who it is.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use super::surroundings::Surroundings;

/// A program that prints its version does so in milliseconds; a Python behind a version manager's shim on a busy
/// machine takes seconds. What takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often to look whether it has ended: a tenth of what the quickest of them takes.
const INTERVAL: Duration = Duration::from_millis(1);

/// Runs `program arguments…` and answers the first line of its standard output.
pub(super) fn first_line(program: &Utf8Path, arguments: &[&str]) -> Result<String, String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot be run: {error}"))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(INTERVAL),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!(
                    "did not answer {arguments:?} within {} s",
                    PATIENCE.as_secs()
                ));
            }
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    }
    // Versions are short: the pipes hold them whole, so reading after the end cannot block.
    let output = child
        .wait_with_output()
        .map_err(|error| format!("cannot be read: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let first = text.lines().next().unwrap_or_default().trim().to_owned();
    if output.status.success() && !first.is_empty() {
        return Ok(first);
    }
    let error = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "{} on {arguments:?}: {}",
        output.status,
        error.lines().last().unwrap_or("no output").trim()
    ))
}

/// What `go version` would say, read from the file beside the program where there is one: tests ask often.
pub(super) fn go_version(go: &Utf8Path) -> Result<String, String> {
    let written = go
        .canonicalize_utf8()
        .ok()
        .and_then(|go| Some(go.parent()?.parent()?.join("VERSION")))
        .and_then(|file| std::fs::read_to_string(file).ok())
        .and_then(|text| text.lines().next().map(|line| format!("go version {line}")));
    written.map_or_else(|| first_line(go, &["version"]), Ok)
}

/// Where provisioning writes down what a program that it made answers to `--version`.
pub(super) fn record(program: &Utf8Path) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("{program}.version"))
}

/// Asks a program that was just made for its version, and writes the answer down.
pub(super) fn write_record(program: &Utf8Path, arguments: &[&str]) -> std::io::Result<()> {
    let line = first_line(program, arguments).map_err(std::io::Error::other)?;
    let path = record(program);
    let next = Utf8PathBuf::from(format!("{path}.new"));
    std::fs::write(&next, line)?;
    std::fs::rename(next, path)
}

/// What was written down.
pub(super) fn read_record(program: &Utf8Path) -> Option<String> {
    std::fs::read_to_string(record(program)).ok()
}

/// The program of this name on the surroundings' `PATH`.
pub(super) fn on_path(surroundings: &Surroundings, name: &str) -> Option<Utf8PathBuf> {
    let path = surroundings.variable("PATH")?;
    which::which_in(name, Some(path), surroundings.workspace())
        .ok()
        .and_then(|path| Utf8PathBuf::from_path_buf(path).ok())
}

/// The oldest Go that the services' modules allow.
const OLDEST_GO: (u32, u32) = (1, 26);

/// Whether `go version` answered a version that is new enough.
pub(super) fn go_is_new_enough(line: &str) -> bool {
    // go version go1.26.8 linux/amd64
    line.split(' ')
        .nth(2)
        .and_then(|version| two_numbers(version.trim_start_matches("go")))
        .is_some_and(|version| version >= OLDEST_GO)
}

/// The first two numbers of a version.
pub(super) fn two_numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_go_are_compared_as_numbers() {
        for (line, enough) in [
            ("go version go1.26.0 linux/amd64", true),
            ("go version go1.26rc1 linux/amd64", true),
            ("go version go2.0 linux/amd64", true),
            ("go version go1.9.7 linux/amd64", false),
            ("go version go1.25.13 darwin/arm64", false),
            ("go version devel +1234", false),
            ("", false),
        ] {
            assert_eq!(go_is_new_enough(line), enough, "{line}");
        }
    }

    #[test]
    fn a_program_that_fails_says_how() {
        let error = first_line("/bin/sh".into(), &["-c", "echo no >&2; exit 3"]).unwrap_err();
        assert!(
            error.contains("exit status: 3") && error.contains("no"),
            "{error}"
        );
        let error = first_line("/nonexistent/program".into(), &[]).unwrap_err();
        assert!(error.contains("cannot be run"), "{error}");
    }
}
