//! Which requests a reply is for.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::text_match::TextMatch;
use crate::model::chat::{Excerpt, RecordedRequest};
use crate::model::error::ModelError;
use crate::model::wire::Provider;

/// Conditions on a request; all that are given have to hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Text of the newest user message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<TextMatch>,
    /// Text of the newest tool result after that message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_result: Option<TextMatch>,
    /// All system messages, joined by line breaks: tells agents apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<TextMatch>,
    /// Name of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<TextMatch>,
    /// The wire format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// HTTP headers by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, TextMatch>,
}

impl When {
    /// The newest user message is this.
    pub fn user(condition: impl Into<TextMatch>) -> Self {
        Self {
            user: Some(condition.into()),
            ..Self::default()
        }
    }

    /// The newest user message has this in it.
    pub fn user_contains(part: impl Into<String>) -> Self {
        Self::user(TextMatch::contains(part))
    }

    /// # Errors
    /// [`ModelError::Pattern`] when `pattern` is not a regular expression.
    pub fn user_matches(pattern: &str) -> Result<Self, ModelError> {
        TextMatch::matches(pattern).map(Self::user)
    }

    /// The newest tool result is this.
    pub fn tool_result(condition: impl Into<TextMatch>) -> Self {
        Self {
            tool_result: Some(condition.into()),
            ..Self::default()
        }
    }

    /// The newest tool result has this in it.
    pub fn tool_result_contains(part: impl Into<String>) -> Self {
        Self::tool_result(TextMatch::contains(part))
    }

    /// The system message has this in it.
    pub fn system_contains(part: impl Into<String>) -> Self {
        Self {
            system: Some(TextMatch::contains(part)),
            ..Self::default()
        }
    }

    /// The request is for this model.
    pub fn model(name: impl Into<TextMatch>) -> Self {
        Self {
            model: Some(name.into()),
            ..Self::default()
        }
    }

    /// The request speaks this wire format.
    #[must_use]
    pub fn provider(provider: Provider) -> Self {
        Self {
            provider: Some(provider),
            ..Self::default()
        }
    }

    /// The request has this header.
    pub fn header(name: impl Into<String>, condition: impl Into<TextMatch>) -> Self {
        Self {
            headers: BTreeMap::from([(name.into(), condition.into())]),
            ..Self::default()
        }
    }

    /// Both: what `other` leaves open stays as it is.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.user = other.user.or(self.user);
        self.tool_result = other.tool_result.or(self.tool_result);
        self.system = other.system.or(self.system);
        self.model = other.model.or(self.model);
        self.provider = other.provider.or(self.provider);
        self.headers.extend(other.headers);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The conditions that a request does not satisfy, a phrase each.
    pub(in crate::model) fn unmet_by(&self, request: &RecordedRequest) -> Vec<String> {
        let system = request.system_text();
        let texts = [
            ("user text", &self.user, request.user_text()),
            ("tool result", &self.tool_result, request.tool_result()),
            ("system text", &self.system, system.as_deref()),
            (
                "model",
                &self.model,
                request.chat.as_ref().map(|chat| chat.model.as_str()),
            ),
        ];
        let mut unmet: Vec<_> = texts
            .into_iter()
            .filter_map(|(what, condition, text)| unmet(what, condition.as_ref()?, text))
            .collect();
        if let Some(provider) = self
            .provider
            .filter(|wanted| request.provider != Some(*wanted))
        {
            unmet.push(format!("wants provider {provider}"));
        }
        for (name, condition) in &self.headers {
            let value = request.header(name);
            unmet.extend(self::unmet(&format!("header {name}"), condition, value));
        }
        unmet
    }
}

fn unmet(what: &str, condition: &TextMatch, text: Option<&str>) -> Option<String> {
    match text {
        Some(text) if condition.accepts(text) => None,
        Some(text) => Some(format!(
            "wants {what} that {condition}, got {}",
            Excerpt(text)
        )),
        None => Some(format!("wants {what} that {condition}, got none")),
    }
}

impl fmt::Display for When {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = [
            ("user text", &self.user),
            ("tool result", &self.tool_result),
            ("system text", &self.system),
            ("model", &self.model),
        ];
        let mut conditions: Vec<_> = texts
            .into_iter()
            .filter_map(|(what, condition)| Some(format!("{what} {}", condition.as_ref()?)))
            .collect();
        conditions.extend(self.provider.map(|provider| format!("provider {provider}")));
        conditions.extend(
            self.headers
                .iter()
                .map(|(name, value)| format!("header {name} {value}")),
        );
        formatter.write_str(&conditions.join(" and "))
    }
}
