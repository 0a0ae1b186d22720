//! What is not in the script fails, and says how.

use hyper::Method;
use serde_json::json;

use super::client::{PROVIDERS, ask, question, send};
use crate::model::{
    Answered, Fault, ModelScript, ModelSpec, Provider, Reply, RunningModel, Times, When,
};

async fn start(script: ModelScript) -> anyhow::Result<RunningModel> {
    Ok(ModelSpec::new(script).start().await?)
}

#[tokio::test]
async fn a_request_too_many_is_an_error_in_the_providers_words() -> anyhow::Result<()> {
    let model = start(ModelScript::new().reply("only one")).await?;
    ask(&model, PROVIDERS[0], &question("first", true)).await;
    let message = "the model script does not expect this request: all replies in order were given";
    let expected = [
        json!({ "error": message }),
        json!({ "error": { "message": message, "type": "server_error", "param": null, "code": null } }),
        json!({ "type": "error", "error": { "type": "api_error", "message": message } }),
    ];
    for (provider, expected) in PROVIDERS.into_iter().zip(expected) {
        let answer = ask(&model, provider, &question("second", true)).await;
        assert_eq!((answer.status, answer.json()), (500, expected));
        assert_eq!(answer.header("x-should-retry"), "false");
    }
    let mismatch = model.verify().expect_err("three came too many");
    assert_eq!(
        (mismatch.unexpected().len(), mismatch.missing().len()),
        (3, 0)
    );
    Ok(())
}

#[tokio::test]
async fn what_was_asked_for_as_expected_is_in_order() -> anyhow::Result<()> {
    let model = start(
        ModelScript::new()
            .reply("a")
            .reply(Reply::text("b").times(2)),
    )
    .await?;
    assert_eq!(model.verify().expect_err("nothing came").missing().len(), 2);
    for _ in 0..2 {
        ask(&model, PROVIDERS[0], &question("x", true)).await;
        assert!(model.verify().is_err());
    }
    ask(&model, PROVIDERS[0], &question("x", true)).await;
    model.verify()?;
    Ok(())
}

#[tokio::test]
async fn times_bound_what_is_missing_and_what_is_too_much() -> anyhow::Result<()> {
    for (times, asked, expected) in [
        (Times::any(), 0, true),
        (Times::any(), 3, true),
        (Times::at_least(1), 0, false),
        (Times::at_least(1), 3, true),
        (Times::at_most(1), 0, true),
        (Times::at_most(1), 2, false),
        (Times::exactly(2), 1, false),
        (Times::exactly(2), 2, true),
    ] {
        let model = start(ModelScript::new().reply(Reply::text("a").times(times))).await?;
        for _ in 0..asked {
            ask(&model, PROVIDERS[0], &question("x", true)).await;
        }
        assert_eq!(
            model.verify().is_ok(),
            expected,
            "{times} times, asked {asked} times"
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_is_expected_next_is_not_used_up_by_another_request() -> anyhow::Result<()> {
    let model = start(ModelScript::new().reply(Reply::text("b").expect(When::user("a")))).await?;
    let wrong = ask(&model, Provider::Ollama, &question("z", false)).await;
    assert_eq!(wrong.status, 500);
    assert!(
        wrong
            .body
            .contains("reply 1 is next and wants user text that is"),
        "{}",
        wrong.body
    );
    let right = ask(&model, Provider::Ollama, &question("a", false)).await;
    assert_eq!(right.text(Provider::Ollama), "b");
    Ok(())
}

#[tokio::test]
async fn a_default_answers_the_rest() -> anyhow::Result<()> {
    let model = start(ModelScript::new().reply("first").reply_by_default("rest")).await?;
    for expected in ["first", "rest", "rest"] {
        let answer = ask(&model, Provider::OpenAi, &question("x", true)).await;
        assert_eq!(answer.text(Provider::OpenAi), expected);
    }
    assert_eq!(model.requests()[2].answered, Answered::Default);
    model.verify()?;
    Ok(())
}

#[tokio::test]
async fn a_lenient_script_forgives_requests_but_not_missing_ones() -> anyhow::Result<()> {
    let model = start(ModelScript::new().lenient()).await?;
    let answer = ask(&model, Provider::Anthropic, &question("x", true)).await;
    let text = answer.text(Provider::Anthropic);
    assert_eq!(
        (answer.status, text.as_str()),
        (200, "The script has no reply for this request.")
    );
    assert_eq!(model.requests()[0].answered, Answered::Lenient);
    model.verify()?;
    model.reply("never asked for");
    assert_eq!(
        model.verify().expect_err("one is missing").missing().len(),
        1
    );
    Ok(())
}

#[tokio::test]
async fn a_mistake_of_a_test_is_told_by_verify() -> anyhow::Result<()> {
    let model = start(ModelScript::new()).await?;
    model.reply(Reply::failing(Fault::status(42)));
    let answer = ask(&model, Provider::Ollama, &question("x", true)).await;
    assert_eq!(answer.status, 500);
    let mismatch = model.verify().expect_err("42 is no status");
    assert_eq!(
        mismatch.problems(),
        ["reply 1: status 42 is no HTTP error: use 400 to 599"]
    );
    assert!(mismatch.hint().starts_with("correct the script first"));
    Ok(())
}

#[tokio::test]
async fn another_script_takes_over_and_keeps_the_record() -> anyhow::Result<()> {
    let model = start(ModelScript::new().reply("old").reply("never given")).await?;
    ask(&model, Provider::Ollama, &question("x", true)).await;
    let script = ModelScript::new().reply("new");
    model.follow(script.clone());
    assert_eq!(model.script(), script);
    let answer = ask(&model, Provider::Ollama, &question("y", true)).await;
    assert_eq!(answer.text(Provider::Ollama), "new");
    assert_eq!(model.requests().len(), 2);
    model.verify()?;
    Ok(())
}

const DIFFERENCE: &str = r#"the model script and the requests differ: 3 unexpected, 2 never asked for
the script, in order
    1. "Hello from the model."
  - 2. when user text contains "weather" and provider openai: calls weather, 2 times
       asked for 1 times only
  - 3. expecting user text is "bye": "See you", fault cut
       never asked for
the requests, in order
    1. ollama, model "scripted", user "hello", no tools -> reply 1
    2. openai, model "scripted", user "weather?", tools ls grep -> reply 2
  + 3. ollama, model "scripted", user "weather?", no tools
       unexpected: reply 3 is next and wants user text that is "bye", got "weather?"; reply 2 wants provider openai
  + 4. POST /api/generate
       unexpected: the scripted model does not serve POST /api/generate, only POST /api/chat, /v1/chat/completions and /v1/messages, GET /api/tags and /v1/models
  + 5. ollama, model "scripted", user "A very long text is cut at the end, so that a line remains a"…, no tools
       unexpected: reply 3 is next and wants user text that is "bye", got "A very long text is cut at the end, so that a line remains a"…; reply 2 wants user text that contains "weather", got "A very long text is cut at the end, so that a line remains a"… and wants provider openai"#;

#[tokio::test]
async fn the_difference_can_be_read() -> anyhow::Result<()> {
    let weather = When::user_contains("weather").and(When::provider(Provider::OpenAi));
    let script = ModelScript::new()
        .reply("Hello from the model.")
        .reply(Reply::call("weather", json!({})).when(weather).times(2))
        .reply(
            Reply::text("See you")
                .expect(When::user("bye"))
                .fault(Fault::cut_after(1)),
        );
    let model = start(script).await?;
    ask(&model, Provider::Ollama, &question("hello", true)).await;
    let mut with_tools = question("weather?", true);
    with_tools["tools"] =
        json!([{ "function": { "name": "ls" } }, { "function": { "name": "grep" } }]);
    ask(&model, Provider::OpenAi, &with_tools).await;
    ask(&model, Provider::Ollama, &question("weather?", true)).await;
    send(&model, &Method::POST, "/api/generate", &[], "{}").await;
    let long = "A very long text is cut at the end, so that a line remains a line.";
    ask(&model, Provider::Ollama, &question(long, true)).await;
    let mismatch = model.verify().expect_err("much is different");
    assert_eq!(mismatch.to_string(), DIFFERENCE);
    assert_eq!(format!("{mismatch:?}"), DIFFERENCE, "as a test prints it");
    assert!(
        mismatch
            .hint()
            .starts_with("add a reply for each unexpected request")
    );
    let sent = serde_json::to_string(&mismatch)?;
    let read: crate::model::Mismatch = serde_json::from_str(&sent)?;
    assert_eq!(read, mismatch, "it can be told by another process");
    Ok(())
}
