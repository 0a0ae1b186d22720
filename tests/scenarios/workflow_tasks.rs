//! Every kind of task, once.

use serde_json::{Value, json};
use stigmer_e2e::stack::prelude::*;

use crate::api::{
    Stored as _, apply_agent, apply_workflow, output_of, run_workflow, start_workflow, tasks_of,
    workflow_ended, workflow_reaches,
};
use crate::drafts::{agent, inner, set, task, values, workflow};
use crate::requirements::requirement;
use crate::temporal::{signal, update};
use crate::web::{Received, Web, ok};

async fn workflows() -> Result<Stack, TestFailure> {
    Stack::start(StackSpec::server().with_workflow_runner()).await
}

#[tokio::test]
async fn set_keeps_values_and_evaluates_expressions() -> TestResult {
    requirement!("workflow:task:set");
    let stack = workflows().await?;
    let tasks = vec![
        set("first", json!({ "name": "Ada", "number": "${ 6 * 7 }" })),
        set(
            "second",
            json!({ "text": "${ .name } has ${ .number }", "more": "${ .number + 1 }" }),
        ),
    ];
    let ended = run_workflow(&stack, workflow("values", tasks)).await?;
    assert_eq!(
        output_of(&ended),
        json!({ "text": "Ada has 42", "more": 43 })
    );
    Ok(())
}

#[tokio::test]
async fn http_call_sends_what_it_says_and_keeps_the_answer() -> TestResult {
    requirement!("workflow:task:http-call");
    let stack = workflows().await?;
    let shop = Web::start(|_| ok(json!({ "id": 7 }))).await?;
    let config = json!({
        "method": "PUT",
        "endpoint": { "uri": format!("{}/orders/${{ .order }}", shop.url()) },
        "headers": { "X-Tenant": "north" },
        "body": { "amount": "${ .amount }" },
    });
    let tasks = vec![
        set("values", json!({ "order": "5", "amount": "${ 3 }" })),
        task("send", "HTTP_CALL", config),
    ];
    let ended = run_workflow(&stack, workflow("sender", tasks)).await?;
    assert_eq!(output_of(&ended), json!({ "id": 7 }));
    let sent = shop.received();
    assert_eq!(sent[0].line, "PUT /orders/5");
    assert_eq!(sent[0].header("x-tenant"), "north");
    assert_eq!(
        serde_json::from_str::<Value>(&sent[0].body)?,
        json!({ "amount": 3 })
    );
    Ok(())
}

#[tokio::test]
async fn http_call_fails_at_once_with_the_status_of_a_refusal() -> TestResult {
    requirement!("workflow:task:http-call-refused");
    let stack = workflows().await?;
    let shop = Web::start(|_| (404, json!({ "reason": "sold out" }).to_string())).await?;
    let config = json!({ "method": "GET", "endpoint": { "uri": format!("{}/x", shop.url()) } });
    let draft = workflow("asker", vec![task("ask", "HTTP_CALL", config)]);
    let ended = run_workflow(&stack, draft).await?;
    assert_eq!(ended.phase().as_str_name(), "EXECUTION_FAILED");
    for part in ["task \"ask\" failed", "404", "sold out"] {
        assert!(
            ended.error.contains(part),
            "{part} is not in {:?}",
            ended.error
        );
    }
    assert_eq!(shop.lines(), ["GET /x"]);
    Ok(())
}

#[tokio::test]
async fn http_call_asks_again_after_an_error_of_the_service() -> TestResult {
    requirement!("workflow:task:http-call-retried");
    let spec = StackSpec::server().with_workflow_runner();
    let stack = Stack::start(spec.with_environment("STIGMER_TASK_RETRY_INTERVAL", "20ms")).await?;
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let shop = Web::start(move |_: &Received| {
        let before = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if before < 2 {
            (503, String::new())
        } else {
            ok(json!({ "asked": before + 1 }))
        }
    })
    .await?;
    let config = json!({ "method": "GET", "endpoint": { "uri": format!("{}/x", shop.url()) } });
    let draft = workflow("asker", vec![task("ask", "HTTP_CALL", config)]);
    let ended = run_workflow(&stack, draft).await?;
    assert_eq!(output_of(&ended), json!({ "asked": 3 }));
    Ok(())
}

#[tokio::test]
async fn grpc_call_finds_types_by_reflection() -> TestResult {
    requirement!("workflow:task:grpc-call");
    let stack = workflows().await?;
    apply_agent(&stack, agent("looked-up")).await?;
    // The stack's own server is a gRPC service with reflection.
    let service = format!(
        "{}/ai.stigmer.agentic.agent.v1.AgentQueryController",
        stack.server_address()
    );
    let request = json!({ "org": "local", "kind": "agent", "slug": "looked-up" });
    let config = json!({ "service": service, "method": "getByReference", "request": request });
    let tasks = vec![
        task("look", "GRPC_CALL", config),
        set("out", json!({ "name": "${ .look.metadata.name }" })),
    ];
    let ended = run_workflow(&stack, workflow("looker", tasks)).await?;
    assert_eq!(output_of(&ended), json!({ "name": "looked-up" }));
    Ok(())
}

#[tokio::test]
async fn switch_goes_on_at_the_first_case_that_holds() -> TestResult {
    requirement!("workflow:task:switch");
    let stack = workflows().await?;
    let cases = json!({ "cases": [
        { "name": "small", "when": "${ .n < 10 }", "then": "small" },
        { "name": "large", "when": "${ .n < 1000 }", "then": "large" },
        { "name": "otherwise", "then": "end" },
    ] });
    let tasks = vec![
        set("number", json!({ "n": "${ 50 }" })),
        task("choose", "SWITCH", cases),
        set("small", json!({ "size": "small" })),
        set("large", json!({ "size": "large" })),
    ];
    let ended = run_workflow(&stack, workflow("sizes", tasks)).await?;
    assert_eq!(output_of(&ended), json!({ "size": "large" }));
    assert_eq!(
        tasks_of(&ended),
        ["number COMPLETED", "choose COMPLETED", "large COMPLETED"]
    );
    Ok(())
}

#[tokio::test]
async fn for_runs_its_tasks_once_per_element() -> TestResult {
    requirement!("workflow:task:for");
    let stack = workflows().await?;
    let body = inner(
        "double",
        "SET",
        json!({ "variables": { "twice": "${ .item * 2 }" } }),
    );
    let each = task(
        "each",
        "FOR",
        json!({ "each": "item", "in": "${ [1, 2, 3] }", "do": [body] }),
    );
    let tasks = vec![
        each,
        set("out", json!({ "all": "${ .each | map(.twice) }" })),
    ];
    let ended = run_workflow(&stack, workflow("doubling", tasks)).await?;
    assert_eq!(output_of(&ended), json!({ "all": [2, 4, 6] }));
    let expected = [
        "each COMPLETED",
        "each[0]/double COMPLETED",
        "each[1]/double COMPLETED",
        "each[2]/double COMPLETED",
        "out COMPLETED",
    ];
    assert_eq!(tasks_of(&ended), expected);
    Ok(())
}

#[tokio::test]
async fn fork_runs_branches_and_keeps_each_result() -> TestResult {
    requirement!("workflow:task:fork");
    let stack = workflows().await?;
    let branch = |name: &str| {
        let value = inner("say", "SET", json!({ "variables": { "from": name } }));
        json!({ "name": name, "do": [value] })
    };
    let fork = task(
        "both",
        "FORK",
        json!({ "branches": [branch("left"), branch("right")] }),
    );
    let ended = run_workflow(&stack, workflow("forked", vec![fork])).await?;
    let both = json!({ "left": { "from": "left" }, "right": { "from": "right" } });
    assert_eq!(output_of(&ended), both);
    let mut tasks = tasks_of(&ended);
    tasks.sort();
    let expected = [
        "both COMPLETED",
        "both/left/say COMPLETED",
        "both/right/say COMPLETED",
    ];
    assert_eq!(tasks, expected);
    Ok(())
}

#[tokio::test]
async fn fork_with_compete_ends_with_the_first_branch() -> TestResult {
    requirement!("workflow:task:fork-compete");
    let stack = workflows().await?;
    let branches = json!([
        { "name": "slow", "do": [inner("pause", "WAIT", json!({ "seconds": 3600 }))] },
        { "name": "quick", "do": [inner("say", "SET", json!({ "variables": { "x": "won" } }))] },
    ]);
    let race = task(
        "race",
        "FORK",
        json!({ "compete": true, "branches": branches }),
    );
    let ended = run_workflow(&stack, workflow("racing", vec![race])).await?;
    assert_eq!(output_of(&ended), json!({ "x": "won" }));
    let expected = [
        "race COMPLETED",
        "race/slow/pause SKIPPED",
        "race/quick/say COMPLETED",
    ];
    assert_eq!(tasks_of(&ended), expected);
    Ok(())
}

#[tokio::test]
async fn try_goes_on_with_its_catch_which_sees_the_error() -> TestResult {
    requirement!("workflow:task:try");
    let stack = workflows().await?;
    let raise = inner(
        "break",
        "RAISE",
        json!({ "error": "Broken", "message": "no luck" }),
    );
    let note = inner(
        "note",
        "SET",
        json!({ "variables": { "said": "${ .problem.type }: ${ .problem.message } in ${ .problem.task }" } }),
    );
    let config = json!({ "try": [raise], "catch": { "as": "problem", "do": [note] } });
    let ended = run_workflow(
        &stack,
        workflow("careful", vec![task("attempt", "TRY", config)]),
    )
    .await?;
    assert_eq!(
        output_of(&ended),
        json!({ "said": "Broken: no luck in break" })
    );
    let expected = [
        "attempt COMPLETED",
        "attempt/try/break FAILED",
        "attempt/catch/note COMPLETED",
    ];
    assert_eq!(tasks_of(&ended), expected);
    Ok(())
}

#[tokio::test]
async fn listen_goes_on_when_its_signal_comes() -> TestResult {
    requirement!("workflow:task:listen");
    let stack = workflows().await?;
    let to =
        json!({ "to": { "mode": "one", "signals": [{ "id": "approved", "type": "signal" }] } });
    let draft = workflow("waiting", vec![task("hear", "LISTEN", to)]);
    let waiting = apply_workflow(&stack, draft).await?;
    let id = start_workflow(&stack, &waiting, values(&[])).await?.id();
    workflow_reaches(&stack, &id, "hear", "IN_PROGRESS").await?;
    signal(&stack, &id, "approved", &json!({ "by": "Ada" })).await?;
    let ended = workflow_ended(&stack, &id).await?;
    assert_eq!(output_of(&ended), json!({ "by": "Ada" }));
    Ok(())
}

#[tokio::test]
async fn listen_to_all_waits_for_a_signal_and_an_update() -> TestResult {
    requirement!("workflow:task:listen-all");
    let stack = workflows().await?;
    let signals = json!([{ "id": "paid", "type": "signal" }, { "id": "packed", "type": "update" }]);
    let to = json!({ "to": { "mode": "all", "signals": signals } });
    let draft = workflow("waiting", vec![task("hear", "LISTEN", to)]);
    let waiting = apply_workflow(&stack, draft).await?;
    let id = start_workflow(&stack, &waiting, values(&[])).await?.id();
    workflow_reaches(&stack, &id, "hear", "IN_PROGRESS").await?;
    update(&stack, &id, "packed", &json!({ "box": 3 })).await?;
    signal(&stack, &id, "paid", &json!({ "amount": 12 })).await?;
    let ended = workflow_ended(&stack, &id).await?;
    let both = json!({ "packed": { "box": 3 }, "paid": { "amount": 12 } });
    assert_eq!(output_of(&ended), both);
    Ok(())
}

#[tokio::test]
async fn wait_pauses_for_its_seconds() -> TestResult {
    requirement!("workflow:task:wait");
    let stack = workflows().await?;
    let tasks = vec![
        set("before", json!({ "at": "${ now }" })),
        task("pause", "WAIT", json!({ "seconds": 1 })),
        set("after", json!({ "paused": "${ now - .at >= 1 }" })),
    ];
    let ended = run_workflow(&stack, workflow("patient", tasks)).await?;
    assert_eq!(output_of(&ended), json!({ "paused": true }));
    Ok(())
}

#[tokio::test]
async fn raise_fails_the_run_with_its_words() -> TestResult {
    requirement!("workflow:task:raise");
    let stack = workflows().await?;
    let tasks = vec![
        set("name", json!({ "who": "Ada" })),
        task(
            "fail",
            "RAISE",
            json!({ "error": "Broken", "message": "not for ${ .who }" }),
        ),
        set("never", json!({ "x": "1" })),
    ];
    let ended = run_workflow(&stack, workflow("failing", tasks)).await?;
    assert_eq!(ended.phase().as_str_name(), "EXECUTION_FAILED");
    assert_eq!(ended.error, "task \"fail\" failed: Broken: not for Ada");
    assert_eq!(tasks_of(&ended), ["name COMPLETED", "fail FAILED"]);
    Ok(())
}

#[tokio::test]
async fn run_has_another_workflow_done_and_keeps_its_output() -> TestResult {
    requirement!("workflow:task:run");
    let stack = workflows().await?;
    let child = workflow(
        "adding",
        vec![set("sum", json!({ "sum": "${ $input.a + $input.b }" }))],
    );
    apply_workflow(&stack, child).await?;
    let input = json!({ "workflow": "adding", "input": { "a": 1, "b": "${ 2 }" } });
    let ended = run_workflow(&stack, workflow("parent", vec![task("add", "RUN", input)])).await?;
    assert_eq!(output_of(&ended), json!({ "sum": 3 }));
    stack
        .cli(["executions", "list", "--workflow", "adding"])
        .await
        .succeeds()
        .prints("Completed");
    Ok(())
}
