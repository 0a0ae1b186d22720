//! `provision`: installs and builds what is missing.

use std::process::ExitCode;

use anyhow::ensure;
use stigmer_e2e::cli::Cli;
use stigmer_e2e::stack::command_environment;
use stigmer_e2e::supervisor::Ready;
use stigmer_e2e::toolset::{Provisioned, Surroundings, provision};

/// A program that uses the SDK: compiling it once compiles the SDK.
const SAMPLE: &str = "testdata/basic_agent.go";

#[expect(clippy::print_stderr, reason = "progress is for people")]
pub(super) fn run() -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::of_this_process()?;
    match ensure(&surroundings)? {
        Provisioned::NotHere => eprintln!("STIGMER_E2E_TOOLSET is `path`: programs come from PATH"),
        Provisioned::Nothing => eprintln!("all programs are there"),
        Provisioned::Something => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes sure that all programs are there, and that the SDK is compiled: the first test need not wait for it, and no
/// test needs the network.
pub(super) fn ensure(surroundings: &Surroundings) -> anyhow::Result<Provisioned> {
    let did = provision(surroundings)?;
    if did == Provisioned::NotHere {
        return Ok(did);
    }
    let folder = tempfile::tempdir()?;
    let ready = Ready {
        folder: folder.path().to_string_lossy().into_owned(),
        ..Ready::default()
    };
    for name in ["home", "tmp"] {
        std::fs::create_dir(folder.path().join(name))?;
    }
    let output = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(
            Cli::new()
                .args(["apply", "--dry-run", "--config", SAMPLE])
                .cwd(surroundings.workspace())
                .envs(command_environment(surroundings, "provision", &ready))
                .run(),
        );
    ensure!(output.code == 0, "the SDK does not compile\n{output}");
    Ok(did)
}
