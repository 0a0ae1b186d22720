//! Requests in OpenAI's format.

use serde::Deserialize;
use serde_json::Value;

use super::conversation::{check_presence, check_tool_results, join};
use crate::model::chat::{Chat, Message, Role, Tool, ToolCall};

#[derive(Deserialize)]
struct ChatBody {
    model: String,
    messages: Vec<ChatMessage>,
    tools: Option<Vec<OfferedTool>>,
    #[serde(default)]
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Deserialize)]
#[serde(tag = "role", rename_all = "lowercase")]
enum ChatMessage {
    #[serde(alias = "developer")]
    System {
        content: Content,
    },
    User {
        content: Content,
    },
    Assistant {
        content: Option<Content>,
        tool_calls: Option<Vec<CalledTool>>,
    },
    Tool {
        content: Content,
        tool_call_id: String,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    r#type: String,
    text: Option<String>,
}

#[derive(Deserialize)]
struct CalledTool {
    id: String,
    function: CalledFunction,
}

#[derive(Deserialize)]
struct CalledFunction {
    name: String,
    arguments: String,
}

/// A tool on offer; Ollama has taken over the form.
#[derive(Deserialize)]
pub(super) struct OfferedTool {
    function: OfferedFunction,
}

#[derive(Deserialize)]
struct OfferedFunction {
    name: String,
    description: Option<String>,
    #[serde(default)]
    parameters: Value,
}

pub(super) fn parse(body: &Value) -> Result<Chat, String> {
    let body = ChatBody::deserialize(body).map_err(|error| error.to_string())?;
    let messages: Vec<_> = body.messages.into_iter().map(Message::from).collect();
    check_presence(&body.model, &messages)?;
    check_tool_results(&messages)?;
    Ok(Chat {
        model: body.model,
        stream: body.stream.unwrap_or(false),
        stream_usage: body
            .stream_options
            .is_some_and(|options| options.include_usage),
        messages,
        tools: body
            .tools
            .unwrap_or_default()
            .into_iter()
            .map(Tool::from)
            .collect(),
    })
}

impl From<OfferedTool> for Tool {
    fn from(tool: OfferedTool) -> Self {
        Self {
            name: tool.function.name,
            description: tool.function.description.unwrap_or_default(),
            schema: tool.function.parameters,
        }
    }
}

impl From<ChatMessage> for Message {
    fn from(message: ChatMessage) -> Self {
        match message {
            ChatMessage::System { content } => Self::new(Role::System, content.text()),
            ChatMessage::User { content } => Self::new(Role::User, content.text()),
            ChatMessage::Assistant {
                content,
                tool_calls,
            } => Self {
                tool_calls: tool_calls
                    .unwrap_or_default()
                    .into_iter()
                    .map(ToolCall::from)
                    .collect(),
                ..Self::new(
                    Role::Assistant,
                    content.map(|it| it.text()).unwrap_or_default(),
                )
            },
            ChatMessage::Tool {
                content,
                tool_call_id,
            } => Self {
                tool_call_id: Some(tool_call_id),
                ..Self::new(Role::Tool, content.text())
            },
        }
    }
}

impl From<CalledTool> for ToolCall {
    fn from(call: CalledTool) -> Self {
        let text = call.function.arguments;
        Self {
            id: Some(call.id),
            name: call.function.name,
            arguments: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }
}

impl Content {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Parts(parts) => join(
                parts
                    .into_iter()
                    .map(|part| part.text.unwrap_or(format!("[{}]", part.r#type))),
            ),
        }
    }
}
