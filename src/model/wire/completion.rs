//! A reply that is ready to be written: everything that had to be decided is decided.

use serde_json::Value;

use crate::model::chat::{Chat, Message};
use crate::model::script::{Reply, StopReason, Usage};

/// When every reply says that it was made. A fixed time keeps snapshots of replies the same; no client reads more from
/// it than that it is a time.
pub(super) const CREATED_AT: &str = "2026-01-01T00:00:00Z";

/// [`CREATED_AT`] in seconds of the Unix epoch.
pub(super) const CREATED: u64 = 1_767_225_600;

/// A call of a tool, with its id.
#[derive(Debug)]
pub(super) struct SpokenCall {
    pub id: String,
    pub name: String,
    pub arguments: Value,
    /// The arguments as JSON, in the pieces of a stream.
    pub pieces: Vec<String>,
}

/// A reply to one request.
#[derive(Debug)]
pub(in crate::model) struct Completion {
    /// Number of the request: makes ids.
    pub serial: usize,
    pub model: String,
    /// The text in the pieces of a stream.
    pub pieces: Vec<String>,
    pub(super) calls: Vec<SpokenCall>,
    pub usage: Usage,
    pub stop: StopReason,
    /// Whether a stream ends with the tokens used.
    pub stream_usage: bool,
}

impl Completion {
    /// Decides what `reply` leaves open; `call_id` makes the ids of calls that have none.
    pub(in crate::model) fn new(
        serial: usize,
        chat: &Chat,
        reply: &Reply,
        mut call_id: impl FnMut() -> String,
    ) -> Self {
        let calls: Vec<_> = reply
            .tool_calls
            .iter()
            .map(|call| SpokenCall {
                id: call.id.clone().unwrap_or_else(&mut call_id),
                name: call.name.clone(),
                pieces: reply.chunks.of_arguments(&call.arguments.to_string()),
                arguments: call.arguments.clone(),
            })
            .collect();
        let follows = if calls.is_empty() {
            StopReason::Stop
        } else {
            StopReason::ToolCalls
        };
        Self {
            serial,
            model: chat.model.clone(),
            pieces: reply.chunks.of_text(&reply.whole_text()),
            usage: reply.usage.unwrap_or_else(|| Usage {
                input_tokens: chat.messages.iter().map(words_of_message).sum(),
                output_tokens: words(&reply.whole_text())
                    + calls.iter().map(words_of_call).sum::<u64>(),
            }),
            stop: reply.stop.unwrap_or(follows),
            calls,
            stream_usage: chat.stream_usage,
        }
    }

    /// The text in one piece.
    pub(super) fn text(&self) -> String {
        self.pieces.concat()
    }
}

/// A token a word: easy to foretell in a test.
fn words(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

fn words_of_message(message: &Message) -> u64 {
    words(&message.text)
}

fn words_of_call(call: &SpokenCall) -> u64 {
    1 + words(&call.arguments.to_string())
}
