//! Ollama's `/api/chat` and `/api/tags`: a stream is one JSON object a line.

use serde::Deserialize;
use serde_json::{Value, json};

use super::completion::{CREATED_AT, Completion, SpokenCall};
use super::conversation::check_presence;
use super::format::WireFormat;
use super::frame::Frame;
use super::openai_request::OfferedTool;
use crate::model::chat::{Chat, Message, Role, Tool, ToolCall};
use crate::model::script::StopReason;

pub(super) struct Ollama;

#[derive(Deserialize)]
struct ChatBody {
    model: String,
    messages: Vec<ChatMessage>,
    #[serde(default)]
    tools: Option<Vec<OfferedTool>>,
    /// Ollama streams unless it is told not to.
    stream: Option<bool>,
}

#[derive(Deserialize)]
struct ChatMessage {
    role: Role,
    content: Option<String>,
    tool_calls: Option<Vec<CalledTool>>,
    tool_call_id: Option<String>,
}

#[derive(Deserialize)]
struct CalledTool {
    id: Option<String>,
    function: CalledFunction,
}

#[derive(Deserialize)]
struct CalledFunction {
    name: String,
    #[serde(default)]
    arguments: Value,
}

impl WireFormat for Ollama {
    fn parse(&self, body: &Value) -> Result<Chat, String> {
        let body = ChatBody::deserialize(body).map_err(|error| error.to_string())?;
        let messages: Vec<_> = body.messages.into_iter().map(Message::from).collect();
        check_presence(&body.model, &messages)?;
        Ok(Chat {
            model: body.model,
            stream: body.stream.unwrap_or(true),
            stream_usage: true,
            messages,
            tools: body
                .tools
                .unwrap_or_default()
                .into_iter()
                .map(Tool::from)
                .collect(),
        })
    }

    fn whole(&self, completion: &Completion) -> Value {
        let mut message = json!({ "role": "assistant", "content": completion.text() });
        if !completion.calls.is_empty() {
            message["tool_calls"] = completion.calls.iter().map(call).collect();
        }
        last(completion, &message)
    }

    fn stream(&self, completion: &Completion) -> Vec<Frame> {
        let mut frames: Vec<_> =
            completion
                .pieces
                .iter()
                .map(|piece| json!({ "role": "assistant", "content": piece }))
                .chain(completion.calls.iter().map(
                    |it| json!({ "role": "assistant", "content": "", "tool_calls": [call(it)] }),
                ))
                .map(|message| Frame::line(&part(completion, &message).to_string()).chunk())
                .collect();
        let end = last(completion, &json!({ "role": "assistant", "content": "" }));
        frames.push(Frame::line(&end.to_string()));
        frames
    }

    fn stream_type(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn error(&self, _status: u16, message: &str) -> Value {
        json!({ "error": message })
    }

    fn error_frame(&self, message: &str) -> Frame {
        Frame::line(&self.error(500, message).to_string())
    }

    fn raw_frame(&self, data: &str) -> Frame {
        Frame::line(data)
    }

    fn model_list(&self, models: &[String]) -> Value {
        let model = |name: &String| {
            json!({
                "name": name,
                "model": name,
                "modified_at": CREATED_AT,
                "size": 0,
                "digest": "0".repeat(64),
                "details": {
                    "parent_model": "", "format": "gguf", "family": "scripted", "families": ["scripted"],
                    "parameter_size": "0B", "quantization_level": "none",
                },
            })
        };
        json!({ "models": models.iter().map(model).collect::<Vec<_>>() })
    }
}

fn call(call: &SpokenCall) -> Value {
    json!({ "id": call.id, "function": { "name": call.name, "arguments": call.arguments } })
}

fn part(completion: &Completion, message: &Value) -> Value {
    json!({ "model": completion.model, "created_at": CREATED_AT, "message": message, "done": false })
}

fn last(completion: &Completion, message: &Value) -> Value {
    // Ollama knows no reason of its own for tool calls.
    let reason = if completion.stop == StopReason::Length {
        "length"
    } else {
        "stop"
    };
    json!({
        "model": completion.model,
        "created_at": CREATED_AT,
        "message": message,
        "done": true,
        "done_reason": reason,
        "total_duration": 3,
        "load_duration": 1,
        "prompt_eval_count": completion.usage.input_tokens,
        "prompt_eval_duration": 1,
        "eval_count": completion.usage.output_tokens,
        "eval_duration": 1,
    })
}

impl From<ChatMessage> for Message {
    fn from(message: ChatMessage) -> Self {
        let calls = message
            .tool_calls
            .unwrap_or_default()
            .into_iter()
            .map(|call| ToolCall {
                id: call.id,
                name: call.function.name,
                arguments: call.function.arguments,
            });
        Self {
            role: message.role,
            text: message.content.unwrap_or_default(),
            tool_calls: calls.collect(),
            tool_call_id: message.tool_call_id,
        }
    }
}
