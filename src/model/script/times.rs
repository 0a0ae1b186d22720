//! How often a reply is to be asked for.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Number of requests that a reply is for. In a script `2`, `any`, `at least 1` or `at most 3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    at_least: u32,
    at_most: Option<u32>,
}

impl Times {
    /// Neither more nor less.
    #[must_use]
    pub fn exactly(count: u32) -> Self {
        Self {
            at_least: count,
            at_most: Some(count),
        }
    }

    /// Never missing, never used up.
    #[must_use]
    pub fn any() -> Self {
        Self {
            at_least: 0,
            at_most: None,
        }
    }

    /// Missing below `count`, never used up.
    #[must_use]
    pub fn at_least(count: u32) -> Self {
        Self {
            at_least: count,
            at_most: None,
        }
    }

    /// Never missing, used up after `count`.
    #[must_use]
    pub fn at_most(count: u32) -> Self {
        Self {
            at_least: 0,
            at_most: Some(count),
        }
    }

    /// Whether a reply that was given `given` times may be given again.
    #[must_use]
    pub fn allows_more_than(self, given: u32) -> bool {
        self.at_most.is_none_or(|at_most| given < at_most)
    }

    /// Whether `given` times is less than the script expects.
    #[must_use]
    pub fn misses_some_at(self, given: u32) -> bool {
        given < self.at_least
    }

    /// Whether the reply is never used up.
    #[must_use]
    pub fn is_endless(self) -> bool {
        self.at_most.is_none()
    }

    /// Whether the reply can never be given.
    #[must_use]
    pub fn is_never(self) -> bool {
        self.at_most == Some(0)
    }
}

impl Default for Times {
    /// Once.
    fn default() -> Self {
        Self::exactly(1)
    }
}

impl From<u32> for Times {
    fn from(count: u32) -> Self {
        Self::exactly(count)
    }
}

impl fmt::Display for Times {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.at_least, self.at_most) {
            (0, None) => write!(formatter, "any"),
            (at_least, None) => write!(formatter, "at least {at_least}"),
            (at_least, Some(at_most)) if at_least == at_most => write!(formatter, "{at_most}"),
            (_, Some(at_most)) => write!(formatter, "at most {at_most}"),
        }
    }
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.at_most {
            Some(count) if count == self.at_least => serializer.serialize_u32(count),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimesVisitor)
    }
}

struct TimesVisitor;

impl de::Visitor<'_> for TimesVisitor {
    type Value = Times;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a number, `any`, `at least N` or `at most N`")
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Times, E> {
        u32::try_from(count)
            .map(Times::exactly)
            .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(count), &self))
    }

    fn visit_i64<E: de::Error>(self, count: i64) -> Result<Times, E> {
        u32::try_from(count)
            .map(Times::exactly)
            .map_err(|_| E::invalid_value(de::Unexpected::Signed(count), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Times, E> {
        let count = |text: &str| text.trim().parse().ok();
        if text == "any" {
            return Ok(Times::any());
        }
        let bounded = text
            .strip_prefix("at least ")
            .and_then(count)
            .map(Times::at_least)
            .or_else(|| {
                text.strip_prefix("at most ")
                    .and_then(count)
                    .map(Times::at_most)
            });
        bounded.ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
