//! Workflows that call agents.

use serde_json::json;
use stigmer_e2e::model::When;
use stigmer_e2e::stack::prelude::*;

use crate::api::{
    Stored as _, apply_agent, apply_workflow, output_of, run_workflow, start_workflow, tasks_of,
};
use crate::drafts::{agent, set, task, values, workflow};
use crate::requirements::requirement;
use crate::support::{PATIENCE, eventually};

#[rstest]
#[tokio::test]
async fn agent_call_hands_on_message_and_model_and_keeps_the_fields_of_the_answer(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("workflow:task:agent-call");
    apply_agent(&stack, agent("judge")).await?;
    let asked = When::user_contains("How is Ada?").and(When::model("large"));
    stack
        .model()
        .reply(Reply::text(r#"{"mood": "fine", "score": 7}"#).expect(asked));
    let config = json!({
        "agent": "judge",
        "message": "How is ${ .name }?",
        "config": { "model": "large", "timeout": 60 },
    });
    let tasks = vec![
        set("who", json!({ "name": "Ada" })),
        task("ask", "AGENT_CALL", config),
        set(
            "out",
            json!({ "mood": "${ .ask.mood }", "score": "${ .ask.score + 1 }" }),
        ),
    ];
    let ended = run_workflow(&stack, workflow("judging", tasks)).await?;
    assert_eq!(output_of(&ended), json!({ "mood": "fine", "score": 8 }));
    assert_eq!(
        tasks_of(&ended),
        ["who COMPLETED", "ask COMPLETED", "out COMPLETED"]
    );
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_cancelled_run_cancels_the_agent_that_it_called(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("workflow:cancel:agent");
    apply_agent(&stack, agent("helper")).await?;
    stack
        .model()
        .reply(Reply::text("Never.").fault(Fault::hang_forever()));
    let ask = task(
        "ask",
        "AGENT_CALL",
        json!({ "agent": "helper", "message": "hi" }),
    );
    let applied = apply_workflow(&stack, workflow("asker", vec![ask])).await?;
    let id = start_workflow(&stack, &applied, values(&[])).await?.id();
    stack.model().wait_for_requests(1, PATIENCE).await?;
    stack.cli(["executions", "cancel", &id]).await.succeeds();
    eventually("both executions are cancelled", async || {
        let shown = stack.cli(["executions", "list"]).await;
        let text = shown.output().stdout.clone();
        (text.matches("Cancelled").count() == 2)
            .then_some(())
            .ok_or(text)
    })
    .await
}

#[rstest]
#[tokio::test]
async fn an_agent_that_fails_fails_the_workflow_once_with_its_own_words(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!("workflow:task:agent-call-failed");
    apply_agent(&stack, agent("helper")).await?;
    stack.model().reply(Reply::failing(Fault::status(500)));
    let ask = task(
        "ask",
        "AGENT_CALL",
        json!({ "agent": "helper", "message": "hi" }),
    );
    let ended = run_workflow(&stack, workflow("asker", vec![ask])).await?;
    assert_eq!(ended.phase().as_str_name(), "EXECUTION_FAILED");
    assert!(
        ended.error.starts_with("task \"ask\" failed: "),
        "{}",
        ended.error
    );
    assert!(ended.error.contains("500"), "{}", ended.error);
    assert_eq!(tasks_of(&ended), ["ask FAILED"]);
    assert_eq!(stack.model().requests().len(), 1);
    Ok(())
}
