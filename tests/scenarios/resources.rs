//! Agents, workflows, skills and environments as the server keeps them.

use serde_json::json;
use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::wire::agent::agent_command_controller_client::AgentCommandControllerClient;
use stigmer_e2e::wire::agent_instance::agent_instance_command_controller_client::AgentInstanceCommandControllerClient;
use stigmer_e2e::wire::agent_instance::{AgentInstance, AgentInstanceSpec};
use stigmer_e2e::wire::environment::environment_command_controller_client::EnvironmentCommandControllerClient;
use stigmer_e2e::wire::resource::apiresourcekind::ApiResourceKind;
use stigmer_e2e::wire::workflow::workflow_command_controller_client::WorkflowCommandControllerClient;
use tonic::Code;

use crate::api::{Stored as _, apply_agent, apply_workflow};
use crate::drafts::{API_VERSION, agent, environment, metadata, reference, set, workflow};
use crate::requirements::requirement;
use crate::support::{Folder, id_in, json};

#[rstest]
#[tokio::test]
async fn a_deleted_agent_is_gone_with_its_instance_and_can_be_applied_again(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("resource:delete:again");
    let first = apply_agent(&server_stack, agent("helper")).await?.id();
    server_stack
        .cli(["get", "agent-instance", "helper-default"])
        .await
        .succeeds();
    server_stack
        .cli(["delete", "agent", "helper"])
        .await
        .succeeds()
        .prints(&format!("Agent deleted: helper (ID: {first})"));
    for gone in [
        ["get", "agent", "helper"],
        ["get", "agent-instance", "helper-default"],
    ] {
        server_stack
            .cli(gone)
            .await
            .exits(1)
            .complains("not found: helper");
    }
    server_stack
        .cli(["delete", "agent", "helper"])
        .await
        .exits(1);
    let second = apply_agent(&server_stack, agent("helper")).await?.id();
    assert_ne!(first, second);
    server_stack
        .cli(["get", "agent-instance", "helper-default"])
        .await
        .succeeds();
    Ok(())
}

#[tokio::test]
async fn a_deleted_workflow_can_be_applied_again() -> TestResult {
    requirement!("resource:delete:again");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    for _ in 0..2 {
        apply_workflow(
            &stack,
            workflow("one", vec![set("only", json!({ "x": "1" }))]),
        )
        .await?;
        stack.cli(["run", "one"]).await.succeeds();
        stack.cli(["delete", "workflow", "one"]).await.succeeds();
        stack.cli(["get", "workflow", "one"]).await.exits(1);
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn every_kind_is_got_by_name_and_by_id(#[future(awt)] server_stack: Stack) -> TestResult {
    requirement!("resource:get:name-and-id");
    let helper = apply_agent(&server_stack, agent("My Helper")).await?.id();
    let mut environments = EnvironmentCommandControllerClient::new(server_stack.server());
    environments
        .create(environment("shared", &[("REGION", "eu", false)]))
        .await?;
    for (kind, name, prefix) in [
        ("agent", "My Helper", "agt"),
        ("agent", "my-helper", "agt"),
        ("agent-instance", "my-helper-default", "ain"),
        ("environment", "shared", "env"),
    ] {
        let by_name = server_stack.cli(["get", kind, name]).await;
        let id = id_in(&by_name.succeeds().output().stdout, prefix)?;
        let by_id = server_stack.cli(["get", &id]).await;
        assert_eq!(by_name.output(), by_id.succeeds().output());
    }
    let older = helper.replace("agt-", "agt_");
    server_stack
        .cli(["get", &older])
        .await
        .succeeds()
        .prints("My Helper");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_same_skill_has_the_same_hash_and_a_changed_one_another(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("cli:skill:hash");
    let folder = Folder::new()?;
    let push = async |text: &str| -> Result<String, TestFailure> {
        folder.write(
            "style/SKILL.md",
            &format!("---\nname: style\n---\n{text}\n"),
        )?;
        let skill = folder.path().join("style");
        let pushed = server_stack
            .cli(["skill", "push", skill.as_str(), "-o", "json"])
            .await;
        let skill = json(pushed.succeeds().output())?;
        Ok(skill["status"]["versionHash"].as_str().unwrap().to_owned())
    };
    let first = push("Short sentences.").await?;
    assert_eq!(push("Short sentences.").await?, first);
    assert_ne!(push("Long sentences.").await?, first);
    server_stack
        .cli(["get", "skill", "style"])
        .await
        .succeeds()
        .prints("style");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_folder_without_a_skill_is_refused_before_a_server_is_asked(
    #[future(awt)] bare_stack: Stack,
) -> TestResult {
    requirement!("cli:skill:no-skill");
    let folder = Folder::new()?;
    folder.write("empty/README.md", "Nothing here.")?;
    let empty = folder.path().join("empty");
    bare_stack
        .cli(["skill", "push", empty.as_str()])
        .await
        .exits(1)
        .complains("SKILL.md");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn mistakes_of_a_request_have_their_own_codes_and_words(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("resource:create:codes");
    let mut agents = AgentCommandControllerClient::new(server_stack.server());
    let made = agents.create(agent("helper")).await?.into_inner();
    let taken = agents.create(agent("helper")).await.unwrap_err();
    assert_eq!(taken.code(), Code::AlreadyExists);
    let words = format!(
        "Agent with slug 'helper' already exists (id: {})",
        made.id()
    );
    assert_eq!(taken.message(), words);
    let nameless = agents.create(agent("")).await.unwrap_err();
    assert_eq!(nameless.code(), Code::InvalidArgument, "{nameless}");
    assert!(nameless.message().contains("name"), "{nameless}");
    let mut terse = agent("terse");
    terse.spec.as_mut().unwrap().instructions = "Hi".to_owned();
    let terse = agents.create(terse).await.unwrap_err();
    assert_eq!(terse.code(), Code::InvalidArgument, "{terse}");
    assert!(terse.message().contains("spec.instructions"), "{terse}");
    let mut absent = agent("helper");
    absent.metadata.as_mut().unwrap().id = "agt-00000000000000000000000000".to_owned();
    let absent = agents.update(absent).await.unwrap_err();
    assert_eq!(absent.code(), Code::NotFound);
    assert_eq!(
        absent.message(),
        "Agent not found: agt-00000000000000000000000000"
    );
    Ok(())
}

#[tokio::test]
async fn an_invalid_workflow_is_an_invalid_argument_with_its_place() -> TestResult {
    requirement!("resource:create:invalid-workflow");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let broken = workflow("broken", vec![set("first", json!({ "x": "${ .y + }" }))]);
    let mut workflows = WorkflowCommandControllerClient::new(stack.server());
    let refused = workflows.create(broken).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    let place = "tasks[0].set.variables.x: this is no expression";
    assert!(refused.message().contains(place), "{refused}");
    Ok(())
}

#[rstest]
#[case::environment(ApiResourceKind::Environment, None)]
#[case::workflow_execution(
    ApiResourceKind::WorkflowExecution,
    Some("environment_refs must reference resources with kind=environment")
)]
#[tokio::test]
async fn an_instance_refers_to_environments_by_their_kind(
    #[future(awt)] server_stack: Stack,
    #[case] kind: ApiResourceKind,
    #[case] refusal: Option<&str>,
) -> TestResult {
    requirement!("agent:environment:instance");
    let helper = apply_agent(&server_stack, agent("helper")).await?.id();
    let instance = AgentInstance {
        api_version: API_VERSION.to_owned(),
        kind: "AgentInstance".to_owned(),
        metadata: Some(metadata("own")),
        spec: Some(AgentInstanceSpec {
            agent_id: helper,
            environment_refs: vec![reference(kind, "shared")],
            ..AgentInstanceSpec::default()
        }),
        status: None,
    };
    let mut environments = EnvironmentCommandControllerClient::new(server_stack.server());
    environments.create(environment("shared", &[])).await?;
    let mut instances = AgentInstanceCommandControllerClient::new(server_stack.server());
    match (instances.create(instance).await, refusal) {
        (Ok(_), None) => {}
        (Err(refused), Some(words)) => {
            assert_eq!(refused.code(), Code::InvalidArgument);
            assert!(refused.message().contains(words), "{refused}");
        }
        (other, _) => return Err(TestFailure::new(format!("{other:?}"))),
    }
    Ok(())
}
