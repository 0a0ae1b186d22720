//! `provision`: installs and builds what is missing.

use std::process::ExitCode;

use stigmer_e2e::toolset::{Provisioned, Surroundings, provision};

#[expect(clippy::print_stderr, reason = "progress is for people")]
pub(super) fn run() -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::of_this_process()?;
    match provision(&surroundings)? {
        Provisioned::NotHere => eprintln!("STIGMER_E2E_TOOLSET is `path`: programs come from PATH"),
        Provisioned::Nothing => eprintln!("all programs are there"),
        Provisioned::Something => {}
    }
    Ok(ExitCode::SUCCESS)
}
