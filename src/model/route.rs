//! What the model serves, and in whose words it refuses the rest.

use hyper::header::HeaderMap;
use hyper::{Method, StatusCode};

use super::wire::Provider;

/// What a request is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Chat(Provider),
    ModelList(Provider),
    /// Nothing that the model serves.
    Unknown {
        in_words_of: Provider,
        status: StatusCode,
        reason: String,
    },
}

const CHATS: [(&str, Provider); 3] = [
    ("/api/chat", Provider::Ollama),
    ("/v1/chat/completions", Provider::OpenAi),
    ("/v1/messages", Provider::Anthropic),
];

impl Route {
    pub(super) fn new(method: &Method, path: &str, headers: &HeaderMap) -> Self {
        // OpenAI and Anthropic ask for their models at the same path; only Anthropic's clients name a version.
        let anthropic =
            headers.contains_key("anthropic-version") || path.starts_with("/v1/messages");
        let at_v1 = if anthropic {
            Provider::Anthropic
        } else {
            Provider::OpenAi
        };
        let chat = CHATS.into_iter().find(|(served, _)| *served == path);
        let list = match path {
            "/api/tags" => Some(Provider::Ollama),
            "/v1/models" => Some(at_v1),
            _ => None,
        };
        match (chat, list) {
            (Some((_, provider)), _) if *method == Method::POST => Self::Chat(provider),
            (_, Some(provider)) if *method == Method::GET => Self::ModelList(provider),
            (None, None) => Self::Unknown {
                in_words_of: if path.starts_with("/v1") {
                    at_v1
                } else {
                    Provider::Ollama
                },
                status: StatusCode::NOT_FOUND,
                reason: format!(
                    "the scripted model does not serve {method} {path}, only POST /api/chat, /v1/chat/completions and \
                     /v1/messages, GET /api/tags and /v1/models"
                ),
            },
            (chat, list) => Self::Unknown {
                in_words_of: chat.map(|(_, provider)| provider).or(list).unwrap_or(at_v1),
                status: StatusCode::METHOD_NOT_ALLOWED,
                reason: format!(
                    "{path} is served for {}, not for {method}",
                    if chat.is_some() { "POST" } else { "GET" }
                ),
            },
        }
    }
}
