//! One reply of the model.

use serde::{Deserialize, Serialize};

/// What the model says once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reply {
    /// The text.
    pub text: String,
}

impl Reply {
    /// A reply of text only.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}
