//! Start and end of stacks: how long, what of it where, what it costs.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use stigmer_e2e::supervisor::Needs;

use crate::accounting::{self, Cost};
use crate::ground::{Ground, full, server, with_workflow_runner};
use crate::statistics::{Samples, shown};

/// Two at a time keep two cores busy, four leave none waiting.
const AT_ONCE: usize = 4;

/// One stack after the other, nothing else running.
pub(crate) async fn one_by_one(rounds: usize) -> anyhow::Result<()> {
    let ground = Ground::new(&[("STIGMER_E2E_SPARES", "0")])?;
    println!(
        "| stack, made when asked for | start: median | least | 9 of 10 | most | end: median | CPU ms | PSS MB |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut all = Vec::new();
    for (name, needs) in [
        ("server", server()),
        ("server, workflow-runner", with_workflow_runner()),
        ("everything", full()),
    ] {
        let of = Measured::of(&ground, &needs, rounds).await?;
        println!(
            "| {name} | {} | {} | {} | {} |",
            of.starts.cells(),
            shown(of.ends.median()),
            shown(of.cpu.median()),
            shown(of.memory.median())
        );
        all.push((name, of));
    }
    for (name, of) in all {
        println!("\nSteps of \"{name}\", ms (those of services overlap):\n");
        println!("| step | median | least | 9 of 10 | most |\n|---|---|---|---|---|");
        for (step, samples) in of.steps {
            println!("| {step} | {} |", samples.cells());
        }
        let shares = of.shares.iter();
        let shares: Vec<_> = shares
            .map(|(name, samples)| format!("{name} {}", shown(samples.mean())))
            .collect();
        println!("\nCPU ms by process, mean: {}", shares.join(", "));
    }
    ground.end()?;
    Ok(())
}

#[derive(Default)]
struct Measured {
    starts: Samples,
    ends: Samples,
    cpu: Samples,
    memory: Samples,
    steps: BTreeMap<String, Samples>,
    /// CPU time by process.
    shares: BTreeMap<String, Samples>,
}

impl Measured {
    async fn of(ground: &Ground, needs: &Needs, rounds: usize) -> anyhow::Result<Self> {
        warm_up(ground, needs).await?;
        let supervisor = ground.supervisor();
        let mut of = Self::default();
        for _ in 0..rounds {
            let before = accounting::of_run(supervisor);
            let begun = Instant::now();
            let lease = ground.lease(needs.clone()).await?;
            of.starts.add(begun.elapsed().as_secs_f64() * 1e3);
            let after = accounting::of_run(supervisor);
            of.account(&before, &after);
            for (step, took) in lease.ready().timings.clone() {
                of.steps.entry(step).or_default().add(took);
            }
            let begun = Instant::now();
            lease.end(true)?;
            of.ends.add(begun.elapsed().as_secs_f64() * 1e3);
        }
        Ok(of)
    }

    /// What all processes of the run have used more, those that all stacks share included.
    fn account(&mut self, before: &BTreeMap<u32, Cost>, after: &BTreeMap<u32, Cost>) {
        let mut shares: BTreeMap<String, f64> = BTreeMap::new();
        for (pid, cost) in after {
            let used = cost.cpu - before.get(pid).map_or(0.0, |before| before.cpu);
            *shares.entry(cost.name.clone()).or_default() += used;
        }
        let memory =
            |costs: &BTreeMap<u32, Cost>| costs.values().map(|cost| cost.memory).sum::<f64>();
        self.cpu.add(shares.values().sum());
        self.memory.add(memory(after) - memory(before));
        for (name, used) in shares {
            self.shares.entry(name).or_default().add(used);
        }
    }
}

/// Until what all stacks share is there: Temporal, and a fork server that has imported everything.
async fn warm_up(ground: &Ground, needs: &Needs) -> anyhow::Result<()> {
    /// On a machine of two cores the imports take 5 s, beside starts.
    const IMPORTS: Duration = Duration::from_secs(10);
    let begun = Instant::now();
    loop {
        ground.lease(needs.clone()).await?.end(true)?;
        if !needs.agent_runner || begun.elapsed() > IMPORTS {
            return Ok(());
        }
    }
}

/// A stack that was ready before it was asked for.
pub(crate) async fn spares(rounds: usize) -> anyhow::Result<()> {
    /// Ample for a spare to become ready while nothing else runs; what came later shows as "most".
    const MEANWHILE: Duration = Duration::from_millis(700);
    let ground = Ground::new(&[("STIGMER_E2E_SPARES", "1")])?;
    warm_up(&ground, &full()).await?;
    let mut starts = Samples::default();
    for _ in 0..rounds {
        tokio::time::sleep(MEANWHILE).await;
        let begun = Instant::now();
        let lease = ground.lease(full()).await?;
        starts.add(begun.elapsed().as_secs_f64() * 1e3);
        lease.end(true)?;
    }
    println!(
        "| everything, from a spare | start: median | least | 9 of 10 | most |\n|---|---|---|---|---|"
    );
    println!("| ms | {} |", starts.cells());
    ground.end()?;
    Ok(())
}

/// As many full stacks as the machine can make.
pub(crate) async fn sustained(rounds: usize) -> anyhow::Result<()> {
    let ground = Ground::new(&[("STIGMER_E2E_SPARES", "0")])?;
    warm_up(&ground, &full()).await?;
    let begun = Instant::now();
    try_join_all((0..AT_ONCE).map(|_| async {
        for _ in 0..rounds {
            let lease = ground.lease(full()).await?;
            // The end blocks, as a test's does.
            tokio::task::spawn_blocking(move || lease.end(true)).await??;
        }
        anyhow::Ok(())
    }))
    .await?;
    #[allow(clippy::cast_precision_loss, reason = "a small count")]
    let each = (AT_ONCE * rounds) as f64 / begun.elapsed().as_secs_f64();
    println!(
        "Full stacks started and ended per second, {AT_ONCE} at a time: {}",
        shown(each)
    );
    ground.end()?;
    Ok(())
}

/// The first stack of a run, supervisor and Temporal included, and the end of the run.
pub(crate) async fn runs(rounds: usize) -> anyhow::Result<()> {
    println!(
        "| run | first stack: median | least | 9 of 10 | most | run gone after its owner: median | least | 9 of 10 | most |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (name, needs) in [("server", server()), ("everything", full())] {
        for held in [false, true] {
            let (mut firsts, mut ends) = (Samples::default(), Samples::default());
            for _ in 0..rounds {
                let ground = Ground::new(&[("STIGMER_E2E_SPARES", "0")])?;
                let begun = Instant::now();
                let lease = ground.lease(needs.clone()).await?;
                firsts.add(begun.elapsed().as_secs_f64() * 1e3);
                let lease = if held {
                    Some(lease)
                } else {
                    lease.end(true)?;
                    None
                };
                ends.add(ground.end()?);
                drop(lease);
            }
            let state = if held {
                "killed while a test holds a stack"
            } else {
                "ends"
            };
            println!(
                "| {name}; {state} | {} | {} |",
                firsts.cells(),
                ends.cells()
            );
        }
    }
    Ok(())
}
