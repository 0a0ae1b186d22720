//! How long stacks take, and where the time goes: `cargo bench --bench stacks`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench is a program for people"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use stigmer_e2e::supervisor::{Needs, Scope, SupervisorClient};
use stigmer_e2e::toolset::Surroundings;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let surroundings = Surroundings::of_this_process().unwrap();
        let client = SupervisorClient::new(surroundings, Scope::of_own_process()).unwrap();
        for (name, needs) in [
            ("server", server()),
            ("server and workflow-runner", workflows()),
            ("full", full()),
        ] {
            measure(&client, name, needs, 15).await;
        }
    });
}

async fn measure(client: &SupervisorClient, name: &str, needs: Needs, rounds: usize) {
    let mut starts = Vec::new();
    let mut ends = Vec::new();
    let mut steps: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for round in 0..rounds + 1 {
        let begun = Instant::now();
        let lease = client.lease("bench", "", needs.clone()).await.unwrap();
        let start = begun.elapsed().as_secs_f64() * 1e3;
        let timings = lease.ready().timings.clone();
        let begun = Instant::now();
        lease.end(true).unwrap();
        let end = begun.elapsed().as_secs_f64() * 1e3;
        if round == 0 {
            println!("{name}: first {start:.1} ms");
            continue;
        }
        starts.push(start);
        ends.push(end);
        for (step, ms) in timings {
            steps.entry(step).or_default().push(ms);
        }
    }
    println!(
        "{name}: start p50 {:.1} ms, min {:.1}, max {:.1}; end p50 {:.1} ms",
        median(&mut starts),
        starts[0],
        starts[starts.len() - 1],
        median(&mut ends)
    );
    for (step, mut values) in steps {
        println!(
            "    {step}: p50 {:.1} ms, min {:.1}",
            median(&mut values),
            values[0]
        );
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn server() -> Needs {
    Needs {
        server: true,
        ..Needs::default()
    }
}

fn workflows() -> Needs {
    Needs {
        workflow_runner: true,
        ..server()
    }
}

fn full() -> Needs {
    Needs {
        agent_runner: true,
        ..workflows()
    }
}
