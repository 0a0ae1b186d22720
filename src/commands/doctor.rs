//! `doctor`: what is found where, what is wrong, what cures it.

use std::process::ExitCode;

use stigmer_e2e::toolset::{Diagnosis, Surroundings, diagnose};

#[expect(clippy::print_stdout, reason = "the diagnosis is the command's output")]
pub(super) fn run() -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::of_this_process()?;
    let mut ill = false;
    for diagnosis in diagnose(&surroundings)? {
        match diagnosis {
            Diagnosis::Healthy(found) => {
                println!("✓ {}: {} ({})", found.tool, found.version, found.origin);
                println!("    {}", found.path);
            }
            Diagnosis::Ill(problem) => {
                ill = true;
                println!("✗ {}: {}", problem.tool, problem.what);
                if let Some(path) = problem.path {
                    println!("    {path}");
                }
                println!("    cure: {}", problem.cure);
            }
        }
    }
    Ok(if ill {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
