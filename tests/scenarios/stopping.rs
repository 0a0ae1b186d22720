//! Services that are told to end, as a service manager does it. They are the test's own children, beside those of its
//! stack: the ones of the stack live until its end.

use std::process::Stdio;
use std::sync::Arc;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use stigmer_e2e::distribution::{Reference, StackPlan};
use stigmer_e2e::service::{Identity, ProcessSpec};
use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::supervisor::SupervisorClient;
use stigmer_e2e::toolset::{Tool, Toolset};
use stigmer_e2e::wire::agent_execution::AgentExecutionId;
use stigmer_e2e::wire::agent_execution::agent_execution_query_controller_client::AgentExecutionQueryControllerClient;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tonic::Code;
use tonic::transport::Endpoint;

use crate::requirements::requirement;
use crate::support::{Folder, within_patience};

/// A service beside a stack.
struct Beside {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Beside {
    fn start(spec: &ProcessSpec) -> Result<Self, TestFailure> {
        let mut child = Command::new(&spec.program)
            .args(&spec.arguments)
            .env_clear()
            .envs(&spec.environment)
            .current_dir(&spec.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let log = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        Ok(Self { child, log })
    }

    /// Waits until its log says this; gives the whole entry.
    async fn says(&mut self, part: &str) -> Result<Value, TestFailure> {
        let said = async {
            let mut all = String::new();
            while let Some(line) = self.log.next_line().await? {
                if line.contains(part) {
                    return Ok(serde_json::from_str(&line)?);
                }
                all.push_str(&line);
                all.push('\n');
            }
            Err(TestFailure::new(format!(
                "its log does not say {part:?}\n{all}"
            )))
        };
        within_patience(part, said).await?
    }

    /// Tells it to end and waits; gives its exit code.
    async fn terminate(mut self) -> Result<Option<i32>, TestFailure> {
        let id = self.child.id().expect("it has not ended");
        let id = Pid::from_raw(id.try_into()?).expect("a child has a number");
        kill_process(id, Signal::TERM)?;
        Ok(within_patience("its end", self.child.wait()).await??.code())
    }
}

/// How the services of a stack beside this one would be started. It has its own task queues in the same namespace.
fn plan(stack: &Stack, folder: &Folder) -> Result<StackPlan, TestFailure> {
    let client = SupervisorClient::of_this_process()?;
    let queues = [
        "AGENT_EXECUTION",
        "WORKFLOW_EXECUTION",
        "WORKFLOW_VALIDATION",
    ]
    .into_iter()
    .flat_map(|of| ["STIGMER", "RUNNER"].map(|side| format!("TEMPORAL_{of}_{side}_TASK_QUEUE")))
    .chain(["TEMPORAL_ZIGFLOW_EXECUTION_TASK_QUEUE".to_owned()]);
    let mut environment: std::collections::BTreeMap<String, String> = queues
        .map(|name| (name.clone(), format!("beside-{name}")))
        .collect();
    environment.insert("GRPC_PORT".to_owned(), "0".to_owned());
    let plan = StackPlan {
        identity: Identity {
            run: client.scope().run.clone(),
            stack: stack.folder().file_name().map(str::to_owned),
        },
        folder: folder.path().to_owned(),
        logs: folder.path().to_owned(),
        namespace: stack.namespace().to_owned(),
        temporal: stack.environment()["TEMPORAL_ADDRESS"].parse()?,
        server: stack.server_address(),
        model: None,
        path: client
            .surroundings()
            .variable("PATH")
            .unwrap_or_default()
            .to_owned(),
        start_limit: crate::support::PATIENCE,
        environment,
    };
    for folder in plan.folders() {
        std::fs::create_dir(folder)?;
    }
    Ok(plan)
}

fn toolset(tools: &[Tool]) -> Result<Arc<Toolset>, TestFailure> {
    let client = SupervisorClient::of_this_process()?;
    Ok(Arc::new(Toolset::resolve(client.surroundings(), tools)?))
}

#[tokio::test]
async fn a_server_with_an_open_subscription_tells_it_and_ends_well() -> TestResult {
    requirement!("service:stop:server");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let folder = Folder::new()?;
    let tools = toolset(&[Tool::StigmerServer])?;
    let spec = Reference::new(tools).stigmer_server(&plan(&stack, &folder)?);
    let mut server = Beside::start(&spec)?;
    let (mut listens, mut connected) = (None, false);
    while listens.is_none() || !connected {
        let entry = server.says("\"msg\":").await?;
        connected |= entry["msg"] == "temporal is there";
        if entry["msg"] == "serving" {
            listens = entry["listen_address"].as_str().map(str::to_owned);
        }
    }
    let address = listens.expect("the loop ended with an address");
    let arguments = ["--server", address.as_str()];
    let apply = ["apply", "--config", "testdata/basic_agent.go"];
    stack
        .cli([&apply[..], &arguments].concat())
        .await
        .succeeds();
    let run = ["run", "test-agent", "--follow=false"];
    let started = stack.cli([&run[..], &arguments].concat()).await;
    let value = crate::support::id_in(&started.succeeds().output().stdout, "aex")?;
    let channel = Endpoint::from_shared(format!("http://{address}"))?.connect_lazy();
    let mut executions = AgentExecutionQueryControllerClient::new(channel);
    let mut stream = executions
        .subscribe(AgentExecutionId { value })
        .await?
        .into_inner();
    assert!(stream.message().await?.is_some());
    assert_eq!(server.terminate().await?, Some(0));
    let told = stream.message().await.unwrap_err();
    assert_eq!(told.code(), Code::Unavailable, "{told}");
    assert!(told.message().contains("server is stopping"), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_workflow_runner_ends_well_when_it_is_told_to() -> TestResult {
    requirement!("service:stop:workflow-runner");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let folder = Folder::new()?;
    let tools = toolset(&[Tool::WorkflowRunner])?;
    let spec = Reference::new(tools).workflow_runner(&plan(&stack, &folder)?);
    let mut runner = Beside::start(&spec)?;
    runner.says("workers started").await?;
    assert_eq!(runner.terminate().await?, Some(0));
    Ok(())
}

#[tokio::test]
async fn an_agent_runner_ends_well_when_it_is_told_to() -> TestResult {
    requirement!("service:stop:agent-runner");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let folder = Folder::new()?;
    let tools = toolset(&[Tool::AgentRunner, Tool::AgentRunnerPython])?;
    let spec = Reference::new(tools).agent_runner(&plan(&stack, &folder)?);
    let mut runner = Beside::start(&spec)?;
    runner.says("worker ready").await?;
    assert_eq!(runner.terminate().await?, Some(0));
    Ok(())
}
