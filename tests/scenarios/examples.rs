//! The projects of `examples/`: applied and run, as their README says.

use serde_json::{Value, json};
use stigmer_e2e::model::When;
use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::toolset::Tool;

use crate::requirements::requirement;
use crate::support::{json, program, workspace};
use crate::web::{Answer, Received, Web, ok};

#[rstest]
#[tokio::test]
async fn a_dry_run_shows_what_every_example_declares(
    #[future(awt)] bare_stack: Stack,
) -> TestResult {
    requirement!("examples:dry-run");
    let examples = workspace()?.join("examples");
    for example in examples.read_dir_utf8()? {
        let config = example?.into_path();
        bare_stack
            .cli(["apply", "--dry-run", "--config", config.as_str()])
            .await
            .succeeds()
            .prints("Dry run successful");
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_basic_agent_reviews_code_by_its_instructions(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("examples:basic-agent");
    stack
        .model()
        .reply(Reply::text("It divides by zero.").when(When::system_contains("You review code.")));
    stack
        .cli(["apply", "--config", "examples/basic-agent"])
        .await
        .succeeds()
        .prints("Successfully applied 1 resource(s)");
    stack
        .cli(["run", "code-reviewer", "--message", "return a / b"])
        .await
        .succeeds()
        .prints("🤖 Agent: It divides by zero.");
    let asked = stack.model().requests();
    assert!(asked[0].user_text().unwrap().starts_with("return a / b"));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_librarian_keeps_notes_with_a_real_tool_server(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("examples:agent-with-skills-and-mcp");
    let example = "examples/agent-with-skills-and-mcp";
    let skill = format!("{example}/skills/house-style");
    stack.cli(["skill", "push", &skill]).await.succeeds();
    stack.cli(["apply", "--config", example]).await.succeeds();
    let note = json!({ "text": "The door is open." });
    stack.model().reply(
        Reply::call("add_note", note).expect(When::system_contains("Present tense, active voice")),
    );
    stack.model().reply(
        Reply::call("list_notes", json!({})).expect(When::tool_result_contains("note 1 kept")),
    );
    stack.model().reply(
        Reply::text("One note: the door is open.")
            .expect(When::tool_result_contains("The door is open.")),
    );
    let python = program(Tool::AgentRunnerPython)?;
    let server = workspace()?.join(example).join("notes_server.py");
    let value = format!("NOTES_SERVER={python} {server}");
    stack
        .cli(["run", "librarian", "--runtime-env", &value])
        .await
        .succeeds()
        .prints("🔧 Tool: note 1 kept")
        .prints("🤖 Agent: One note: the door is open.")
        .prints("Tool calls: 2");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_editor_has_its_helpers_do_parts_of_the_work(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("examples:agent-with-sub-agents");
    stack
        .cli(["apply", "--config", "examples/agent-with-sub-agents"])
        .await
        .succeeds();
    let hand_to = |helper: &str| json!({ "subagent_type": helper, "description": "Teh moon." });
    let editor = || When::system_contains("You make texts ready to publish");
    let model = stack.model();
    model.reply(
        Reply::call("task", hand_to("proof-reader"))
            .and_call("task", hand_to("fact-checker"))
            .when(editor().and(When::user_contains("Teh moon"))),
    );
    model.reply(Reply::text("The moon.").when(When::system_contains("spelling and grammar")));
    model.reply(Reply::text("Which moon?").when(When::system_contains("List every claim")));
    model.reply(Reply::text("The moon. Check: which one?").when(editor()));
    stack
        .cli(["run", "editor", "--message", "Teh moon."])
        .await
        .succeeds()
        .prints("🔧 Tool: The moon.")
        .prints("🔧 Tool: Which moon?")
        .prints("🤖 Agent: The moon. Check: which one?");
    Ok(())
}

#[tokio::test]
async fn the_basic_workflow_sums_up_an_order() -> TestResult {
    requirement!("examples:basic-workflow");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let order = json!({ "customer": { "name": "Ada" }, "total": 12.5, "status": "paid" });
    let shop = Web::start(move |_| ok(order.clone())).await?;
    stack
        .cli(["apply", "--config", "examples/basic-workflow"])
        .await
        .succeeds();
    let address = format!("API_URL={}", shop.url());
    let run = [
        "run",
        "order-summary",
        "--runtime-env",
        &address,
        "--output",
        "json",
    ];
    let ran = stack.cli(run).await;
    let execution = json(ran.succeeds().output())?;
    let summary = json!({ "customer": "Ada", "total": "12.5 EUR", "status": "paid" });
    assert_eq!(execution["status"]["output"], summary);
    assert_eq!(shop.lines(), ["GET /orders/1"]);
    assert_eq!(shop.received()[0].header("accept"), "application/json");
    Ok(())
}

/// A shop with two open orders, and a carrier that answers so.
async fn shop(carrier: Answer) -> Result<Web, TestFailure> {
    Web::start(move |request: &Received| match request.line.as_str() {
        "GET /orders" => ok(json!({ "open": [
            { "id": "1", "address": "Main St" }, { "id": "2", "address": "Side St" },
        ] })),
        "GET /stock" => ok(json!({ "warehouse": "north" })),
        "POST /shipments" => carrier.clone(),
        _ => (404, "{}".to_owned()),
    })
    .await
}

#[tokio::test]
async fn the_orders_are_shipped_when_the_carrier_takes_them() -> TestResult {
    requirement!("examples:workflow-with-control-flow-and-errors");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let shop = shop(ok(json!({}))).await?;
    let config = "examples/workflow-with-control-flow-and-errors";
    stack.cli(["apply", "--config", config]).await.succeeds();
    let address = format!("API_URL={}", shop.url());
    stack
        .cli(["run", "ship-orders", "--runtime-env", &address])
        .await
        .succeeds()
        .prints("✓ Task: ship [Completed]")
        .prints("✓ Task: report [Completed]")
        .prints("✅ Execution completed");
    let sent = shop.received();
    let shipment = sent
        .iter()
        .find(|request| request.line == "POST /shipments");
    let body: Value = serde_json::from_str(&shipment.expect("a shipment").body)?;
    assert_eq!(body["from"], "north");
    assert_eq!(body["orders"][1]["address"], "Side St");
    Ok(())
}

#[tokio::test]
async fn the_run_fails_with_the_carriers_reason_when_nothing_was_shipped() -> TestResult {
    requirement!("examples:workflow-with-control-flow-and-errors");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let shop = shop((409, json!({ "reason": "strike" }).to_string())).await?;
    let config = "examples/workflow-with-control-flow-and-errors";
    stack.cli(["apply", "--config", config]).await.succeeds();
    let address = format!("API_URL={}", shop.url());
    stack
        .cli(["run", "ship-orders", "--runtime-env", &address])
        .await
        .exits(3)
        .prints("ShipmentFailed: no order was shipped: ")
        .prints("409")
        .prints("strike");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_workflow_keeps_what_the_agent_answers(#[future(awt)] stack: Stack) -> TestResult {
    requirement!(
        "examples:workflow-calling-an-agent",
        "workflow:task:agent-call"
    );
    let text = "It rained all day.";
    stack
        .model()
        .reply(Reply::text("Rain.").expect(When::user_contains(text)));
    stack
        .cli(["apply", "--config", "examples/workflow-calling-an-agent"])
        .await
        .succeeds()
        .prints("Successfully applied 2 resource(s)");
    let value = format!("TEXT={text}");
    let run = ["run", "summarize", "--runtime-env", &value, "-o", "json"];
    let ran = stack.cli(run).await;
    let execution = json(ran.succeeds().output())?;
    assert_eq!(execution["status"]["output"], json!({ "summary": "Rain." }));
    Ok(())
}
