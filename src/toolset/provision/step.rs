//! Running one program of a step, its output kept in a log.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

use super::ProvisionError;
use super::progress::StepProgress;
use crate::sys::{self, Belongings};

/// Lines of output that an error shows: enough for pip's and go's messages, few enough for one screen.
const TAIL: usize = 20;

/// Marks all that a provisioning starts with its folder: children of children outlive a provisioning that is killed.
const MARK: &str = "STIGMER_E2E_PROVISION";

/// Ends what a killed provisioning of this folder left running, which would write to it still. To be called under its
/// lock.
pub(super) fn end_what_was_left(toolset: &Utf8Path) {
    let belongings = Belongings {
        marks: vec![format!("{MARK}={toolset}")],
        ..Belongings::default()
    };
    belongings.end();
}

/// Runs `command` to its end. It dies with this thread; what it started itself carries the mark.
pub(super) fn run(
    what: &'static str,
    command: &mut Command,
    toolset: &Utf8Path,
    log: &Utf8Path,
    progress: &StepProgress,
) -> Result<(), ProvisionError> {
    let write_error = |source| ProvisionError::Write {
        path: log.to_owned(),
        source,
    };
    let mut log_file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .map_err(write_error)?;
    let program = Utf8PathBuf::from(command.get_program().to_string_lossy().into_owned());
    let (reader, writer) = std::io::pipe().map_err(write_error)?;
    let second = writer.try_clone().map_err(write_error)?;
    command.stdin(Stdio::null()).stdout(writer).stderr(second);
    command.env(MARK, toolset);
    command.arg0(program.as_str());
    let mut child =
        sys::spawn(command, sys::Life::WithParent, &sys::Inherit::nothing()).map_err(|source| {
            ProvisionError::Run {
                program: program.clone(),
                source,
            }
        })?;
    let shown = shown(command);
    // The command holds the pipe's other ends: without this the reading below would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut tail = VecDeque::new();
    let _ = writeln!(log_file, "$ {shown}");
    for line in BufReader::new(reader).split(b'\n') {
        let Ok(line) = line else { break };
        let line = String::from_utf8_lossy(&line).into_owned();
        let _ = writeln!(log_file, "{line}");
        progress.at(line.trim());
        if tail.len() == TAIL {
            tail.pop_front();
        }
        tail.push_back(line);
    }
    let status = child
        .wait()
        .map_err(|source| ProvisionError::Run { program, source })?;
    if status.success() {
        return Ok(());
    }
    Err(ProvisionError::Failed {
        what,
        command: shown,
        status: status.to_string(),
        tail: Vec::from(tail).join("\n"),
        log: log.to_owned(),
    })
}

fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
