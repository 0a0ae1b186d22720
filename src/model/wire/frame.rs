//! A piece of a stream, as it is written.

use bytes::Bytes;
use serde_json::Value;

/// Bytes that are written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::model) struct Frame {
    pub bytes: Bytes,
    /// Whether it carries text or a tool call; the others open and close the stream.
    pub chunk: bool,
}

impl Frame {
    /// One line of NDJSON.
    pub(super) fn line(data: &str) -> Self {
        Self {
            bytes: Bytes::from(format!("{data}\n")),
            chunk: false,
        }
    }

    /// A server-sent event without a name.
    pub(super) fn data(data: &str) -> Self {
        Self {
            bytes: Bytes::from(format!("data: {data}\n\n")),
            chunk: false,
        }
    }

    /// A server-sent event named after the `type` of its data.
    pub(super) fn event(data: &Value) -> Self {
        let name = data["type"].as_str().unwrap_or_default();
        Self::named_event(name, &data.to_string())
    }

    /// A server-sent event with a name.
    pub(super) fn named_event(name: &str, data: &str) -> Self {
        Self {
            bytes: Bytes::from(format!("event: {name}\ndata: {data}\n\n")),
            chunk: false,
        }
    }

    /// The same, carrying text or a tool call.
    pub(super) fn chunk(self) -> Self {
        Self {
            chunk: true,
            ..self
        }
    }
}
