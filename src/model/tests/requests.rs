//! What is kept of a request.

use hyper::Method;
use serde_json::{Value, json};

use super::client::{ask, question, send};
use crate::model::{Delivery, ModelScript, ModelSpec, Provider, RecordedRequest};

#[tokio::test]
async fn a_request_is_kept_as_it_came_and_as_it_was_understood() -> anyhow::Result<()> {
    let model = ModelSpec::new(ModelScript::new().reply("x"))
        .start()
        .await?;
    let mut body = question("hello", false);
    body["temperature"] = json!(0.5);
    let headers = [("X-Api-Key", "k")];
    send(
        &model,
        &Method::POST,
        "/v1/messages?beta=true",
        &headers,
        &body.to_string(),
    )
    .await;
    let request = model.requests().remove(0);
    assert_eq!(
        (request.number, request.provider),
        (1, Some(Provider::Anthropic))
    );
    assert_eq!(request.route, "POST /v1/messages");
    assert_eq!(request.header("x-API-key"), Some("k"));
    assert_eq!(request.body, body);
    assert_eq!(request.delivery, Delivery::Complete);
    let chat = request.chat.as_ref().expect("it was understood");
    assert_eq!(
        (chat.model.as_str(), chat.stream, chat.messages.len()),
        ("scripted", false, 1)
    );
    let sent = serde_json::to_string(&request)?;
    assert_eq!(serde_json::from_str::<RecordedRequest>(&sent)?, request);
    Ok(())
}

#[tokio::test]
async fn what_is_no_json_is_kept_as_text() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    send(&model, &Method::POST, "/api/chat", &[], "{half").await;
    send(&model, &Method::GET, "/nothing", &[], "").await;
    let requests = model.requests();
    assert_eq!(
        (&requests[0].body, &requests[1].body),
        (&json!("{half"), &Value::Null)
    );
    assert_eq!(
        (requests[0].provider, requests[1].provider),
        (Some(Provider::Ollama), None)
    );
    Ok(())
}

#[tokio::test]
async fn blocks_that_are_no_text_are_named() -> anyhow::Result<()> {
    let model = ModelSpec::new(ModelScript::new().reply_by_default("x"))
        .start()
        .await?;
    let image = json!({ "type": "image_url", "image_url": { "url": "data:image/png;base64,AA" } });
    let mut body = question("x", false);
    body["messages"][0]["content"] = json!([{ "type": "text", "text": "Look:" }, image]);
    for provider in [Provider::OpenAi, Provider::Anthropic] {
        ask(&model, provider, &body).await;
    }
    for request in model.requests() {
        assert_eq!(request.user_text(), Some("Look:\n[image_url]"));
    }
    Ok(())
}
