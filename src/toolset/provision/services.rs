//! The Go services, built from the checkout with the digest of their sources linked in.

use std::process::Command;

use camino::Utf8PathBuf;

use super::ProvisionError;
use super::layout::Layout;
use super::progress::{Progress, StepProgress};
use super::step;
use crate::toolset::{Surroundings, Tool, go_program_digest, probe};

const WHAT: &str = "building the services";

/// Program, its folder of sources, its package.
const PROGRAMS: [(Tool, &str, &str); 3] = [
    (
        Tool::StigmerServer,
        "stigmer-server",
        "./stigmer-server/cmd/stigmer-server",
    ),
    (
        Tool::StigmerStore,
        "stigmer-server",
        "./stigmer-server/cmd/stigmer-store",
    ),
    (
        Tool::WorkflowRunner,
        "workflow-runner",
        "./workflow-runner/cmd/workflow-runner",
    ),
];

/// Builds what is not there or was built from other sources. Answers whether it did anything.
pub(super) fn provision(
    surroundings: &Surroundings,
    layout: &Layout,
    go: &Utf8PathBuf,
    progress: &Progress,
) -> Result<bool, ProvisionError> {
    let mut stale = Vec::new();
    for (tool, folder, package) in PROGRAMS {
        let digest = go_program_digest(surroundings.workspace(), folder).map_err(|source| {
            ProvisionError::Read {
                path: surroundings.workspace().join("services"),
                source,
            }
        })?;
        let program = layout.services.join(tool.program());
        let current = program.is_file()
            && probe::read_record(&program)
                .is_some_and(|line| line.ends_with(&format!("sources {digest}")));
        if !current {
            stale.push((program, digest, package));
        }
    }
    if stale.is_empty() {
        return Ok(false);
    }
    std::fs::create_dir_all(&layout.services).map_err(|source| ProvisionError::Write {
        path: layout.services.clone(),
        source,
    })?;
    let progress = progress.step(WHAT);
    for (program, digest, package) in &stale {
        build(surroundings, go, program, digest, package, &progress)?;
    }
    progress.done();
    Ok(true)
}

fn build(
    surroundings: &Surroundings,
    go: &Utf8PathBuf,
    program: &Utf8PathBuf,
    digest: &str,
    package: &str,
    progress: &StepProgress,
) -> Result<(), ProvisionError> {
    let next = program.with_extension("new");
    let variable = "github.com/stigmer/stigmer-e2e/services/internal/build.Digest";
    let mut command = Command::new(go);
    command
        .current_dir(surroundings.workspace().join("services"))
        .envs(go_environment(surroundings))
        .args(["build", "-mod=readonly", "-trimpath", "-buildvcs=false"])
        .arg(format!("-ldflags=-s -w -X {variable}={digest}"))
        .args(["-o", next.as_str(), package]);
    let log = program.with_extension("log");
    let _ = std::fs::remove_file(&log);
    step::run(
        WHAT,
        &mut command,
        &surroundings.toolset_folder(),
        &log,
        progress,
    )?;
    let write_error = |source| ProvisionError::Write {
        path: program.clone(),
        source,
    };
    // A rename, so that a run that has the old one open keeps it and nobody sees half a program. The record comes last:
    // without it the program counts as stale.
    let _ = std::fs::remove_file(probe::record(program));
    std::fs::rename(&next, program).map_err(write_error)?;
    probe::write_record(program, &["--version"]).map_err(write_error)
}

/// Go's own folders, explicit, so that no private HOME ever gets them. Modules can be deleted like any other file.
pub(super) fn go_environment(surroundings: &Surroundings) -> Vec<(&'static str, String)> {
    let cache = surroundings.cache_folder();
    vec![
        ("GOCACHE", cache.join("go-build").into_string()),
        ("GOMODCACHE", cache.join("go-mod").into_string()),
        ("GOPATH", cache.join("go").into_string()),
        ("GOFLAGS", "-modcacherw".to_owned()),
        ("GOTOOLCHAIN", "local".to_owned()),
        ("CGO_ENABLED", "0".to_owned()),
    ]
}
