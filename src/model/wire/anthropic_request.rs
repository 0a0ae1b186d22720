//! Requests in Anthropic's format: instructions apart, tool results inside user messages.

use serde::Deserialize;
use serde_json::Value;

use super::conversation::{check_presence, check_tool_results, join};
use crate::model::chat::{Chat, Message, Role, Tool, ToolCall};

#[derive(Deserialize)]
struct MessagesBody {
    model: String,
    messages: Vec<Turn>,
    max_tokens: Option<u64>,
    system: Option<Content>,
    tools: Option<Vec<OfferedTool>>,
    stream: Option<bool>,
}

#[derive(Deserialize)]
struct Turn {
    role: Speaker,
    content: Content,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Speaker {
    User,
    Assistant,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Blocks(Vec<Block>),
}

/// A block of any kind: each kind fills the fields that it has.
#[derive(Deserialize)]
struct Block {
    r#type: String,
    text: Option<String>,
    id: Option<String>,
    name: Option<String>,
    input: Option<Value>,
    tool_use_id: Option<String>,
    content: Option<Content>,
}

#[derive(Deserialize)]
struct OfferedTool {
    name: String,
    description: Option<String>,
    #[serde(default)]
    input_schema: Value,
}

pub(super) fn parse(body: &Value) -> Result<Chat, String> {
    let body = MessagesBody::deserialize(body).map_err(|error| error.to_string())?;
    if body.max_tokens.is_none_or(|tokens| tokens == 0) {
        return Err("max_tokens: a number above 0 is required".to_owned());
    }
    let system = body
        .system
        .map(|content| Message::new(Role::System, content.text()));
    let mut messages: Vec<_> = system.into_iter().collect();
    messages.extend(body.messages.into_iter().flat_map(Turn::messages));
    check_presence(&body.model, &messages)?;
    check_tool_results(&messages)?;
    let tools = body.tools.unwrap_or_default().into_iter().map(|tool| Tool {
        name: tool.name,
        description: tool.description.unwrap_or_default(),
        schema: tool.input_schema,
    });
    Ok(Chat {
        model: body.model,
        stream: body.stream.unwrap_or(false),
        stream_usage: true,
        messages,
        tools: tools.collect(),
    })
}

impl Turn {
    /// The results in it, each a message of its own, then what is said.
    fn messages(self) -> Vec<Message> {
        let role = if self.role == Speaker::User {
            Role::User
        } else {
            Role::Assistant
        };
        let blocks = match self.content {
            Content::Text(text) => return vec![Message::new(role, text)],
            Content::Blocks(blocks) => blocks,
        };
        let mut messages = Vec::new();
        let mut texts = Vec::new();
        let mut calls = Vec::new();
        for block in blocks {
            match block.r#type.as_str() {
                "tool_result" => messages.push(block.into_result()),
                "tool_use" => calls.push(block.into_call()),
                _ => texts.push(block.text()),
            }
        }
        if !texts.is_empty() || !calls.is_empty() {
            messages.push(Message {
                tool_calls: calls,
                ..Message::new(role, join(texts))
            });
        }
        messages
    }
}

impl Block {
    fn into_result(self) -> Message {
        let text = self.content.map(Content::text).unwrap_or_default();
        Message {
            tool_call_id: self.tool_use_id,
            ..Message::new(Role::Tool, text)
        }
    }

    fn into_call(self) -> ToolCall {
        ToolCall {
            id: self.id,
            name: self.name.unwrap_or_default(),
            arguments: self.input.unwrap_or_default(),
        }
    }

    fn text(self) -> String {
        self.text.unwrap_or_else(|| format!("[{}]", self.r#type))
    }
}

impl Content {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Blocks(blocks) => join(blocks.into_iter().map(Block::text)),
        }
    }
}
