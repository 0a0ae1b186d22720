//! Anthropic's `/v1/messages` and `/v1/models`: a stream is named server-sent events, one block after the other.

use serde_json::{Value, json};

use super::anthropic_request;
use super::completion::{CREATED_AT, Completion, SpokenCall};
use super::format::WireFormat;
use super::frame::Frame;
use crate::model::chat::Chat;
use crate::model::script::StopReason;

pub(super) struct Anthropic;

impl WireFormat for Anthropic {
    fn parse(&self, body: &Value) -> Result<Chat, String> {
        anthropic_request::parse(body)
    }

    fn whole(&self, completion: &Completion) -> Value {
        let text = completion.text();
        let said =
            (!text.is_empty()).then(|| json!({ "type": "text", "text": text, "citations": null }));
        let called = completion
            .calls
            .iter()
            .map(|it| tool_use(it, &it.arguments));
        let mut message = message(completion, &said.into_iter().chain(called).collect());
        message["stop_reason"] = json!(stop_reason(completion.stop));
        message["usage"] = usage(completion, completion.usage.output_tokens);
        message
    }

    fn stream(&self, completion: &Completion) -> Vec<Frame> {
        let start = json!({ "type": "message_start", "message": message(completion, &json!([])) });
        let mut frames = vec![
            Frame::event(&start),
            Frame::event(&json!({ "type": "ping" })),
        ];
        let mut index = 0;
        if !completion.pieces.is_empty() {
            let deltas = completion
                .pieces
                .iter()
                .map(|piece| json!({ "type": "text_delta", "text": piece }));
            frames.extend(block(
                index,
                &json!({ "type": "text", "text": "", "citations": null }),
                deltas,
            ));
            index += 1;
        }
        for call in &completion.calls {
            let deltas = call
                .pieces
                .iter()
                .map(|piece| json!({ "type": "input_json_delta", "partial_json": piece }));
            frames.extend(block(index, &tool_use(call, &json!({})), deltas));
            index += 1;
        }
        frames.push(Frame::event(&json!({
            "type": "message_delta",
            "delta": { "stop_reason": stop_reason(completion.stop), "stop_sequence": null },
            "usage": usage(completion, completion.usage.output_tokens),
        })));
        frames.push(Frame::event(&json!({ "type": "message_stop" })));
        frames
    }

    fn stream_type(&self) -> &'static str {
        "text/event-stream; charset=utf-8"
    }

    fn error(&self, status: u16, message: &str) -> Value {
        let kind = match status {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            504 => "timeout_error",
            529 => "overloaded_error",
            400..=499 => "invalid_request_error",
            _ => "api_error",
        };
        json!({ "type": "error", "error": { "type": kind, "message": message } })
    }

    fn error_frame(&self, message: &str) -> Frame {
        Frame::event(&self.error(500, message))
    }

    fn raw_frame(&self, data: &str) -> Frame {
        Frame::named_event("content_block_delta", data)
    }

    fn model_list(&self, models: &[String]) -> Value {
        let model = |name: &String| {
            json!({
                "type": "model", "id": name, "display_name": name, "created_at": CREATED_AT, "lifecycle": "active",
            })
        };
        json!({
            "data": models.iter().map(model).collect::<Vec<_>>(),
            "has_more": false,
            "first_id": models.first(),
            "last_id": models.last(),
        })
    }

    fn request_id_header(&self) -> Option<&'static str> {
        Some("request-id")
    }
}

fn message(completion: &Completion, content: &Value) -> Value {
    json!({
        "id": format!("msg_{}", completion.serial),
        "type": "message",
        "role": "assistant",
        "model": completion.model,
        "content": content,
        "stop_reason": null,
        "stop_sequence": null,
        "usage": usage(completion, 0),
    })
}

fn tool_use(call: &SpokenCall, input: &Value) -> Value {
    json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": input })
}

fn block(index: usize, start: &Value, deltas: impl Iterator<Item = Value>) -> Vec<Frame> {
    let mut frames = vec![Frame::event(
        &json!({ "type": "content_block_start", "index": index, "content_block": start }),
    )];
    frames.extend(deltas.map(|delta| {
        Frame::event(&json!({ "type": "content_block_delta", "index": index, "delta": delta }))
            .chunk()
    }));
    frames.push(Frame::event(
        &json!({ "type": "content_block_stop", "index": index }),
    ));
    frames
}

fn usage(completion: &Completion, output_tokens: u64) -> Value {
    json!({ "input_tokens": completion.usage.input_tokens, "output_tokens": output_tokens })
}

fn stop_reason(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Stop => "end_turn",
        StopReason::Length => "max_tokens",
        StopReason::ToolCalls => "tool_use",
    }
}
