//! The wire formats of the providers.

mod ollama;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::chat::Chat;

/// Whose wire format a request speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// `POST /api/chat`, NDJSON.
    Ollama,
}

impl Provider {
    pub(super) fn format(self) -> &'static dyn WireFormat {
        match self {
            Self::Ollama => &ollama::Ollama,
        }
    }
}

/// A reply that is ready to be written: everything that had to be decided is decided.
#[derive(Debug)]
pub(super) struct Completion {
    pub model: String,
    pub pieces: Vec<String>,
}

/// One way to read requests and to write replies and errors.
pub(super) trait WireFormat: Sync {
    /// Understands a request, or says in a sentence what is wrong with it.
    fn parse(&self, body: &Value) -> Result<Chat, String>;
    /// The reply in one piece.
    fn whole(&self, completion: &Completion) -> Value;
    /// The reply in the pieces of a stream.
    fn stream(&self, completion: &Completion) -> Vec<Bytes>;
    /// The media type of a stream.
    fn stream_type(&self) -> &'static str;
    /// The body of an HTTP error.
    fn error(&self, status: u16, message: &str) -> Value;
}
