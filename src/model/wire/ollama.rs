//! Ollama's `/api/chat`: a stream is one JSON object a line.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Completion, WireFormat};
use crate::model::chat::{Chat, Message, Role};

pub(super) struct Ollama;

#[derive(Deserialize)]
struct ChatBody {
    model: String,
    messages: Vec<ChatMessage>,
    /// Ollama streams unless it is told not to.
    stream: Option<bool>,
}

#[derive(Deserialize)]
struct ChatMessage {
    role: Role,
    #[serde(default)]
    content: String,
}

impl WireFormat for Ollama {
    fn parse(&self, body: &Value) -> Result<Chat, String> {
        let body = ChatBody::deserialize(body).map_err(|error| error.to_string())?;
        let messages = body.messages.into_iter().map(|message| Message {
            role: message.role,
            text: message.content,
            tool_calls: Vec::new(),
            tool_call_id: None,
        });
        Ok(Chat {
            model: body.model,
            stream: body.stream.unwrap_or(true),
            messages: messages.collect(),
            tools: Vec::new(),
        })
    }

    fn whole(&self, completion: &Completion) -> Value {
        last(completion, &completion.pieces.concat())
    }

    fn stream(&self, completion: &Completion) -> Vec<Bytes> {
        let mut lines: Vec<_> = completion
            .pieces
            .iter()
            .map(|piece| line(&part(completion, piece)))
            .collect();
        lines.push(line(&last(completion, "")));
        lines
    }

    fn stream_type(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn error(&self, _status: u16, message: &str) -> Value {
        json!({ "error": message })
    }
}

fn part(completion: &Completion, text: &str) -> Value {
    json!({
        "model": completion.model,
        "created_at": "2026-01-01T00:00:00Z",
        "message": { "role": "assistant", "content": text },
        "done": false,
    })
}

fn last(completion: &Completion, text: &str) -> Value {
    let mut value = part(completion, text);
    value["done"] = json!(true);
    value["done_reason"] = json!("stop");
    value
}

fn line(value: &Value) -> Bytes {
    Bytes::from(format!("{value}\n"))
}
