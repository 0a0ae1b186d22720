//! A request to the model, in one form for all wire formats.

use std::collections::BTreeMap;
use std::fmt;

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

/// A call of a tool, as a client repeats it to the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// What the model called it; Ollama's clients drop it.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// Usually an object; a string where the client sent no JSON.
    pub arguments: Value,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// Its text. Several text blocks are joined by line breaks; a block of another kind is its kind in brackets.
    pub text: String,
    /// Calls that an assistant message carries.
    pub tool_calls: Vec<ToolCall>,
    /// The call that a tool message answers, where the format says it.
    pub tool_call_id: Option<String>,
}

impl Message {
    pub(super) fn new(role: Role, text: String) -> Self {
        Self {
            role,
            text,
            tool_calls: Vec::new(),
            tool_call_id: None,
        }
    }
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
    /// Whether a stream is to end with the tokens used; only OpenAI's clients have to ask for it.
    pub stream_usage: bool,
    /// The conversation, oldest message first; Anthropic's `system` is the first message.
    pub messages: Vec<Message>,
    /// Tools on offer.
    pub tools: Vec<Tool>,
}

/// How a request was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// By the reply with this number, 1 for the first.
    Reply(usize),
    /// By the script's default.
    Default,
    /// By the stand-in of a lenient script.
    Lenient,
    /// By the list of models.
    ModelList,
    /// By an error: nothing in the script expects it, for this reason.
    Unexpected(String),
}

/// How far the answer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Not all of it is sent.
    InFlight,
    /// All of it is sent.
    Complete,
    /// A fault of the script ended the connection.
    Broken,
    /// The client went away before the end.
    Abandoned,
}

/// A request that reached the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedRequest {
    /// 1 for the first request.
    pub number: usize,
    /// By path and headers; `None` for a path that no provider has.
    pub provider: Option<Provider>,
    /// HTTP method and path, such as `POST /api/chat`.
    pub route: String,
    /// HTTP headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as it came; a string where it is not JSON.
    pub body: Value,
    /// The body understood; `None` where it is not a request that the model could answer.
    pub chat: Option<Chat>,
    /// How it was answered.
    pub answered: Answered,
    /// How far the answer has come.
    pub delivery: Delivery,
}

impl RecordedRequest {
    fn messages(&self) -> &[Message] {
        self.chat.as_ref().map_or(&[], |chat| &chat.messages)
    }

    /// Text of the newest user message.
    #[must_use]
    pub fn user_text(&self) -> Option<&str> {
        let message = self
            .messages()
            .iter()
            .rfind(|message| message.role == Role::User)?;
        Some(&message.text)
    }

    /// Text of the newest tool result after the newest user message.
    #[must_use]
    pub fn tool_result(&self) -> Option<&str> {
        let turn = self
            .messages()
            .iter()
            .rev()
            .take_while(|message| message.role != Role::User);
        let message = turn
            .into_iter()
            .find(|message| message.role == Role::Tool)?;
        Some(&message.text)
    }

    /// All system messages, joined by line breaks.
    #[must_use]
    pub fn system_text(&self) -> Option<String> {
        let system = self
            .messages()
            .iter()
            .filter(|message| message.role == Role::System);
        let texts: Vec<_> = system.map(|message| message.text.as_str()).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }

    /// Names of the tools on offer, in order.
    #[must_use]
    pub fn tool_names(&self) -> Vec<&str> {
        let tools = self.chat.as_ref().map_or(&[][..], |chat| &chat.tools);
        tools.iter().map(|tool| tool.name.as_str()).collect()
    }

    /// A header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(&name.to_ascii_lowercase())
            .map(String::as_str)
    }

    /// Whether nothing in the script expects it.
    #[must_use]
    pub fn is_unexpected(&self) -> bool {
        matches!(self.answered, Answered::Unexpected(_))
    }
}

/// One line: provider, model, newest texts, tools.
impl fmt::Display for RecordedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(chat) = &self.chat else {
            return formatter.write_str(&self.route);
        };
        if let Some(provider) = self.provider {
            write!(formatter, "{provider}, ")?;
        }
        write!(formatter, "model {:?}", chat.model)?;
        if let Some(text) = self.user_text() {
            write!(formatter, ", user {}", Excerpt(text))?;
        }
        if let Some(text) = self.tool_result() {
            write!(formatter, ", tool result {}", Excerpt(text))?;
        }
        match self.tool_names().as_slice() {
            [] => formatter.write_str(", no tools"),
            names => write!(formatter, ", tools {}", names.join(" ")),
        }
    }
}

/// A text on one line, quoted, its end left out where it is long.
pub(super) struct Excerpt<'a>(pub &'a str);

/// Long enough to recognise a message, short enough for one line of a terminal beside the rest.
const EXCERPT_CHARACTERS: usize = 60;

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(EXCERPT_CHARACTERS) {
            None => write!(formatter, "{:?}", self.0),
            Some((end, _)) => write!(formatter, "{:?}…", &self.0[..end]),
        }
    }
}
