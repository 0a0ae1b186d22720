//! What a text has to be for a reply to fit.

use std::fmt;

use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::model::error::ModelError;

/// A regular expression, in the syntax of the `regex` crate.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// # Errors
    /// [`ModelError::Pattern`] when it is not a regular expression.
    pub fn new(pattern: &str) -> Result<Self, ModelError> {
        Regex::new(pattern)
            .map(Self)
            .map_err(|source| ModelError::Pattern {
                pattern: pattern.to_owned(),
                source: Box::new(source),
            })
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pattern = String::deserialize(deserializer)?;
        Regex::new(&pattern).map(Self).map_err(|error| {
            // The last of several lines says what is wrong; the others draw the pattern.
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default();
            de::Error::custom(format!("{pattern:?} is not a regular expression: {reason}"))
        })
    }
}

/// A condition on a text. In a script a text that it has to equal, or one of `contains: …` and `matches: …`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TextMatch {
    /// The whole text.
    Equals(String),
    /// A part of it, upper and lower case distinguished.
    Contains(String),
    /// A regular expression that matches somewhere in it.
    Matches(Pattern),
}

impl TextMatch {
    /// A part of the text.
    pub fn contains(part: impl Into<String>) -> Self {
        Self::Contains(part.into())
    }

    /// # Errors
    /// [`ModelError::Pattern`] when `pattern` is not a regular expression.
    pub fn matches(pattern: &str) -> Result<Self, ModelError> {
        Pattern::new(pattern).map(Self::Matches)
    }

    /// Whether `text` satisfies the condition.
    #[must_use]
    pub fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Equals(whole) => text == whole,
            Self::Contains(part) => text.contains(part),
            Self::Matches(pattern) => pattern.0.is_match(text),
        }
    }
}

impl From<&str> for TextMatch {
    fn from(whole: &str) -> Self {
        Self::Equals(whole.to_owned())
    }
}

impl fmt::Display for TextMatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(whole) => write!(formatter, "is {whole:?}"),
            Self::Contains(part) => write!(formatter, "contains {part:?}"),
            Self::Matches(pattern) => write!(formatter, "matches /{}/", pattern.0),
        }
    }
}

impl<'de> Deserialize<'de> for TextMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextMatchVisitor)
    }
}

/// The forms of a condition that are a map.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Named {
    Equals(String),
    Contains(String),
    Matches(Pattern),
}

struct TextMatchVisitor;

impl<'de> de::Visitor<'de> for TextMatchVisitor {
    type Value = TextMatch;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "a text, or one of `equals`, `contains` and `matches` with a text"
        )
    }

    fn visit_str<E: de::Error>(self, whole: &str) -> Result<TextMatch, E> {
        Ok(whole.into())
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<TextMatch, A::Error> {
        Ok(
            match Named::deserialize(de::value::MapAccessDeserializer::new(map))? {
                Named::Equals(whole) => TextMatch::Equals(whole),
                Named::Contains(part) => TextMatch::Contains(part),
                Named::Matches(pattern) => TextMatch::Matches(pattern),
            },
        )
    }
}
