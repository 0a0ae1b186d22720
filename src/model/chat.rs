//! A request to the model, in one form for all wire formats.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::Provider;

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions: `system`, and `developer` of OpenAI.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// The result of a tool call.
    Tool,
}

/// A call of a tool, as the model asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Given by the model; `None` in Ollama's format where the client drops it.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// Usually an object.
    pub arguments: Value,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// Its text; several text blocks are joined by line breaks.
    pub text: String,
    /// Calls that an assistant message carries.
    pub tool_calls: Vec<ToolCall>,
    /// The call that a tool message answers, where the format says it.
    pub tool_call_id: Option<String>,
}

/// A tool that the client offers to the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// The tool's name.
    pub name: String,
    /// Says to the model what it is for.
    pub description: String,
    /// JSON schema of the arguments.
    pub schema: Value,
}

/// What a client asks of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chat {
    /// Name of the model.
    pub model: String,
    /// Whether the answer is to come in pieces.
    pub stream: bool,
    /// The conversation, oldest message first; Anthropic's `system` is the first message.
    pub messages: Vec<Message>,
    /// Tools on offer.
    pub tools: Vec<Tool>,
}

impl Chat {
    /// Text of the newest user message.
    #[must_use]
    pub fn user_text(&self) -> Option<&str> {
        let message = self
            .messages
            .iter()
            .rfind(|message| message.role == Role::User)?;
        Some(&message.text)
    }
}

/// A request that reached the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedRequest {
    /// 1 for the first request.
    pub number: usize,
    /// By the path; `None` for a path that no provider has.
    pub provider: Option<Provider>,
    /// HTTP method and path, such as `POST /api/chat`.
    pub route: String,
    /// HTTP headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as it came; a string where it is not JSON.
    pub body: Value,
    /// The body understood; `None` where it is not a request to the model.
    pub chat: Option<Chat>,
}
