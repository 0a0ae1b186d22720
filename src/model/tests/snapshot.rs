//! Requests made the same in every run.

use serde_json::{Value, json};

use super::client::ask;
use crate::model::{ModelScript, ModelSpec, Provider, Snapshot};

fn body() -> Value {
    json!({ "model": "m", "stream": false, "messages": [
        { "role": "system", "content": "Today is 2026-11-22, now 2026-11-22T10:20:30.123Z; see http://127.0.0.1:41234/x" },
        { "role": "user", "content": "Look at aex-01ARZ3NDEKTSV4RRFFQ69G5FAV in /tmp/x7/work" },
        { "role": "assistant", "content": null, "tool_calls": [{ "id": "call_7", "function": {
            "name": "read", "arguments": "{\"id\":\"aex-01arz3ndektsv4rrffq69g5fav\",\"again\":\"aex-01ARZ3NDEKTSV4RRFFQ69G5FAV\"}",
        } }] },
        { "role": "tool", "tool_call_id": "call_7", "content": "run 67e55044-10b1-426f-9247-bb680e5fe0c8 of 3" },
    ], "tools": [{ "function": { "name": "read", "description": "Reads.", "parameters": { "type": "object" } } }] })
}

#[tokio::test]
async fn what_changes_from_run_to_run_is_replaced() -> anyhow::Result<()> {
    let model = ModelSpec::new(ModelScript::new().reply("x"))
        .start()
        .await?;
    ask(&model, Provider::OpenAi, &body()).await;
    let snapshot = model.snapshot().replacing("/tmp/x7", "<folder>");
    assert_eq!(
        snapshot.to_json(),
        json!([{
            "route": "POST /v1/chat/completions",
            "model": "m",
            "stream": false,
            "messages": [
                { "role": "system", "text": "Today is <date>, now <time>; see http://<address>/x" },
                { "role": "user", "text": "Look at <id 1> in <folder>/work" },
                { "role": "assistant", "text": "", "tool_calls": [
                    { "id": "<id 2>", "name": "read", "arguments": { "again": "<id 1>", "id": "<id 3>" } },
                ] },
                { "role": "tool", "tool_call_id": "<id 2>", "text": "run <id 4> of 3" },
            ],
            "tools": ["read"],
        }])
    );
    let unfolded = model.snapshot().with_tool_schemas().to_json();
    let tool = json!({ "name": "read", "description": "Reads.", "schema": { "type": "object" } });
    assert_eq!(unfolded[0]["tools"], json!([tool]));
    Ok(())
}

#[tokio::test]
async fn ordinary_words_and_numbers_stay() -> anyhow::Result<()> {
    let model = ModelSpec::new(ModelScript::new().reply("x"))
        .start()
        .await?;
    let text = "version 1.2.3-4, call 12345678901234567890 on 2026-1-2, abcdefghijklmnopqrstuvwxyz";
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": text }] });
    ask(&model, Provider::Ollama, &body).await;
    assert_eq!(model.snapshot().to_json()[0]["messages"][0]["text"], text);
    assert_eq!(Snapshot::of(Vec::new()).to_json(), json!([]));
    Ok(())
}
