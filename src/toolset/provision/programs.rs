//! The ready-made programs: an environment that holds the pinned wheels.

use std::process::Command;

use camino::Utf8Path;

use super::ProvisionError;
use super::layout::{COMPLETE, Layout, in_complete};
use super::progress::Progress;
use super::python::Python;
use super::step;
use crate::toolset::pins::Pins;
use crate::toolset::probe;

const WHAT: &str = "installing Temporal and nextest";

/// Installs what is pinned, unless it is there.
pub(super) fn provision(layout: &Layout, progress: &Progress) -> Result<bool, ProvisionError> {
    let requirements = Pins::load().requirements(layout.with_go);
    let records: [(&str, &[&str]); 2] = [
        ("bin/temporal", &["--version"]),
        ("bin/cargo-nextest", &["nextest", "--version"]),
    ];
    install(
        WHAT,
        &layout.python,
        &layout.programs,
        &requirements,
        &records,
        progress,
    )
}

/// Makes an environment with exactly these requirements, unless it is there, and writes down the versions of programs
/// in it. Answers whether it did anything.
pub(super) fn install(
    what: &'static str,
    python: &Python,
    folder: &Utf8Path,
    requirements: &str,
    records: &[(&str, &[&str])],
    progress: &Progress,
) -> Result<bool, ProvisionError> {
    if in_complete(folder).is_some() {
        return Ok(false);
    }
    python.can_make_environments()?;
    let progress = progress.step(what);
    let write_error = |source| ProvisionError::Write {
        path: folder.to_owned(),
        source,
    };
    // What a killed run left is worth nothing: pip may have ended between any two files.
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(write_error(error));
        }
        _ => {}
    }
    let log = folder.with_extension("log");
    let toolset = folder
        .parent()
        .expect("an environment lies in the toolset's folder");
    let _ = std::fs::remove_file(&log);
    let mut command = Command::new(&python.path);
    command.args(["-m", "venv", folder.as_str()]);
    step::run(what, &mut command, toolset, &log, &progress)?;
    let list = folder.join("requirements.txt");
    std::fs::write(&list, requirements).map_err(write_error)?;
    let mut command = Command::new(folder.join("bin/python"));
    command.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
    ]);
    command.args([
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "--compile",
    ]);
    command.args(["--requirement", list.as_str()]);
    step::run(what, &mut command, toolset, &log, &progress)?;
    for (program, arguments) in records {
        probe::write_record(&folder.join(program), arguments).map_err(write_error)?;
    }
    std::fs::write(folder.join(COMPLETE), "").map_err(write_error)?;
    progress.done();
    Ok(true)
}
