//! Values that a user marks as secret reach those who need them, and nobody else.

use serde_json::json;
use stigmer_e2e::model::When;
use stigmer_e2e::stack::prelude::*;
use stigmer_e2e::wire::agent::mcp_server_definition::ServerType;
use stigmer_e2e::wire::agent::{McpServerDefinition, StdioServer};

use crate::api::{apply_agent, apply_workflow};
use crate::drafts::{agent, set, task, workflow};
use crate::requirements::requirement;
use crate::support::id_in;
use crate::temporal::history;
use crate::tool_server::{ECHO, tool_server};
use crate::web::{Web, ok};

/// With characters that JSON, addresses and shells write in other ways.
const SECRET: &str = r#"hunter2-"sesame"/+open"#;

/// The secret in the spellings that a text may have it in.
fn spellings() -> Vec<String> {
    let quoted = json!(SECRET).to_string();
    vec![
        SECRET.to_owned(),
        quoted.trim_matches('"').to_owned(),
        "hunter2-".to_owned(),
    ]
}

#[track_caller]
fn assert_hidden(place: &str, text: &str) {
    for spelling in spellings() {
        assert!(
            !text.contains(&spelling),
            "{place} holds the secret:\n{text}"
        );
    }
}

/// Looks at all logs of a stack.
fn assert_hidden_in_logs(stack: &Stack) -> TestResult {
    let mut looked_at = 0;
    for entry in stack.folder().join("logs").read_dir_utf8()? {
        let path = entry?.into_path();
        let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
        assert_hidden(path.as_str(), &text);
        looked_at += usize::from(!text.is_empty());
    }
    assert!(looked_at > 1, "only {looked_at} logs have text");
    Ok(())
}

/// Looks at everything that the command line can show of an execution.
async fn assert_hidden_when_shown(stack: &Stack, id: &str) {
    for arguments in [
        &["executions", "get", id][..],
        &["executions", "get", id, "-o", "json"],
        &["executions", "get", id, "-o", "yaml"],
        &["executions", "logs", id],
        &["executions", "logs", id, "-o", "json"],
        &["executions", "list", "-o", "json"],
    ] {
        let shown = stack.cli(arguments.iter().copied()).await;
        let text = shown.succeeds().output().to_string();
        assert_hidden(&arguments.join(" "), &text);
    }
}

/// Applies an agent with a tool server that knows the secret and tells it, and runs it with the secret.
async fn tell_tale(stack: &Stack, format: &str) -> Result<CommandOutcome, TestFailure> {
    let (command, args) = tool_server(stack, ECHO)?;
    let mut draft = agent("tell-tale");
    draft.spec.as_mut().unwrap().mcp_servers = vec![McpServerDefinition {
        name: "echo".to_owned(),
        enabled_tools: Vec::new(),
        server_type: Some(ServerType::Stdio(StdioServer {
            command,
            args,
            env_placeholders: [("TOKEN".to_owned(), "${TOKEN}".to_owned())].into(),
            ..StdioServer::default()
        })),
    }];
    apply_agent(stack, draft).await?;
    stack
        .model()
        .reply(Reply::call("environment", json!({ "names": ["TOKEN"] })));
    // What the model hears is what it could say.
    stack
        .model()
        .reply(Reply::text("Told.").expect(When::tool_result_contains("TOKEN=***")));
    let value = format!("secret:TOKEN={SECRET}");
    let run = ["run", "tell-tale", "--runtime-env", &value, "-o", format];
    Ok(stack.cli(run).await)
}

#[rstest]
#[case::table("table")]
#[case::json("json")]
#[case::yaml("yaml")]
#[tokio::test]
async fn a_secret_that_a_tool_tells_is_shown_to_nobody(
    #[future(awt)] stack: Stack,
    #[case] format: &str,
) -> TestResult {
    requirement!("secret:agent:never-shown");
    let ran = tell_tale(&stack, format).await?;
    let text = ran.succeeds().output().to_string();
    assert_hidden("the run", &text);
    let id = id_in(&text, "aex")?;
    assert_hidden_when_shown(&stack, &id).await;
    assert_hidden_in_logs(&stack)?;
    for request in stack.model().requests() {
        assert_hidden("a request to the model", &request.body.to_string());
    }
    Ok(())
}

/// A workflow that sends the secret and keeps the answer, in which it is repeated.
async fn sender(stack: &Stack) -> Result<(Web, CommandOutcome), TestFailure> {
    let service = Web::start(|request| {
        let header = request.header("authorization").to_owned();
        ok(json!({ "you_sent": header }))
    })
    .await?;
    let config = json!({
        "method": "GET",
        "endpoint": { "uri": service.url() },
        "headers": { "Authorization": "${ .header }" },
    });
    let tasks = vec![
        set("auth", json!({ "header": "Bearer ${ .secrets.TOKEN }" })),
        task("send", "HTTP_CALL", config),
    ];
    apply_workflow(stack, workflow("sender", tasks)).await?;
    let value = format!("secret:TOKEN={SECRET}");
    let ran = stack
        .cli(["run", "sender", "--runtime-env", &value, "-o", "json"])
        .await;
    Ok((service, ran))
}

#[tokio::test]
async fn a_secret_of_a_workflow_reaches_the_service_and_is_shown_to_nobody() -> TestResult {
    requirement!("secret:workflow:never-shown");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let (service, ran) = sender(&stack).await?;
    let text = ran.succeeds().prints("Bearer ***").output().to_string();
    let received = service.received();
    assert_eq!(
        received[0].header("authorization"),
        format!("Bearer {SECRET}")
    );
    assert_hidden("the run", &text);
    let id = id_in(&text, "wex")?;
    assert_hidden_when_shown(&stack, &id).await;
    assert_hidden_in_logs(&stack)
}

#[tokio::test]
async fn a_secret_of_a_workflow_is_in_no_history_of_its_tasks() -> TestResult {
    requirement!("secret:workflow:history-of-tasks");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let (_service, ran) = sender(&stack).await?;
    let id = id_in(&ran.succeeds().output().stdout, "wex")?;
    assert_hidden_in_history(&stack, &format!("workflow-exec-{id}"), &id).await
}

#[tokio::test]
async fn a_secret_of_a_workflow_is_in_no_history_of_its_execution() -> TestResult {
    requirement!("secret:workflow:history");
    let stack = Stack::start(StackSpec::server().with_workflow_runner()).await?;
    let (_service, ran) = sender(&stack).await?;
    let id = id_in(&ran.succeeds().output().stdout, "wex")?;
    assert_hidden_in_history(
        &stack,
        &format!("stigmer/workflow-execution/invoke/{id}"),
        &id,
    )
    .await
}

#[rstest]
#[tokio::test]
async fn a_secret_of_an_agent_is_in_no_history(#[future(awt)] stack: Stack) -> TestResult {
    requirement!("secret:agent:history");
    let ran = tell_tale(&stack, "json").await?;
    let id = id_in(&ran.succeeds().output().stdout, "aex")?;
    assert_hidden_in_history(&stack, &format!("stigmer/agent-execution/invoke/{id}"), &id).await
}

async fn assert_hidden_in_history(stack: &Stack, workflow: &str, execution: &str) -> TestResult {
    let told = history(stack, workflow).await?;
    // Outcome invisible otherwise: whoever may read Temporal's histories is not who may read secrets. Payloads stand
    // there in base64.
    let mut text = told.clone();
    let payload = regex::Regex::new(r#""data": ?"([A-Za-z0-9+/=]+)""#)?;
    for found in payload.captures_iter(&told) {
        let decoded = decoded(&found[1]);
        text.push_str(&String::from_utf8_lossy(&decoded));
    }
    assert!(
        text[told.len()..].contains(execution),
        "no payload is one of {execution}:\n{told}"
    );
    assert_hidden(workflow, &text);
    Ok(())
}

/// Base64, read by the letter: six bits each.
fn decoded(text: &str) -> Vec<u8> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for value in text.chars().filter_map(|letter| LETTERS.find(letter)) {
        bits = (bits << 6 | value as u32) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    bytes
}
