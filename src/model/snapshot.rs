//! Requests in a form that is the same in every run.

use std::collections::HashMap;

use regex::{Captures, Regex};
use serde_json::{Map, Value, json};

use super::chat::{Chat, Message, RecordedRequest, ToolCall};

/// Requests as JSON without what changes from run to run. Ids (UUID, ULID with or without a prefix, tool calls) become
/// `<id 1>`, `<id 2>`, …, equal ones equal; times, dates and loopback addresses become `<time>`, `<date>` and
/// `<address>`. HTTP headers are left out.
#[derive(Clone, Debug)]
#[must_use]
pub struct Snapshot {
    requests: Vec<RecordedRequest>,
    replacements: Vec<(String, String)>,
    schemas: bool,
}

impl Snapshot {
    /// A snapshot of these requests; tools are folded to their names.
    pub fn of(requests: Vec<RecordedRequest>) -> Self {
        Self {
            requests,
            replacements: Vec::new(),
            schemas: false,
        }
    }

    /// Tools with description and schema.
    pub fn with_tool_schemas(self) -> Self {
        Self {
            schemas: true,
            ..self
        }
    }

    /// Another text that changes, such as a directory, and what stands for it.
    pub fn replacing(mut self, text: impl Into<String>, stand_in: impl Into<String>) -> Self {
        self.replacements.push((text.into(), stand_in.into()));
        self
    }

    /// The snapshot: a list with one object a request.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut normalizer = Normalizer::new(&self.replacements);
        self.requests
            .iter()
            .map(|request| self.request(request, &mut normalizer))
            .collect()
    }

    fn request(&self, request: &RecordedRequest, normalizer: &mut Normalizer) -> Value {
        let Some(chat) = &request.chat else {
            return json!({ "route": request.route, "body": normalizer.value(&request.body) });
        };
        json!({
            "route": request.route,
            "model": chat.model,
            "stream": chat.stream,
            "messages": chat.messages.iter().map(|it| message(it, normalizer)).collect::<Vec<_>>(),
            "tools": self.tools(chat, normalizer),
        })
    }

    fn tools(&self, chat: &Chat, normalizer: &mut Normalizer) -> Value {
        let tools = chat.tools.iter().map(|tool| {
            if !self.schemas {
                return json!(tool.name);
            }
            json!({
                "name": tool.name,
                "description": normalizer.text(&tool.description),
                "schema": normalizer.value(&tool.schema),
            })
        });
        tools.collect()
    }
}

fn message(message: &Message, normalizer: &mut Normalizer) -> Value {
    let mut object = Map::new();
    object.insert("role".to_owned(), json!(message.role));
    object.insert("text".to_owned(), json!(normalizer.text(&message.text)));
    if !message.tool_calls.is_empty() {
        let calls = message
            .tool_calls
            .iter()
            .map(|it| tool_call(it, normalizer))
            .collect();
        object.insert("tool_calls".to_owned(), calls);
    }
    if let Some(id) = &message.tool_call_id {
        object.insert("tool_call_id".to_owned(), json!(normalizer.id(id)));
    }
    Value::Object(object)
}

fn tool_call(call: &ToolCall, normalizer: &mut Normalizer) -> Value {
    json!({
        "id": call.id.as_ref().map(|id| normalizer.id(id)),
        "name": call.name,
        "arguments": normalizer.value(&call.arguments),
    })
}

/// Replaces what changes from run to run, the same by the same.
struct Normalizer<'a> {
    ids: HashMap<String, usize>,
    changing: Regex,
    replacements: &'a [(String, String)],
}

impl<'a> Normalizer<'a> {
    fn new(replacements: &'a [(String, String)]) -> Self {
        let uuid = r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b";
        // 26 characters of Crockford's alphabet, of which the first cannot be above 7.
        let ulid =
            r"\b(?:[a-z]{2,8}[-_])?(?:[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-7][0-9a-hjkmnp-tv-z]{25})\b";
        let time =
            r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?";
        let date = r"\b\d{4}-\d{2}-\d{2}\b";
        let address = r"\b127\.0\.0\.1:\d+\b";
        let changing =
            format!("(?<id>{uuid}|{ulid})|(?<time>{time})|(?<date>{date})|(?<address>{address})");
        let changing = Regex::new(&changing).expect("the patterns are constants");
        Self {
            ids: HashMap::new(),
            changing,
            replacements,
        }
    }

    fn id(&mut self, id: &str) -> String {
        let next = self.ids.len() + 1;
        format!("<id {}>", self.ids.entry(id.to_owned()).or_insert(next))
    }

    fn text(&mut self, text: &str) -> String {
        let replaced = self
            .replacements
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let changing = self.changing.clone();
        let normalized =
            changing.replace_all(&replaced, |found: &Captures<'_>| match found.name("id") {
                Some(id) => self.id(id.as_str()),
                None if found.name("time").is_some() => "<time>".to_owned(),
                None if found.name("date").is_some() => "<date>".to_owned(),
                None => "<address>".to_owned(),
            });
        normalized.into_owned()
    }

    fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.text(text)),
            Value::Array(values) => values.iter().map(|it| self.value(it)).collect(),
            Value::Object(object) => {
                let pairs = object
                    .iter()
                    .map(|(name, it)| (name.clone(), self.value(it)));
                Value::Object(pairs.collect())
            }
            other => other.clone(),
        }
    }
}
