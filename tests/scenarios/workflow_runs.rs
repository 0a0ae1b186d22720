//! A workflow's execution as a whole: what is reported of it, how it fails, how it is cancelled.

use serde_json::json;
use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::wire::environment::EnvironmentSpec;
use stigmer_e2e::wire::environment::environment_command_controller_client::EnvironmentCommandControllerClient;
use stigmer_e2e::wire::resource::apiresourcekind::ApiResourceKind;
use stigmer_e2e::wire::workflow::{Export, FlowControl};
use stigmer_e2e::wire::workflow_execution::WorkflowExecutionSpec;
use stigmer_e2e::wire::workflow_instance::workflow_instance_command_controller_client::WorkflowInstanceCommandControllerClient;
use stigmer_e2e::wire::workflow_instance::{WorkflowInstance, WorkflowInstanceSpec};

use crate::api::{
    Stored as _, apply_workflow, cancel, create_workflow_execution, follow_workflow, output_of,
    run_workflow, start_workflow, tasks_of, until_end, workflow_ended, workflow_reaches,
};
use crate::drafts::{
    API_VERSION, environment, inner, metadata, reference, set, task, values, workflow,
};
use crate::requirements::requirement;
use crate::support::{eventually, id_in};
use crate::web::{Web, ok};

async fn workflows() -> Result<Stack, TestFailure> {
    Stack::start(StackSpec::server().with_workflow_runner()).await
}

#[tokio::test]
async fn a_run_says_when_it_began_and_ended_and_what_runs_it() -> TestResult {
    requirement!("workflow:status:times");
    let stack = workflows().await?;
    let draft = workflow(
        "timed",
        vec![
            set("one", json!({ "x": "1" })),
            set("two", json!({ "y": "2" })),
        ],
    );
    let applied = apply_workflow(&stack, draft).await?;
    let id = start_workflow(&stack, &applied, values(&[])).await?.id();
    let ended = workflow_ended(&stack, &id).await?;
    assert_eq!(output_of(&ended), json!({ "y": "2" }));
    assert!(
        !ended.started_at.is_empty() && ended.started_at <= ended.completed_at,
        "{ended:?}"
    );
    for task in &ended.tasks {
        assert!(
            !task.started_at.is_empty() && task.started_at <= task.completed_at,
            "{task:?}"
        );
    }
    assert_eq!(ended.temporal_workflow_id, format!("workflow-exec-{id}"));
    Ok(())
}

#[tokio::test]
async fn tasks_are_reported_in_order_while_they_run_and_all_are_kept() -> TestResult {
    requirement!("workflow:status:tasks");
    let stack = workflows().await?;
    let gate = Web::start(|_| ok(json!({ "open": true }))).await?;
    let listen = json!({ "to": { "mode": "one", "signals": [{ "id": "go", "type": "signal" }] } });
    let get = json!({ "method": "GET", "endpoint": { "uri": gate.url() } });
    let tasks = vec![
        set("first", json!({ "x": "1" })),
        task("second", "HTTP_CALL", get),
        task("third", "LISTEN", listen),
        set("fourth", json!({ "y": "2" })),
    ];
    let applied = apply_workflow(&stack, workflow("ordered", tasks)).await?;
    let id = start_workflow(&stack, &applied, values(&[])).await?.id();
    let during = workflow_reaches(&stack, &id, "third", "IN_PROGRESS").await?;
    assert_eq!(
        tasks_of(&during),
        ["first COMPLETED", "second COMPLETED", "third IN_PROGRESS"]
    );
    assert_eq!(during.phase().as_str_name(), "EXECUTION_IN_PROGRESS");
    crate::temporal::signal(&stack, &id, "go", &json!({})).await?;
    let ended = workflow_ended(&stack, &id).await?;
    let expected = [
        "first COMPLETED",
        "second COMPLETED",
        "third COMPLETED",
        "fourth COMPLETED",
    ];
    assert_eq!(tasks_of(&ended), expected);
    Ok(())
}

#[tokio::test]
async fn export_and_flow_decide_what_comes_next() -> TestResult {
    requirement!("workflow:flow:export-and-then");
    let stack = workflows().await?;
    let mut first = set("first", json!({ "name": "Ada", "hidden": "1" }));
    first.export = Some(Export {
        r#as: "${ .name }".to_owned(),
    });
    first.flow = Some(FlowControl {
        then: "third".to_owned(),
    });
    let mut third = set("third", json!({ "seen": "${ $context[\"first\"] }" }));
    third.flow = Some(FlowControl {
        then: "end".to_owned(),
    });
    let tasks = vec![
        first,
        set("second", json!({ "x": "1" })),
        third,
        set("fourth", json!({ "x": "1" })),
    ];
    let ended = run_workflow(&stack, workflow("jumping", tasks)).await?;
    assert_eq!(output_of(&ended), json!({ "seen": "Ada" }));
    assert_eq!(tasks_of(&ended), ["first COMPLETED", "third COMPLETED"]);
    Ok(())
}

#[tokio::test]
async fn nested_tasks_are_run_and_reported_however_deep_they_lie() -> TestResult {
    requirement!("workflow:status:nested");
    let stack = workflows().await?;
    let say = inner("say", "SET", json!({ "variables": { "n": "${ .item }" } }));
    let note = inner("note", "SET", json!({ "variables": { "n": "never" } }));
    let attempt = inner(
        "attempt",
        "TRY",
        json!({ "try": [say], "catch": { "do": [note] } }),
    );
    let branch = |name: &str| {
        let each = json!({ "each": "item", "in": "${ [1] }", "do": [attempt] });
        json!({ "name": name, "do": [inner("each", "FOR", each)] })
    };
    let fork = task(
        "fork",
        "FORK",
        json!({ "branches": [branch("a"), branch("b")] }),
    );
    let ended = run_workflow(&stack, workflow("nested", vec![fork])).await?;
    assert_eq!(
        output_of(&ended),
        json!({ "a": [{ "n": 1 }], "b": [{ "n": 1 }] })
    );
    let mut tasks = tasks_of(&ended);
    tasks.sort();
    let branch = |name: &str| {
        ["", "[0]/attempt", "[0]/attempt/try/say"]
            .map(|below| format!("fork/{name}/each{below} COMPLETED"))
    };
    let mut expected = [
        &["fork COMPLETED".to_owned()][..],
        &branch("a"),
        &branch("b"),
    ]
    .concat();
    expected.sort();
    assert_eq!(tasks, expected);
    Ok(())
}

#[tokio::test]
async fn a_failure_names_every_task_that_it_passed() -> TestResult {
    requirement!("workflow:failure:named");
    let stack = workflows().await?;
    let bad = inner(
        "bad",
        "SET",
        json!({ "variables": { "x": "${ .item + \"a\" }" } }),
    );
    let each = task(
        "each",
        "FOR",
        json!({ "each": "item", "in": "${ [1] }", "do": [bad] }),
    );
    let ended = run_workflow(&stack, workflow("failing", vec![each])).await?;
    assert_eq!(ended.phase().as_str_name(), "EXECUTION_FAILED");
    let start = "task \"each\" failed: round 0: task \"bad\" failed: x: ";
    assert!(ended.error.starts_with(start), "{}", ended.error);
    assert!(ended.error.contains("cannot add"), "{}", ended.error);
    assert_eq!(tasks_of(&ended), ["each FAILED", "each[0]/bad FAILED"]);
    Ok(())
}

#[tokio::test]
async fn a_cancelled_run_stops_where_it_is_and_keeps_what_was_done() -> TestResult {
    requirement!("workflow:cancel:stops");
    let stack = workflows().await?;
    let tasks = vec![
        set("done", json!({ "x": "1" })),
        task("pause", "WAIT", json!({ "seconds": 3600 })),
        set("never", json!({ "x": "2" })),
    ];
    let applied = apply_workflow(&stack, workflow("sleeper", tasks)).await?;
    let id = start_workflow(&stack, &applied, values(&[])).await?.id();
    workflow_reaches(&stack, &id, "pause", "IN_PROGRESS").await?;
    cancel(&stack, &id, "enough").await?;
    let updates = until_end(follow_workflow(&stack, &id).await?).await?;
    let ended = updates.into_iter().next_back().unwrap().status.unwrap();
    assert_eq!(ended.phase().as_str_name(), "EXECUTION_CANCELLED");
    assert_eq!(ended.error, "enough");
    assert_eq!(tasks_of(&ended)[0], "done COMPLETED");
    Ok(())
}

#[tokio::test]
async fn a_cancelled_run_ends_its_running_task_as_skipped() -> TestResult {
    requirement!("workflow:cancel:last-report");
    let stack = workflows().await?;
    let pause = task("pause", "WAIT", json!({ "seconds": 3600 }));
    let applied = apply_workflow(&stack, workflow("sleeper", vec![pause])).await?;
    let id = start_workflow(&stack, &applied, values(&[])).await?.id();
    workflow_reaches(&stack, &id, "pause", "IN_PROGRESS").await?;
    stack.cli(["executions", "cancel", &id]).await.succeeds();
    eventually("the last report is kept", async || {
        let shown = stack.cli(["executions", "get", &id, "-o", "json"]).await;
        let text = shown.output().stdout.clone();
        text.contains("WORKFLOW_TASK_SKIPPED")
            .then_some(())
            .ok_or(text)
    })
    .await
}

#[tokio::test]
async fn values_come_from_the_workflow_its_environments_and_the_run_the_later_wins() -> TestResult {
    requirement!("workflow:environment:merged");
    let stack = workflows().await?;
    let all = json!({ "all": "${ [.env_vars.A, .env_vars.B, .env_vars.C] }" });
    let mut draft = workflow("merged", vec![set("out", all)]);
    let defaults = environment(
        "defaults",
        &[("A", "a1", false), ("B", "b1", false), ("C", "c1", false)],
    );
    draft.spec.as_mut().unwrap().env_spec = defaults.spec.map(|spec| EnvironmentSpec { ..spec });
    let workflow_id = apply_workflow(&stack, draft).await?.id();
    let shared = environment("shared", &[("B", "b2", false), ("C", "c2", false)]);
    EnvironmentCommandControllerClient::new(stack.server())
        .create(shared)
        .await?;
    let instance = WorkflowInstance {
        api_version: API_VERSION.to_owned(),
        kind: "WorkflowInstance".to_owned(),
        metadata: Some(metadata("own")),
        spec: Some(WorkflowInstanceSpec {
            workflow_id,
            env_refs: vec![reference(ApiResourceKind::Environment, "shared")],
            ..WorkflowInstanceSpec::default()
        }),
        status: None,
    };
    let mut instances = WorkflowInstanceCommandControllerClient::new(stack.server());
    let made = instances.create(instance).await?.into_inner();
    let spec = WorkflowExecutionSpec {
        workflow_instance_id: made.metadata.unwrap().id,
        runtime_env: values(&[("C", "c3")]),
        ..WorkflowExecutionSpec::default()
    };
    let id = create_workflow_execution(&stack, spec).await?.id();
    let ended = workflow_ended(&stack, &id).await?;
    assert_eq!(output_of(&ended), json!({ "all": ["a1", "b2", "c3"] }));
    Ok(())
}

#[tokio::test]
async fn a_value_that_nobody_gave_is_named() -> TestResult {
    requirement!("workflow:environment:missing");
    let stack = workflows().await?;
    let draft = workflow(
        "needy",
        vec![set("use", json!({ "x": "${ .env_vars.REGION }" }))],
    );
    apply_workflow(&stack, draft).await?;
    let ran = stack.cli(["run", "needy"]).await;
    ran.exits(3).prints("REGION");
    id_in(&ran.output().stdout, "wex")?;
    Ok(())
}
