//! What a test waits for once it has its stack.

use std::time::Instant;

use stigmer_e2e::cli::{Cli, Output};
use stigmer_e2e::model::ModelScript;

use crate::ground::Ground;
use crate::statistics::{Samples, shown};

pub(crate) const APPLY: [&str; 3] = ["apply", "--config", "testdata/basic_agent.go"];
pub(crate) const RUN: [&str; 4] = ["run", "test-agent", "--message", "hello"];

/// A script that answers everything.
pub(crate) fn answers() -> ModelScript {
    ModelScript::default().reply_by_default("Hello.")
}

pub(crate) fn succeeded(output: &Output) -> anyhow::Result<()> {
    anyhow::ensure!(output.code == 0, "{}{}", output.stdout, output.stderr);
    Ok(())
}

/// Apply, the first run of an agent on a stack, and the next.
pub(crate) async fn on_a_stack(rounds: usize) -> anyhow::Result<()> {
    let ground = Ground::new(&[])?;
    let (mut apply, mut first, mut next) = <(Samples, Samples, Samples)>::default();
    for round in 0..=rounds {
        let (lease, _model) = ground.lease_with_model(answers()).await?;
        for (samples, arguments) in [
            (&mut apply, &APPLY[..]),
            (&mut first, &RUN[..]),
            (&mut next, &RUN[..]),
        ] {
            let begun = Instant::now();
            succeeded(&ground.cli(lease.ready(), arguments).await)?;
            // The first round fills the cache of compiled programs.
            if round > 0 {
                samples.add(begun.elapsed().as_secs_f64() * 1e3);
            }
        }
        lease.end(true)?;
    }
    println!(
        "| command line, in process | median | least | 9 of 10 | most |\n|---|---|---|---|---|"
    );
    for (name, samples) in [
        ("`stigmer apply` of one agent, compiled before", apply),
        ("first `stigmer run` on a stack, to COMPLETED", first),
        ("next `stigmer run` on it", next),
    ] {
        println!("| {name} | {} |", samples.cells());
    }
    ground.end()?;
    Ok(())
}

/// A command that asks nobody, in process and as a child process.
pub(crate) async fn in_process_and_child(rounds: usize) -> anyhow::Result<()> {
    /// In process it is so short that a single one is mostly the clock.
    const BATCH: u32 = 100;
    let program = Ground::new(&[])?
        .surroundings()
        .built("stigmer")
        .expect("cargo builds the programs of a bench");
    let (mut inside, mut child) = <(Samples, Samples)>::default();
    for _ in 0..rounds {
        let begun = Instant::now();
        for _ in 0..BATCH {
            succeeded(&Cli::new().arg("version").run().await)?;
        }
        inside.add(begun.elapsed().as_secs_f64() * 1e3 / f64::from(BATCH));
        let begun = Instant::now();
        let ended = std::process::Command::new(&program)
            .arg("version")
            .output()?;
        anyhow::ensure!(ended.status.success(), "stigmer version fails");
        child.add(begun.elapsed().as_secs_f64() * 1e3);
    }
    println!("| `stigmer version` | median | least | 9 of 10 | most |\n|---|---|---|---|---|");
    println!(
        "| in process | {} |\n| child process | {} |",
        inside.cells(),
        child.cells()
    );
    println!(
        "\nIn process is {} times as fast.",
        shown(child.median() / inside.median())
    );
    Ok(())
}
