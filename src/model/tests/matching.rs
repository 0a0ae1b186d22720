//! Every condition of `when`, met and not met.

use rstest::rstest;
use serde_json::{Value, json};

use super::client::{PROVIDERS, path, question, send};
use crate::model::{ModelScript, ModelSpec, Provider, Reply, TextMatch, Times, When};

fn conversation() -> Value {
    json!({
        "model": "scripted",
        "stream": false,
        "messages": [
            { "role": "system", "content": "You review code." },
            { "role": "user", "content": "Weather in Bern?" },
            { "role": "assistant", "content": "", "tool_calls": [
                { "function": { "name": "weather", "arguments": { "city": "Bern" } } },
            ] },
            { "role": "tool", "content": "12 degrees" },
        ],
    })
}

async fn is_met(when: When) -> bool {
    let script = ModelScript::new().reply(Reply::text("met").when(when).times(Times::any()));
    let model = ModelSpec::new(script)
        .start()
        .await
        .expect("a socket is free");
    let headers = [("x-api-key", "secret")];
    let body = conversation().to_string();
    let answer = send(&model, &hyper::Method::POST, "/api/chat", &headers, &body).await;
    answer.status == 200
}

#[rstest]
#[case::equals(When::user("Weather in Bern?"), When::user("Weather"))]
#[case::contains(When::user_contains("in Bern"), When::user_contains("in Basel"))]
#[case::matches(
    When::user_matches("^Weather in [A-Z]").expect("valid"),
    When::user_matches("^in").expect("valid")
)]
#[case::tool_result(When::tool_result("12 degrees"), When::tool_result("12"))]
#[case::tool_result_contains(When::tool_result_contains("12"), When::tool_result_contains("13"))]
#[case::system(When::system_contains("review"), When::system_contains("weather"))]
#[case::model(When::model("scripted"), When::model("other"))]
#[case::provider(When::provider(Provider::Ollama), When::provider(Provider::OpenAi))]
#[case::header(
    When::header("X-Api-Key", "secret"),
    When::header("x-api-key", "other")
)]
#[case::header_present(
    When::header("x-api-key", TextMatch::contains("")),
    When::header("authorization", TextMatch::contains(""))
)]
#[case::all(
    When::user_contains("Bern").and(When::model("scripted")),
    When::user_contains("Bern").and(When::model("other"))
)]
#[tokio::test]
async fn a_condition_tells_requests_apart(#[case] met: When, #[case] unmet: When) {
    assert!(is_met(met).await);
    assert!(!is_met(unmet).await);
}

#[tokio::test]
async fn a_tool_result_of_an_earlier_turn_does_not_count() {
    let model = ModelSpec::default()
        .start()
        .await
        .expect("a socket is free");
    let mut body = conversation();
    let next = json!({ "role": "user", "content": "And in Basel?" });
    body["messages"].as_array_mut().expect("a list").push(next);
    model.reply(
        Reply::text("old")
            .when(When::tool_result_contains("12"))
            .times(Times::any()),
    );
    model.reply("new");
    let answer = send(
        &model,
        &hyper::Method::POST,
        "/api/chat",
        &[],
        &body.to_string(),
    )
    .await;
    assert_eq!(answer.text(Provider::Ollama), "new");
}

#[tokio::test]
async fn conditions_go_before_order_and_end_after_their_times() -> anyhow::Result<()> {
    let weather = Reply::text("Sunny")
        .when(When::user_contains("weather"))
        .times(2);
    let script = ModelScript::new()
        .reply("first")
        .reply(weather)
        .reply("second");
    let model = ModelSpec::new(script).start().await?;
    let asked = ["weather", "x", "weather", "weather"];
    for (text, expected) in asked.into_iter().zip(["Sunny", "first", "Sunny", "second"]) {
        let body = question(text, false).to_string();
        let answer = send(&model, &hyper::Method::POST, path(PROVIDERS[1]), &[], &body).await;
        assert_eq!(answer.text(PROVIDERS[1]), expected);
    }
    model.verify()?;
    Ok(())
}
