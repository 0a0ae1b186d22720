//! OpenAI's `/v1/chat/completions` and `/v1/models`: a stream is server-sent events that end with `[DONE]`.

use serde_json::{Value, json};

use super::completion::{CREATED, Completion, SpokenCall};
use super::format::WireFormat;
use super::frame::Frame;
use super::openai_request;
use crate::model::chat::Chat;
use crate::model::script::StopReason;

pub(super) struct OpenAi;

impl WireFormat for OpenAi {
    fn parse(&self, body: &Value) -> Result<Chat, String> {
        openai_request::parse(body)
    }

    fn whole(&self, completion: &Completion) -> Value {
        let text = completion.text();
        let content = if text.is_empty() {
            Value::Null
        } else {
            json!(text)
        };
        let mut message = json!({ "role": "assistant", "content": content, "refusal": null });
        if !completion.calls.is_empty() {
            message["tool_calls"] = completion.calls.iter().map(call).collect();
        }
        let mut reply = envelope(completion, "chat.completion");
        reply["choices"] = json!([{
            "index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason(completion.stop),
        }]);
        reply["usage"] = usage(completion);
        reply
    }

    fn stream(&self, completion: &Completion) -> Vec<Frame> {
        let mut frames = vec![delta(
            completion,
            &json!({ "role": "assistant", "content": "" }),
        )];
        for piece in &completion.pieces {
            frames.push(delta(completion, &json!({ "content": piece })).chunk());
        }
        for (index, it) in completion.calls.iter().enumerate() {
            let mut opening = call(it);
            opening["index"] = json!(index);
            opening["function"]["arguments"] = json!("");
            frames.push(delta(completion, &json!({ "tool_calls": [opening] })));
            for piece in &it.pieces {
                let part = json!({ "index": index, "function": { "arguments": piece } });
                frames.push(delta(completion, &json!({ "tool_calls": [part] })).chunk());
            }
        }
        frames.push(choice(
            completion,
            &json!({}),
            &finish_reason(completion.stop).into(),
        ));
        if completion.stream_usage {
            let mut end = envelope(completion, "chat.completion.chunk");
            end["choices"] = json!([]);
            end["usage"] = usage(completion);
            frames.push(Frame::data(&end.to_string()));
        }
        frames.push(Frame::data("[DONE]"));
        frames
    }

    fn stream_type(&self) -> &'static str {
        "text/event-stream; charset=utf-8"
    }

    fn error(&self, status: u16, message: &str) -> Value {
        let (kind, code) = match status {
            401 => ("invalid_request_error", json!("invalid_api_key")),
            404 => ("invalid_request_error", json!("not_found")),
            429 => ("requests", json!("rate_limit_exceeded")),
            400..=499 => ("invalid_request_error", Value::Null),
            _ => ("server_error", Value::Null),
        };
        json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
    }

    fn error_frame(&self, message: &str) -> Frame {
        Frame::data(&self.error(500, message).to_string())
    }

    fn raw_frame(&self, data: &str) -> Frame {
        Frame::data(data)
    }

    fn model_list(&self, models: &[String]) -> Value {
        let model = |name: &String| json!({ "id": name, "object": "model", "created": CREATED, "owned_by": "scripted" });
        json!({ "object": "list", "data": models.iter().map(model).collect::<Vec<_>>() })
    }

    fn request_id_header(&self) -> Option<&'static str> {
        Some("x-request-id")
    }
}

fn envelope(completion: &Completion, object: &str) -> Value {
    json!({
        "id": format!("chatcmpl-{}", completion.serial),
        "object": object,
        "created": CREATED,
        "model": completion.model,
        "system_fingerprint": "scripted",
    })
}

fn choice(completion: &Completion, delta: &Value, finish_reason: &Value) -> Frame {
    let mut chunk = envelope(completion, "chat.completion.chunk");
    chunk["choices"] =
        json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason }]);
    if completion.stream_usage {
        chunk["usage"] = Value::Null;
    }
    Frame::data(&chunk.to_string())
}

fn delta(completion: &Completion, delta: &Value) -> Frame {
    choice(completion, delta, &Value::Null)
}

fn call(call: &SpokenCall) -> Value {
    json!({
        "id": call.id,
        "type": "function",
        "function": { "name": call.name, "arguments": call.arguments.to_string() },
    })
}

fn usage(completion: &Completion) -> Value {
    let usage = completion.usage;
    json!({
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
    })
}

fn finish_reason(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Stop => "stop",
        StopReason::Length => "length",
        StopReason::ToolCalls => "tool_calls",
    }
}
