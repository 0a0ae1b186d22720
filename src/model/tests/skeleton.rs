use serde_json::json;

use super::client::post;
use crate::model::{ModelScript, ModelSpec, Provider};

#[tokio::test]
async fn ollama_is_answered_in_order_streamed_and_not() -> anyhow::Result<()> {
    let model = ModelSpec::new(ModelScript::default()).start().await?;
    model.reply("Hello from the model.");
    model.reply("Second");
    let body = json!({ "model": "scripted", "messages": [{ "role": "user", "content": "hello" }] });

    let streamed = post(&model, "/api/chat", &body).await?;
    assert_eq!(
        (streamed.status.as_u16(), streamed.content_type.as_str()),
        (200, "application/x-ndjson")
    );
    let lines = streamed.lines();
    assert_eq!(lines[0]["message"]["content"], "Hello from the model.");
    assert_eq!(
        (&lines[0]["done"], &lines[1]["done"]),
        (&json!(false), &json!(true))
    );

    let mut body = body;
    body["stream"] = json!(false);
    let whole = post(&model, "/api/chat", &body).await?;
    assert_eq!(whole.json()["message"]["content"], "Second");

    let nothing_left = post(&model, "/api/chat", &body).await?;
    assert_eq!(nothing_left.status, 500);
    assert_eq!(
        nothing_left.json()["error"],
        "the script has no reply left: all 2 were given"
    );

    let requests = model.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[0].provider, Some(Provider::Ollama));
    let chat = requests[0].chat.as_ref().expect("it was understood");
    assert_eq!((chat.user_text(), chat.stream), (Some("hello"), true));
    Ok(())
}

#[tokio::test]
async fn another_path_is_not_found() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    let answer = post(&model, "/api/generate", &json!({})).await?;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.json()["error"], "POST /api/generate is not served");
    Ok(())
}
