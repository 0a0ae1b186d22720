//! The same scenario by the harness that everybody writes first, beside ours: for each test a Temporal and each service by
//! exec, one after the other, one test at a time, looking at intervals whether they are there.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use futures_util::future::try_join_all;
use stigmer_e2e::cli::Output;
use stigmer_e2e::distribution::{Reference, StackPlan};
use stigmer_e2e::model::ModelSpec;
use stigmer_e2e::service::{Identity, ProcessSpec};
use stigmer_e2e::stack::command_environment;
use stigmer_e2e::supervisor::Ready;
use stigmer_e2e::toolset::{Tool, Toolset};

use crate::executions::{APPLY, RUN, answers, succeeded};
use crate::ground::Ground;
use crate::statistics::shown;

/// What nextest runs at once on two cores.
const AT_ONCE: usize = 2;
/// A service that is not there by then will not come.
const PATIENCE: Duration = Duration::from_secs(60);
/// What people write, and what the impatient write.
const POLLS: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(10)];

/// How long a suite of this many scenarios takes, each on a stack of its own.
pub(crate) async fn compared(tests: usize) -> anyhow::Result<()> {
    println!(
        "| harness, {tests} scenarios (apply an agent, run it) | s in all | s each | times ours |\n|---|---|---|---|"
    );
    let ours = ours(tests).await?;
    line("this one", tests, ours, ours);
    for poll in POLLS {
        let begun = Instant::now();
        for number in 0..tests {
            one(number, poll).await?;
        }
        let took = begun.elapsed().as_secs_f64();
        line(
            &format!("plain, polls every {} ms", poll.as_millis()),
            tests,
            took,
            ours,
        );
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a small count")]
fn line(name: &str, tests: usize, took: f64, ours: f64) {
    println!(
        "| {name} | {} | {} | {} |",
        shown(took),
        shown(took / tests as f64),
        shown(took / ours)
    );
}

/// Start and end of the run included.
async fn ours(tests: usize) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let ground = Ground::new(&[])?;
    try_join_all((0..AT_ONCE).map(|worker| {
        let ground = &ground;
        async move {
            for _ in (worker..tests).step_by(AT_ONCE) {
                let (lease, _model) = ground.lease_with_model(answers()).await?;
                for arguments in [&APPLY[..], &RUN[..]] {
                    succeeded(&ground.cli(lease.ready(), arguments).await)?;
                }
                tokio::task::spawn_blocking(move || lease.end(true)).await??;
            }
            anyhow::Ok(())
        }
    }))
    .await?;
    ground.end()?;
    Ok(begun.elapsed().as_secs_f64())
}

/// Children that are killed in the end.
#[derive(Default)]
struct Children(Vec<Child>);

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

async fn one(number: usize, poll: Duration) -> anyhow::Result<()> {
    let ground = Ground::new(&[])?;
    let surroundings = ground.surroundings();
    let tools = [
        Tool::StigmerServer,
        Tool::WorkflowRunner,
        Tool::AgentRunner,
        Tool::AgentRunnerPython,
        Tool::Temporal,
    ];
    let toolset = Arc::new(Toolset::resolve(surroundings, &tools)?);
    let folder = ground.folder().join(format!("plain-{number}"));
    let model = ModelSpec::new(answers()).start_on_thread()?;
    let plan = plan(
        &folder,
        model.url().trim_start_matches("http://").parse()?,
        surroundings.variable("PATH"),
    )?;
    let mut children = Children::default();
    let distribution = Reference::new(toolset.clone());

    children.0.push(
        Command::new(toolset.path(Tool::Temporal))
            .args([
                "server",
                "start-dev",
                "--headless",
                "--ip",
                "127.0.0.1",
                "--log-level",
                "error",
            ])
            .args(["--port", &plan.temporal.port().to_string()])
            .env("HOME", folder.join("home"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?,
    );
    until(poll, || TcpStream::connect(plan.temporal).is_ok())?;
    let mut server = distribution.stigmer_server(&plan);
    server
        .environment
        .insert("GRPC_PORT".to_owned(), plan.server.port().to_string());
    start(&mut children, &server)?;
    until(poll, || says(&server.log, "temporal is there"))?;
    let workflow_runner = distribution.workflow_runner(&plan);
    start(&mut children, &workflow_runner)?;
    until(poll, || says(&workflow_runner.log, "workers started"))?;
    let agent_runner = distribution.agent_runner(&plan);
    start(&mut children, &agent_runner)?;
    until(poll, || says(&agent_runner.log, "worker ready"))?;

    let ready = Ready {
        folder: folder.into_string(),
        server: plan.server.to_string(),
        temporal: plan.temporal.to_string(),
        namespace: plan.namespace,
        ..Ready::default()
    };
    let program = surroundings
        .built("stigmer")
        .expect("cargo builds the programs of a bench");
    for arguments in [&APPLY[..], &RUN[..]] {
        let ended = Command::new(&program)
            .args(arguments)
            .env_clear()
            .envs(command_environment(surroundings, ground.run(), &ready))
            .current_dir(surroundings.workspace())
            .stdin(Stdio::null())
            .output()?;
        succeeded(&Output {
            code: ended.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&ended.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&ended.stderr).into_owned(),
        })?;
    }
    Ok(())
}

/// Free ports by binding and closing: what a plain harness does, and what now and then fails.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn plan(folder: &Utf8Path, model: SocketAddr, path: Option<&str>) -> anyhow::Result<StackPlan> {
    let plan = StackPlan {
        identity: Identity {
            run: "plain".to_owned(),
            stack: None,
        },
        folder: folder.to_owned(),
        logs: folder.to_owned(),
        namespace: "default".to_owned(),
        temporal: free_address()?,
        server: free_address()?,
        model: Some(model),
        path: path.unwrap_or_default().to_owned(),
        start_limit: PATIENCE,
        environment: std::collections::BTreeMap::new(),
    };
    for folder in plan.folders() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(plan)
}

fn start(children: &mut Children, spec: &ProcessSpec) -> anyhow::Result<()> {
    let log = std::fs::File::create(&spec.log)?;
    children.0.push(
        Command::new(&spec.program)
            .args(&spec.arguments)
            .env_clear()
            .envs(&spec.environment)
            .current_dir(&spec.directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?,
    );
    Ok(())
}

fn says(log: &Utf8PathBuf, text: &str) -> bool {
    std::fs::read_to_string(log).is_ok_and(|log| log.contains(text))
}

fn until(poll: Duration, mut there: impl FnMut() -> bool) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !there() {
        anyhow::ensure!(begun.elapsed() < PATIENCE, "a service does not start");
        std::thread::sleep(poll);
    }
    Ok(())
}
