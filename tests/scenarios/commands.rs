//! What commands share: where they find the server, whose resources they mean, and what they say to mistakes.

use std::collections::HashMap;

use serde_json::json;
use stigmer_e2e::stack::prelude::*;

use crate::api::{Stored as _, apply_workflow, start_workflow, workflow_ended};
use crate::drafts::{set, workflow};
use crate::follow::sleeping;
use crate::requirements::requirement;
use crate::support::{Folder, RunningCommand, assert_code, json, stigmer};

#[rstest]
#[case::unknown_command(&["frobnicate"], "frobnicate")]
#[case::unknown_flag(&["apply", "--nope"], "--nope")]
#[case::unknown_kind(&["get", "robot", "helper"], "robot")]
#[case::name_is_missing(&["delete", "agent"], "agent")]
#[case::no_list_of_agents(&["list", "agents"], "the server has no way to list agents")]
#[case::no_execution(&["executions", "cancel", "agt-1"], "is not the id of an execution")]
#[case::no_duration(&["run", "helper", "--timeout", "soon"], "expected a time like 10s")]
#[tokio::test]
async fn a_wrong_command_line_is_refused_before_a_server_is_asked(
    #[future(awt)] bare_stack: Stack,
    #[case] arguments: &[&str],
    #[case] complaint: &str,
) -> TestResult {
    requirement!("cli:exit:usage");
    let outcome = bare_stack.cli(arguments.to_vec()).await;
    outcome.exits(2).complains(complaint);
    assert_eq!(outcome.output().stdout, "");
    Ok(())
}

#[rstest]
#[case::get(&["get", "agt-00000000000000000000000000"])]
#[case::delete(&["delete", "workflow", "nobody"])]
#[case::execution(&["executions", "get", "aex-00000000000000000000000000"])]
#[case::logs(&["executions", "logs", "aex-00000000000000000000000000"])]
#[case::followed(&["executions", "logs", "wex-00000000000000000000000000", "--follow"])]
#[case::cancel(&["executions", "cancel", "wex-00000000000000000000000000"])]
#[case::sessions_of(&["list", "sessions", "--agent", "nobody"])]
#[tokio::test]
async fn what_is_not_there_is_told_by_its_name(
    #[future(awt)] server_stack: Stack,
    #[case] arguments: &[&str],
) -> TestResult {
    requirement!("cli:exit:not-found");
    let outcome = server_stack.cli(arguments.to_vec()).await;
    let name = arguments
        .iter()
        .find(|argument| {
            argument.contains('-') && !argument.starts_with('-') || **argument == "nobody"
        })
        .unwrap();
    outcome.exits(1).complains("not found").complains(name);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_server_is_found_in_the_users_file(#[future(awt)] server_stack: Stack) -> TestResult {
    requirement!("cli:server:file");
    let home = Folder::new()?;
    let address = server_stack.server_address();
    home.write(".stigmer/config.yaml", &format!("server: {address}\n"))?;
    let list = || {
        stigmer_e2e::cli::Cli::new()
            .args(["list", "sessions"])
            .env("HOME", home.path().as_str())
    };
    assert_code(&list().run().await, 0);
    let elsewhere = list().env("STIGMER_SERVER_ADDR", "127.0.0.1:1").run().await;
    assert_code(&elsewhere, 1);
    assert!(
        elsewhere.stderr.contains("STIGMER_SERVER_ADDR"),
        "{elsewhere}"
    );
    Ok(())
}

#[rstest]
#[tokio::test]
async fn organizations_do_not_see_each_others_resources(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("cli:org:apart");
    let apply = ["apply", "--config", "examples/basic-agent", "--org", "acme"];
    server_stack.cli(apply).await.succeeds();
    let get = ["get", "agent", "code-reviewer"];
    server_stack.cli(get).await.exits(1).complains("not found");
    let theirs = server_stack
        .cli([&get[..], &["--org", "acme", "-o", "json"]].concat())
        .await;
    let agent = json(theirs.succeeds().output())?;
    assert_eq!(agent["metadata"]["org"], "acme");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_skill_is_pushed_under_its_tag_and_shown_before(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("cli:skill:tag");
    let folder = Folder::new()?;
    folder.write("style/SKILL.md", "---\nname: style\n---\nShort.\n")?;
    let skill = folder.path().join("style");
    let push = ["skill", "push", skill.as_str(), "--tag", "stable"];
    server_stack
        .cli([&push[..], &["--dry-run"]].concat())
        .await
        .succeeds()
        .prints("Tag:       stable");
    server_stack.cli(["get", "skill", "style"]).await.exits(1);
    server_stack
        .cli(push)
        .await
        .succeeds()
        .prints("Tag:          stable");
    let shown = server_stack
        .cli(["get", "skill", "style", "-o", "json"])
        .await;
    assert_eq!(json(shown.succeeds().output())?["spec"]["tag"], "stable");
    Ok(())
}

#[tokio::test]
async fn executions_and_instances_of_a_workflow_are_listed() -> TestResult {
    requirement!("execution:list:all");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let mut ids = Vec::new();
    for name in ["one", "other"] {
        let draft = workflow(name, vec![set("only", json!({ "x": "1" }))]);
        let applied = apply_workflow(&stack, draft).await?;
        let id = start_workflow(&stack, &applied, HashMap::new()).await?.id();
        workflow_ended(&stack, &id).await?;
        ids.push(id);
    }
    let list = ["executions", "list", "--workflow", "other", "-o", "json"];
    let listed = json(stack.cli(list).await.succeeds().output())?;
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!(listed[0]["metadata"]["id"], ids[1]);
    let list = ["list", "instances", "--workflow", "one", "-o", "json"];
    let listed = json(stack.cli(list).await.succeeds().output())?;
    assert_eq!(listed[0]["metadata"]["slug"], "one-default");
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn a_forced_cancellation_ends_an_execution_at_once() -> TestResult {
    requirement!("cli:cancel:forced");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let id = sleeping(&stack).await?;
    let logs = RunningCommand::start(stigmer(&stack, ["executions", "logs", &id, "--follow"])?);
    logs.prints("Task: pause [Running]").await?;
    let cancel = ["executions", "cancel", &id, "--force", "--reason", "enough"];
    stack.cli(cancel).await.succeeds();
    assert_code(&logs.ends().await?, 4);
    let shown = stack.cli(["executions", "get", &id]).await;
    shown.succeeds().prints("Cancelled").prints("enough");
    Ok(())
}

#[tokio::test]
async fn logs_are_left_after_the_given_time_and_the_execution_goes_on() -> TestResult {
    requirement!("cli:run:timeout");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let id = sleeping(&stack).await?;
    let logs = ["executions", "logs", &id, "--follow", "--timeout", "1s"];
    let left = stack.cli(logs).await;
    left.exits(1).complains("had not ended after 1 s");
    let shown = stack.cli(["executions", "get", &id]).await;
    shown.succeeds().prints("In progress");
    Ok(())
}
