//! The shape of replies, errors and lists on the wire.

use hyper::Method;
use serde_json::json;

use super::client::{PROVIDERS, ask, path, question, send};
use crate::model::{Answered, ModelScript, ModelSpec, Provider, Reply, StopReason, Times};

#[tokio::test]
async fn ollama_streams_lines_and_ends_with_the_counts() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    model.reply(Reply::text("Hello you").chunks_of(5).usage(7, 3));
    let answer = ask(&model, Provider::Ollama, &question("hello", true)).await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let at = "2026-01-01T00:00:00Z";
    let part = |text| {
        json!({
            "model": "scripted", "created_at": at, "done": false,
            "message": { "role": "assistant", "content": text },
        })
    };
    let last = json!({
        "model": "scripted", "created_at": at, "done": true, "done_reason": "stop",
        "message": { "role": "assistant", "content": "" },
        "total_duration": 3, "load_duration": 1, "prompt_eval_count": 7, "prompt_eval_duration": 1,
        "eval_count": 3, "eval_duration": 1,
    });
    assert_eq!(answer.events(), [part("Hello"), part(" you"), last]);
    Ok(())
}

#[tokio::test]
async fn ollama_streams_unless_it_is_told_not_to() -> anyhow::Result<()> {
    let model = ModelSpec::new(ModelScript::new().reply("a").reply("b"))
        .start()
        .await?;
    let mut body = question("hello", true);
    body.as_object_mut().expect("an object").remove("stream");
    let ollama = ask(&model, Provider::Ollama, &body).await;
    assert_eq!(ollama.header("content-type"), "application/x-ndjson");
    let openai = ask(&model, Provider::OpenAi, &body).await;
    assert_eq!(openai.header("content-type"), "application/json");
    Ok(())
}

#[tokio::test]
async fn openai_streams_deltas_and_usage_only_when_asked() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    model.reply(Reply::text("Hello you").chunks_of(5).usage(7, 3).times(2));
    let plain = ask(&model, Provider::OpenAi, &question("hello", true)).await;
    assert_eq!(
        plain.header("content-type"),
        "text/event-stream; charset=utf-8"
    );
    assert!(plain.body.ends_with("data: [DONE]\n\n"));
    let events = plain.events();
    assert!(events.iter().all(|event| event.get("usage").is_none()));
    let deltas: Vec<_> = events
        .iter()
        .map(|event| &event["choices"][0]["delta"])
        .collect();
    assert_eq!(
        deltas,
        [
            &json!({ "role": "assistant", "content": "" }),
            &json!({ "content": "Hello" }),
            &json!({ "content": " you" }),
            &json!({}),
        ]
    );
    assert_eq!(events[3]["choices"][0]["finish_reason"], "stop");

    let mut body = question("hello", true);
    body["stream_options"] = json!({ "include_usage": true });
    let counted = ask(&model, Provider::OpenAi, &body).await.events();
    let last = counted.last().expect("there are events");
    let usage = json!({ "prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10 });
    assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &usage));
    Ok(())
}

#[tokio::test]
async fn anthropic_streams_named_events_block_by_block() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    model.reply(Reply::text("Hello you").chunks_of(5).usage(7, 3));
    let answer = ask(&model, Provider::Anthropic, &question("hello", true)).await;
    let names: Vec<_> = answer
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("event: "))
        .collect();
    assert_eq!(
        names,
        [
            "message_start",
            "ping",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]
    );
    let events = answer.events();
    assert!(
        events
            .iter()
            .zip(&names)
            .all(|(event, name)| event["type"] == **name)
    );
    assert_eq!(
        events[0]["message"]["usage"],
        json!({ "input_tokens": 7, "output_tokens": 0 })
    );
    assert_eq!(
        events[6]["usage"],
        json!({ "input_tokens": 7, "output_tokens": 3 })
    );
    assert_eq!(events[6]["delta"]["stop_reason"], "end_turn");
    Ok(())
}

#[tokio::test]
async fn a_reply_in_one_piece_has_text_usage_and_reason() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    model.reply(Reply::text("Hello you").stop(StopReason::Length).times(3));
    for (provider, pointer, reason) in [
        (Provider::Ollama, "/done_reason", "length"),
        (Provider::OpenAi, "/choices/0/finish_reason", "length"),
        (Provider::Anthropic, "/stop_reason", "max_tokens"),
    ] {
        let answer = ask(&model, provider, &question("say hello you two", false)).await;
        assert_eq!(answer.text(provider), "Hello you");
        let reply = answer.json();
        assert_eq!(reply.pointer(pointer), Some(&json!(reason)));
        // A token a word, where the script does not say.
        let (input, output) = match provider {
            Provider::Ollama => (&reply["prompt_eval_count"], &reply["eval_count"]),
            Provider::OpenAi => (
                &reply["usage"]["prompt_tokens"],
                &reply["usage"]["completion_tokens"],
            ),
            Provider::Anthropic => (
                &reply["usage"]["input_tokens"],
                &reply["usage"]["output_tokens"],
            ),
        };
        assert_eq!((input, output), (&json!(4), &json!(2)));
    }
    Ok(())
}

#[tokio::test]
async fn an_empty_reply_is_a_reply() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    model.reply(Reply::text("").times(Times::any()));
    for provider in PROVIDERS {
        for stream in [true, false] {
            let answer = ask(&model, provider, &question("hello", stream)).await;
            assert_eq!((answer.status, answer.text(provider).as_str()), (200, ""));
        }
    }
    Ok(())
}

#[tokio::test]
async fn pieces_divide_characters_not_bytes() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    model.reply(Reply::text("äöü🤖é").chunks_of(2).times(3));
    for provider in PROVIDERS {
        assert_eq!(
            ask(&model, provider, &question("x", true))
                .await
                .text(provider),
            "äöü🤖é"
        );
    }
    Ok(())
}

#[tokio::test]
async fn each_provider_lists_the_models_in_its_own_form() -> anyhow::Result<()> {
    let script = ModelScript {
        models: vec!["a".to_owned(), "b".to_owned()],
        ..ModelScript::new()
    };
    let model = ModelSpec::new(script).start().await?;
    let tags = send(&model, &Method::GET, "/api/tags", &[], "")
        .await
        .json();
    assert_eq!(
        (&tags["models"][0]["name"], &tags["models"][1]["model"]),
        (&json!("a"), &json!("b"))
    );
    let openai = send(&model, &Method::GET, "/v1/models", &[], "")
        .await
        .json();
    assert_eq!(
        (&openai["object"], &openai["data"][1]["id"]),
        (&json!("list"), &json!("b"))
    );
    let version = [("anthropic-version", "2023-06-01")];
    let anthropic = send(&model, &Method::GET, "/v1/models", &version, "")
        .await
        .json();
    assert_eq!(anthropic["data"][0]["type"], "model");
    assert_eq!(
        (&anthropic["first_id"], &anthropic["last_id"]),
        (&json!("a"), &json!("b"))
    );
    model.verify()?;
    assert!(
        model
            .requests()
            .iter()
            .all(|request| request.answered == Answered::ModelList)
    );
    Ok(())
}

#[tokio::test]
async fn another_path_or_method_is_refused_and_counts_as_unexpected() -> anyhow::Result<()> {
    for (method, path, status, pointer, words) in [
        (
            Method::POST,
            "/api/generate",
            404,
            "/error",
            "does not serve POST /api/generate",
        ),
        (Method::GET, "/", 404, "/error", "does not serve GET /"),
        (
            Method::POST,
            "/v1/responses",
            404,
            "/error/message",
            "does not serve POST /v1/responses",
        ),
        (
            Method::POST,
            "/v1/messages/count_tokens",
            404,
            "/error/type",
            "not_found_error",
        ),
        (
            Method::GET,
            "/api/chat",
            405,
            "/error",
            "/api/chat is served for POST, not for GET",
        ),
        (
            Method::POST,
            "/v1/models",
            405,
            "/error/message",
            "/v1/models is served for GET",
        ),
    ] {
        let model = ModelSpec::new(ModelScript::new().lenient()).start().await?;
        let answer = send(&model, &method, path, &[], "{}").await;
        assert_eq!(
            (answer.status, answer.header("x-should-retry")),
            (status, "false")
        );
        let error = answer.json();
        let text = error
            .pointer(pointer)
            .and_then(|it| it.as_str())
            .unwrap_or_default();
        assert!(text.contains(words), "{error}");
        assert!(model.requests()[0].is_unexpected());
        assert!(model.verify().is_err());
    }
    Ok(())
}

#[tokio::test]
async fn requests_are_numbered_where_the_provider_does_so() -> anyhow::Result<()> {
    let model = ModelSpec::new(ModelScript::new().reply_by_default("x"))
        .start()
        .await?;
    let headers = ["", "x-request-id", "request-id"];
    for (number, (provider, header)) in (1..).zip(PROVIDERS.into_iter().zip(headers)) {
        let answer = ask(&model, provider, &question("hello", true)).await;
        let expected = if header.is_empty() {
            String::new()
        } else {
            format!("req_{number}")
        };
        assert_eq!(answer.header(header), expected);
    }
    Ok(())
}

#[tokio::test]
async fn what_a_provider_refuses_is_refused_and_recorded() -> anyhow::Result<()> {
    let mut no_limit = question("x", false);
    no_limit
        .as_object_mut()
        .expect("an object")
        .remove("max_tokens");
    let unknown_result = json!({ "model": "m", "max_tokens": 1, "messages": [
        { "role": "user", "content": "x" },
        { "role": "tool", "tool_call_id": "call_9", "content": "y" },
    ] });
    let missing_result = json!({ "model": "m", "max_tokens": 1, "messages": [
        { "role": "user", "content": "x" },
        { "role": "assistant", "content": [{ "type": "tool_use", "id": "t1", "name": "ls", "input": {} }] },
        { "role": "user", "content": "y" },
    ] });
    for (provider, body, words) in [
        (
            Provider::Ollama,
            "{".to_owned(),
            "the body is no JSON object",
        ),
        (
            Provider::OpenAi,
            "[]".to_owned(),
            "the body is no JSON object",
        ),
        (Provider::Ollama, "{}".to_owned(), "missing field `model`"),
        (
            Provider::OpenAi,
            json!({ "model": "m", "messages": [] }).to_string(),
            "at least one message",
        ),
        (
            Provider::OpenAi,
            json!({ "model": "", "messages": [] }).to_string(),
            "model is required",
        ),
        (Provider::Anthropic, no_limit.to_string(), "max_tokens"),
        (
            Provider::OpenAi,
            unknown_result.to_string(),
            "message 2 is the result of tool call \"call_9\"",
        ),
        (
            Provider::Anthropic,
            missing_result.to_string(),
            "message 3 comes before the results",
        ),
    ] {
        let model = ModelSpec::new(ModelScript::new().reply_by_default("x"))
            .start()
            .await?;
        let answer = send(&model, &Method::POST, path(provider), &[], &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(
            answer.body.replace("\\\"", "\"").contains(words),
            "{}",
            answer.body
        );
        assert!(model.requests()[0].is_unexpected());
    }
    Ok(())
}
