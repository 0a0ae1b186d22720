//! Whose wire format a request speaks.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::WireFormat;
use super::anthropic::Anthropic;
use super::ollama::Ollama;
use super::openai::OpenAi;

/// A provider of language models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// `POST /api/chat`, streamed as NDJSON.
    Ollama,
    /// `POST /v1/chat/completions`, streamed as server-sent events.
    OpenAi,
    /// `POST /v1/messages`, streamed as named server-sent events.
    Anthropic,
}

impl Provider {
    pub(in crate::model) fn format(self) -> &'static dyn WireFormat {
        match self {
            Self::Ollama => &Ollama,
            Self::OpenAi => &OpenAi,
            Self::Anthropic => &Anthropic,
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ollama => "ollama",
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        })
    }
}
