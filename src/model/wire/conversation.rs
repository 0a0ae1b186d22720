//! Rules that OpenAI and Anthropic hold conversations to; a client that breaks them works with neither.

use crate::model::chat::{Message, Role};

/// Every tool call is answered, and every answer has its call, before anybody else speaks.
pub(super) fn check_tool_results(messages: &[Message]) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    for (number, message) in (1..).zip(messages) {
        if message.role == Role::Tool {
            let id = message.tool_call_id.as_deref().unwrap_or_default();
            let Some(place) = open.iter().position(|called| *called == id) else {
                return Err(format!(
                    "message {number} is the result of tool call {id:?}, which the messages before it do not ask for"
                ));
            };
            open.remove(place);
        } else if !open.is_empty() {
            return Err(format!(
                "message {number} comes before the results of the tool calls {}",
                open.join(", ")
            ));
        }
        open.extend(
            message
                .tool_calls
                .iter()
                .filter_map(|call| call.id.as_deref()),
        );
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "the results of the tool calls {} are missing",
            open.join(", ")
        ))
    }
}

/// A request names a model and says something.
pub(super) fn check_presence(model: &str, messages: &[Message]) -> Result<(), String> {
    if model.is_empty() {
        return Err("model is required".to_owned());
    }
    if messages.iter().all(|message| message.role == Role::System) {
        return Err("messages: at least one message is required".to_owned());
    }
    Ok(())
}

/// Texts of the blocks of a message, a line each.
pub(super) fn join(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().collect::<Vec<_>>().join("\n")
}
