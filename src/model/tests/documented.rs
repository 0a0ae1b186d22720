//! `docs/model.md`: every script of the page is one, every Rust example stands here and runs.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{question, send};
use crate::model::{
    Delivery, Fault, ModelScript, ModelSpec, Provider, Reply, RunningModel, Times, When,
};

const PAGE: &str = include_str!("../../../docs/model.md");

/// The fenced blocks of the page in one language, each with the line that it starts at.
fn blocks(language: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(PAGE.lines());
    while let Some((number, line)) = lines.next() {
        let Some(fence) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<_> = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| *line != "```")
            .collect();
        if fence == language {
            blocks.push((number + 1, block.join("\n")));
        }
    }
    blocks
}

#[test]
fn every_script_of_the_page_is_one() {
    let (yaml, json) = (blocks("yaml"), blocks("json"));
    assert!(yaml.len() > 15 && !json.is_empty(), "the page has examples");
    for (line, block) in yaml {
        let script = ModelScript::from_yaml(&block);
        let script = script.unwrap_or_else(|error| panic!("docs/model.md:{line}: {error:#?}"));
        assert_ne!(
            script,
            ModelScript::new(),
            "docs/model.md:{line} says nothing"
        );
    }
    for (line, block) in json {
        let script = ModelScript::from_json(&block);
        assert!(script.is_ok(), "docs/model.md:{line}: {script:?}");
    }
}

#[test]
fn every_field_is_on_the_page() -> anyhow::Result<()> {
    let examples: Vec<Value> = blocks("yaml")
        .into_iter()
        .map(|(_, block)| Ok(serde_json::to_value(ModelScript::from_yaml(&block)?)?))
        .collect::<anyhow::Result<_>>()?;
    let shown = json!(examples).to_string();
    for field in [
        "lenient",
        "models",
        "default",
        "when",
        "expect",
        "times",
        "text",
        "tool_calls",
        "usage",
        "stop",
        "chunks",
        "delay",
        "fault",
        "user",
        "tool_result",
        "system",
        "model",
        "provider",
        "headers",
        "contains",
        "matches",
        "status",
        "hang",
        "cut",
        "reset",
        "malformed",
        "error_event",
        "drip",
    ] {
        assert!(
            shown.contains(&format!("\"{field}\":")),
            "no example has `{field}`"
        );
    }
    Ok(())
}

/// Without white space and last commas, which formatting changes.
fn flat(code: &str) -> String {
    code.split_whitespace()
        .collect::<String>()
        .replace(",)", ")")
}

#[test]
fn every_rust_example_of_the_page_is_run_here() {
    let here = flat(include_str!("documented.rs"));
    let examples = blocks("rust");
    assert!(examples.len() >= 4, "the page has examples");
    for (line, example) in examples {
        assert!(
            here.contains(&flat(&example)),
            "docs/model.md:{line} is not in this file"
        );
    }
}

fn ask(model: &RunningModel, text: &str) -> tokio::task::JoinHandle<()> {
    let (model, mut body) = (model.clone(), question(text, true));
    let tool = |name| json!({ "type": "function", "function": { "name": name } });
    body["tools"] = json!([tool("read_file"), tool("ls")]);
    tokio::spawn(async move {
        let body = body.to_string();
        let answer = send(&model, &hyper::Method::POST, "/api/chat", &[], &body).await;
        assert_eq!(answer.status, 200);
    })
}

#[tokio::test]
async fn replies_are_added_as_the_page_says() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    model.reply("Hello from the model.");
    model.reply(Reply::call("read_file", json!({ "path": "a.txt" })));
    model.reply(Reply::text("It says 42.").when(When::tool_result_contains("42")));

    let (_, first) = &blocks("yaml")[0];
    assert_eq!(
        model.script(),
        ModelScript::from_yaml(first)?,
        "the page says the same in YAML"
    );

    model.reply(
        Reply::text("Sunny.")
            .when(When::user_contains("weather"))
            .times(Times::any()),
    );
    let both = When::model("large").and(When::provider(Provider::Anthropic));
    model.reply(Reply::text("From the large one.").when(both));
    let calls = Reply::call("read_file", json!({ "path": "a.txt", "limit": 10 }));
    model.reply(calls.and_call("ls", json!({})));
    assert!(
        model
            .verify()
            .expect_err("nothing came")
            .problems()
            .is_empty()
    );
    Ok(())
}

#[tokio::test]
async fn a_hang_is_released_and_requests_are_read_as_the_page_says() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    model.reply(Reply::text("At last.").fault(Fault::hang()));
    let asking = ask(&model, "hello");
    model.wait_for_requests(1, Duration::from_secs(10)).await?;
    model.release();
    asking.await?;

    let request = &model.requests()[0];
    assert_eq!(request.user_text(), Some("hello"));
    assert_eq!(request.tool_names(), ["read_file", "ls"]);
    assert_eq!(request.delivery, Delivery::Complete);
    assert_eq!(
        model.snapshot().to_json()[0]["tools"],
        json!(["read_file", "ls"])
    );
    model.verify()?;
    Ok(())
}

#[tokio::test]
async fn the_difference_looks_as_on_the_page() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    model.reply("Hello from the model.");
    model.reply(Reply::call("weather", json!({})).when(When::user_contains("weather")));
    for text in ["hello", "bye"] {
        let body = question(text, true).to_string();
        send(&model, &hyper::Method::POST, "/api/chat", &[], &body).await;
    }
    let mismatch = model.verify().expect_err("it differs");
    assert_eq!(mismatch.to_string(), blocks("text")[0].1);
    Ok(())
}
