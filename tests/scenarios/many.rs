//! Many at once.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use serde_json::json;
use stigmer_e2e::cli::Cli;
use stigmer_e2e::stack::prelude::*;

use crate::api::{Stored as _, apply_agent, apply_workflow};
use crate::drafts::{agent, set, workflow};
use crate::requirements::requirement;
use crate::support::{assert_code, json, stigmer};

const MANY: usize = 200;

/// Runs command lines side by side, each as a task of its own.
async fn together(
    commands: Vec<Cli>,
) -> Result<Vec<stigmer_e2e::cli::Output>, tokio::task::JoinError> {
    try_join_all(
        commands
            .into_iter()
            .map(|command| tokio::spawn(command.run())),
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_workflows_at_once_get_each_its_own_value() -> TestResult {
    requirement!("cli:many:one-server");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let echo = set("echo", json!({ "number": "${ .env_vars.NUMBER }" }));
    apply_workflow(&stack, workflow("echo", vec![echo])).await?;
    let commands = (0..MANY)
        .map(|number| {
            let value = format!("NUMBER=n{number}");
            stigmer(
                &stack,
                ["run", "echo", "--runtime-env", &value, "-o", "json"],
            )
        })
        .collect::<Result<Vec<_>, _>>()?;
    for (number, output) in together(commands).await?.iter().enumerate() {
        assert_code(output, 0);
        let told = &json(output)?["status"]["output"]["number"];
        assert_eq!(told, &format!("n{number}"), "{output}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_runs_of_one_agent_can_be_started_at_once() -> TestResult {
    requirement!("cli:many:one-agent", "execution:create:side-by-side");
    // Nobody runs them: that would only measure the machine.
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    apply_agent(&stack, agent("helper")).await?;
    let commands = (0..MANY)
        .map(|_| stigmer(&stack, ["run", "helper", "--follow=false", "-o", "json"]))
        .collect::<Result<Vec<_>, _>>()?;
    let (mut ids, mut sessions) = (BTreeSet::new(), BTreeSet::new());
    for output in together(commands).await? {
        assert_code(&output, 0);
        let execution = json(&output)?;
        ids.insert(execution["metadata"]["id"].to_string());
        sessions.insert(execution["spec"]["sessionId"].to_string());
    }
    assert_eq!((ids.len(), sessions.len()), (MANY, MANY));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_commands_at_once_reach_each_its_own_server() -> TestResult {
    requirement!("cli:many:servers");
    let mut stacks = Vec::new();
    for _ in 0..4 {
        let stack = Stack::start(StackSpec::server()).await?;
        let id = apply_agent(&stack, agent("same-name")).await?.id();
        stacks.push((stack, id));
    }
    let commands = (0..MANY)
        .map(|number| {
            let (stack, _) = &stacks[number % stacks.len()];
            stigmer(stack, ["get", "agent", "same-name"])
        })
        .collect::<Result<Vec<_>, _>>()?;
    for (number, output) in together(commands).await?.iter().enumerate() {
        assert_code(output, 0);
        for (index, (_, id)) in stacks.iter().enumerate() {
            let is_own = index == number % stacks.len();
            assert_eq!(output.stdout.contains(id), is_own, "{output}");
        }
    }
    Ok(())
}
