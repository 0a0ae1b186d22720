//! `stigmer apply` against a server.

use serde_json::json;
use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::wire::agent::Agent;
use stigmer_e2e::wire::resource::apiresourcekind::ApiResourceKind;

use crate::drafts::{agent, reference, set, task, workflow};
use crate::projects::{declared, declaring};
use crate::requirements::requirement;
use crate::support::{id_in, json};

#[rstest]
#[tokio::test]
async fn an_applied_agent_lies_in_the_database(#[future(awt)] server_stack: Stack) -> TestResult {
    requirement!("cli:apply:stored");
    server_stack
        .cli(["apply", "--config", "testdata/basic_agent.go"])
        .await
        .succeeds()
        .prints("Deployment successful");
    // The only test that looks there: it shows that the command line speaks of this stack's own database.
    assert!(server_stack.store().await?.contains("agent:test-agent"));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_second_apply_says_updated_and_keeps_the_id(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("cli:apply:updated");
    let apply = ["apply", "--config", "testdata/basic_agent.go"];
    let first = server_stack.cli(apply).await;
    first.succeeds().prints("✓ Created");
    let second = server_stack.cli(apply).await;
    second.succeeds().prints("✓ Updated");
    assert!(!second.output().stdout.contains("Created"));
    let id = |outcome: &CommandOutcome| id_in(&outcome.output().stdout, "agt");
    assert_eq!(id(&first)?, id(&second)?);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_apply_replaces_what_the_program_says_now(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("cli:apply:replaced");
    let described = |text: &str| {
        let mut draft = agent("greeter");
        draft.spec.as_mut().unwrap().description = text.to_owned();
        draft
    };
    for text in ["Says hello", "Says goodbye"] {
        let project = declaring(&[declared("agent-0.pb", &described(text))])?;
        server_stack
            .cli(["apply", "--config", project.path().as_str()])
            .await
            .succeeds();
        server_stack
            .cli(["get", "agent", "greeter"])
            .await
            .succeeds()
            .prints(text);
    }
    Ok(())
}

/// An agent that the command line finds nothing wrong with, and the server does.
fn refused(name: &str) -> Agent {
    let mut draft = agent(name);
    let spec = draft.spec.as_mut().unwrap();
    spec.skill_refs = vec![reference(ApiResourceKind::Agent, "no-skill")];
    draft
}

#[rstest]
#[tokio::test]
async fn an_apply_lists_all_that_the_server_refuses_with_its_file(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("cli:apply:all-failures");
    let project = declaring(&[
        declared("agent-0.pb", &refused("first")),
        declared("agent-1.pb", &agent("second")),
        declared("agent-2.pb", &refused("third")),
    ])?;
    let outcome = server_stack
        .cli(["apply", "--config", project.path().as_str()])
        .await;
    outcome
        .exits(1)
        .complains("2 of 3 resource(s) were not deployed")
        .complains("agent-0.pb: cannot deploy agent 'first'")
        .complains("agent-2.pb: cannot deploy agent 'third'")
        .complains("skill_refs must reference resources with kind=skill");
    assert!(!outcome.output().stderr.contains("agent-1.pb"));
    Ok(())
}

#[tokio::test]
async fn an_apply_tells_every_mistake_of_a_workflow_at_once() -> TestResult {
    requirement!("cli:apply:all-mistakes-of-a-workflow");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let broken = workflow(
        "broken",
        vec![
            set("first", json!({ "x": "${ .y + }" })),
            task(
                "second",
                "SWITCH",
                json!({ "cases": [{ "name": "only", "then": "nowhere" }] }),
            ),
        ],
    );
    let project = declaring(&[declared("workflow-0.pb", &broken)])?;
    stack
        .cli(["apply", "--config", project.path().as_str()])
        .await
        .exits(1)
        .complains("workflow-0.pb: cannot deploy workflow 'broken'")
        .complains("tasks[0].set.variables.x: this is no expression")
        .complains("tasks[1].switch.cases[0].then: no task named \"nowhere\"");
    stack
        .cli(["get", "workflow", "broken"])
        .await
        .exits(1)
        .complains("Workflow not found: broken");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_workflow_is_refused_while_nobody_can_validate_it(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("cli:apply:temporal-away");
    let fine = workflow("fine", vec![set("only", json!({ "x": "1" }))]);
    let project = declaring(&[declared("workflow-0.pb", &fine)])?;
    server_stack
        .cli(["apply", "--config", project.path().as_str()])
        .await
        .exits(1)
        .complains("Temporal workflow engine is unavailable");
    server_stack.cli(["get", "workflow", "fine"]).await.exits(1);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_apply_prints_what_it_deployed_as_data(
    #[future(awt)] server_stack: Stack,
) -> TestResult {
    requirement!("cli:apply:data");
    let project = declaring(&[
        declared("agent-0.pb", &agent("first")),
        declared("agent-1.pb", &agent("second")),
    ])?;
    let applied = server_stack
        .cli(["apply", "--config", project.path().as_str(), "-o", "json"])
        .await;
    let resources = json(applied.succeeds().output())?;
    let names: Vec<&str> = resources
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|resource| resource["metadata"]["name"].as_str())
        .collect();
    assert_eq!(names, ["first", "second"]);
    Ok(())
}

#[rstest]
#[case::compile_error("does_not_compile.go", "undefined: agent.Nothing")]
#[case::panic("panics.go", "the program panicked at")]
#[case::nothing_declared("no_resources.go", "no resources found")]
#[case::invalid_agent("invalid_agent.go", "instructions")]
#[case::missing_file("missing.go", "does not exist")]
#[tokio::test]
async fn a_bad_program_is_refused_with_its_reason(
    #[future(awt)] bare_stack: Stack,
    #[case] program: &str,
    #[case] reason: &str,
) -> TestResult {
    requirement!("cli:apply:bad-program");
    let config = format!("testdata/{program}");
    bare_stack
        .cli(["apply", "--dry-run", "--config", &config])
        .await
        .exits(1)
        .complains(reason);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_apply_without_a_server_names_the_address(
    #[future(awt)] bare_stack: Stack,
) -> TestResult {
    requirement!("cli:server:unreachable");
    // Nobody listens on port 1.
    bare_stack
        .cli([
            "apply",
            "--config",
            "testdata/basic_agent.go",
            "--server",
            "127.0.0.1:1",
        ])
        .await
        .exits(1)
        .complains("no server can be reached at 127.0.0.1:1 (from --server)")
        .complains("cargo e2e up");
    Ok(())
}
