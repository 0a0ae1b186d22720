//! `soak-round`: the run that `soak` kills. It takes stacks and gives them back until its time is over.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use stigmer_e2e::supervisor::{Needs, Scope, SupervisorClient};
use stigmer_e2e::toolset::Surroundings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Seed of what it does
    #[arg(long)]
    seed: u64,
    /// How long it lives when nobody kills it, in milliseconds
    #[arg(long)]
    milliseconds: u64,
}

/// Tests that hold stacks at the same time.
const HOLDERS: usize = 3;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let client = SupervisorClient::new(Surroundings::of_this_process()?, Scope::of_own_process())?;
    let until = Instant::now() + Duration::from_millis(arguments.milliseconds);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut holders = tokio::task::JoinSet::new();
        for holder in 0..HOLDERS {
            let random = fastrand::Rng::with_seed(arguments.seed.wrapping_add(holder as u64));
            holders.spawn(hold(client.clone(), random, until));
        }
        while holders.join_next().await.is_some() {}
    });
    Ok(ExitCode::SUCCESS)
}

async fn hold(client: SupervisorClient, mut random: fastrand::Rng, until: Instant) {
    while Instant::now() < until {
        let workflow_runner = random.u8(..3) == 0;
        let agent_runner = random.u8(..3) == 0;
        let needs = Needs {
            server: true,
            workflow_runner,
            agent_runner,
            ..Needs::default()
        };
        // Services die here on purpose: a stack that does not come is no surprise.
        let Ok(lease) = client.lease("soak", "", needs).await else {
            continue;
        };
        // Not a wait for anything: the moment of the next kill is what counts.
        tokio::time::sleep(Duration::from_millis(random.u64(..40))).await;
        let passed = random.bool();
        let _ = tokio::task::spawn_blocking(move || lease.end(passed)).await;
    }
}
