//! How an error reaches a person: what went wrong, why, and what cures it.

use std::process::ExitCode;

use stigmer_e2e::supervisor::{FolderError, LaunchError, LeaseError};
use stigmer_e2e::toolset::{ProvisionError, ToolsetError};

/// Prints an error with its causes and its hint.
#[expect(clippy::print_stderr, reason = "this is where errors are printed")]
pub(super) fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error}");
    let mut last = error.to_string();
    for cause in error.chain().skip(1) {
        let text = cause.to_string();
        // A transparent error says what its cause says.
        if text != last {
            eprintln!("  caused by: {text}");
        }
        last = text;
    }
    if let Some(hint) = error.chain().find_map(hint) {
        eprintln!("hint: {hint}");
    }
    ExitCode::FAILURE
}

fn hint(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    None.or_else(|| error.downcast_ref::<ProvisionError>()?.hint())
        .or_else(|| error.downcast_ref::<ToolsetError>()?.hint())
        .or_else(|| error.downcast_ref::<LeaseError>()?.hint())
        .or_else(|| error.downcast_ref::<LaunchError>()?.hint())
        .or_else(|| Some(error.downcast_ref::<FolderError>()?.hint()))
}
