//! Tool calls, one and parallel, and their results on the way back.

use serde_json::{Value, json};

use super::client::{ask, question};
use crate::model::{ModelSpec, PlannedCall, Provider, Reply, Role, RunningModel};

async fn model_calling_two() -> anyhow::Result<RunningModel> {
    let model = ModelSpec::default().start().await?;
    let reply = Reply::text("Let me look.")
        .and_call("read_file", json!({ "path": "a.txt" }))
        .and_call("ls", json!({}));
    model.reply(reply.chunks_of(6).times(2));
    Ok(model)
}

/// The calls of an OpenAI stream, put together by index as a client does.
fn openai_calls(events: &[Value]) -> Vec<(String, String, String)> {
    let mut calls: Vec<(String, String, String)> = Vec::new();
    for call in events
        .iter()
        .filter_map(|it| it.pointer("/choices/0/delta/tool_calls/0"))
    {
        let index = usize::try_from(call["index"].as_u64().expect("an index")).expect("small");
        if let Some(id) = call["id"].as_str() {
            assert_eq!(calls.len(), index);
            let name = call["function"]["name"].as_str().expect("a name");
            calls.push((id.to_owned(), name.to_owned(), String::new()));
        }
        calls[index].2 += call["function"]["arguments"].as_str().expect("a text");
    }
    calls
}

#[tokio::test]
async fn ollama_gives_calls_as_objects() -> anyhow::Result<()> {
    let model = model_calling_two().await?;
    let whole = ask(&model, Provider::Ollama, &question("x", false))
        .await
        .json();
    let calls = json!([
        { "id": "call_1", "function": { "name": "read_file", "arguments": { "path": "a.txt" } } },
        { "id": "call_2", "function": { "name": "ls", "arguments": {} } },
    ]);
    assert_eq!(whole["message"]["tool_calls"], calls);
    let events = ask(&model, Provider::Ollama, &question("x", true))
        .await
        .events();
    let streamed: Vec<_> = events
        .iter()
        .filter_map(|event| event.pointer("/message/tool_calls/0"))
        .collect();
    assert_eq!(streamed.len(), 2);
    assert_eq!(
        (&streamed[1]["id"], &streamed[1]["function"]["name"]),
        (&json!("call_4"), &json!("ls"))
    );
    Ok(())
}

#[tokio::test]
async fn openai_gives_calls_as_pieces_of_json() -> anyhow::Result<()> {
    let model = model_calling_two().await?;
    let whole = ask(&model, Provider::OpenAi, &question("x", false))
        .await
        .json();
    let choice = &whole["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(
        choice["message"]["tool_calls"][0],
        json!({
            "id": "call_1", "type": "function",
            "function": { "name": "read_file", "arguments": "{\"path\":\"a.txt\"}" },
        })
    );
    let events = ask(&model, Provider::OpenAi, &question("x", true))
        .await
        .events();
    let expected = [
        (
            "call_3".to_owned(),
            "read_file".to_owned(),
            "{\"path\":\"a.txt\"}".to_owned(),
        ),
        ("call_4".to_owned(), "ls".to_owned(), "{}".to_owned()),
    ];
    assert_eq!(openai_calls(&events), expected);
    Ok(())
}

#[tokio::test]
async fn anthropic_gives_a_block_a_call() -> anyhow::Result<()> {
    let model = model_calling_two().await?;
    let whole = ask(&model, Provider::Anthropic, &question("x", false))
        .await
        .json();
    assert_eq!(whole["stop_reason"], "tool_use");
    assert_eq!(
        whole["content"],
        json!([
            { "type": "text", "text": "Let me look.", "citations": null },
            { "type": "tool_use", "id": "call_1", "name": "read_file", "input": { "path": "a.txt" } },
            { "type": "tool_use", "id": "call_2", "name": "ls", "input": {} },
        ])
    );
    let events = ask(&model, Provider::Anthropic, &question("x", true))
        .await
        .events();
    let arguments: String = events
        .iter()
        .filter(|event| event["index"] == 1)
        .filter_map(|event| event.pointer("/delta/partial_json").and_then(Value::as_str))
        .collect();
    assert_eq!(arguments, "{\"path\":\"a.txt\"}");
    Ok(())
}

#[tokio::test]
async fn an_id_of_the_script_is_kept() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    let call = PlannedCall {
        id: Some("mine".to_owned()),
        name: "ls".to_owned(),
        arguments: json!({}),
    };
    model.reply(Reply {
        tool_calls: vec![call],
        ..Reply::default()
    });
    let whole = ask(&model, Provider::Ollama, &question("x", false))
        .await
        .json();
    assert_eq!(whole["message"]["tool_calls"][0]["id"], "mine");
    Ok(())
}

#[tokio::test]
async fn results_are_read_back_alike_from_every_provider() -> anyhow::Result<()> {
    let arguments = json!({ "path": "a.txt" });
    let ollama = json!({ "model": "m", "messages": [
        { "role": "system", "content": "Be brief." },
        { "role": "user", "content": "Read it" },
        { "role": "assistant", "content": "", "tool_calls": [
            { "id": "c1", "function": { "name": "read_file", "arguments": arguments } },
        ] },
        { "role": "tool", "tool_call_id": "c1", "content": "text of a" },
    ], "tools": [
        { "type": "function", "function": { "name": "ls", "description": "Lists.", "parameters": { "type": "object" } } },
    ] });
    let mut openai = ollama.clone();
    openai["messages"][0]["role"] = json!("developer");
    openai["messages"][2]["content"] = Value::Null;
    openai["messages"][2]["tool_calls"][0]["function"]["arguments"] = json!(arguments.to_string());
    openai["messages"][3]["content"] = json!([{ "type": "text", "text": "text of a" }]);
    let anthropic = json!({ "model": "m", "max_tokens": 9, "system": [{ "type": "text", "text": "Be brief." }],
        "messages": [
            { "role": "user", "content": [{ "type": "text", "text": "Read it" }] },
            { "role": "assistant", "content": [
                { "type": "tool_use", "id": "c1", "name": "read_file", "input": arguments },
            ] },
            { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": "c1", "content": [{ "type": "text", "text": "text of a" }] },
            ] },
        ],
        "tools": [{ "name": "ls", "description": "Lists.", "input_schema": { "type": "object" } }],
    });
    for (provider, body) in [
        (Provider::Ollama, ollama),
        (Provider::OpenAi, openai),
        (Provider::Anthropic, anthropic),
    ] {
        let model = ModelSpec::default().start().await?;
        model.reply("Done.");
        assert_eq!(ask(&model, provider, &body).await.status, 200, "{provider}");
        let request = model.requests().remove(0);
        assert_eq!(request.system_text().as_deref(), Some("Be brief."));
        assert_eq!(
            (request.user_text(), request.tool_result()),
            (Some("Read it"), Some("text of a"))
        );
        let chat = request.chat.as_ref().expect("it was understood");
        let roles: Vec<_> = chat.messages.iter().map(|message| message.role).collect();
        assert_eq!(
            roles,
            [Role::System, Role::User, Role::Assistant, Role::Tool]
        );
        let call = &chat.messages[2].tool_calls[0];
        assert_eq!(
            (call.id.as_deref(), call.name.as_str()),
            (Some("c1"), "read_file")
        );
        assert_eq!(call.arguments, arguments);
        assert_eq!(chat.messages[3].tool_call_id.as_deref(), Some("c1"));
        assert_eq!(
            (
                chat.tools[0].name.as_str(),
                chat.tools[0].description.as_str()
            ),
            ("ls", "Lists.")
        );
        assert_eq!(chat.tools[0].schema, json!({ "type": "object" }));
    }
    Ok(())
}
