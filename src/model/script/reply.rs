//! One reply of the model, and how to write one in a test.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Chunks, Fault, Times, When, duration};

/// A call of a tool that the model will ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedCall {
    /// `call_1`, `call_2`, … of this model where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// Usually an object; an empty one where it is not given.
    #[serde(default = "no_arguments")]
    pub arguments: Value,
}

fn no_arguments() -> Value {
    Value::Object(serde_json::Map::new())
}

/// Tokens that a reply is said to have cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Tokens of the request.
    pub input_tokens: u64,
    /// Tokens of the reply.
    pub output_tokens: u64,
}

/// Why the model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// It had said everything.
    Stop,
    /// It had no tokens left.
    Length,
    /// It wants tools to be called.
    ToolCalls,
}

/// Pauses of a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delay {
    /// Before anything is answered.
    #[serde(with = "duration", skip_serializing_if = "Duration::is_zero")]
    pub first: Duration,
    /// Between the pieces of a stream.
    #[serde(with = "duration", skip_serializing_if = "Duration::is_zero")]
    pub between: Duration,
}

impl Delay {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What the model says, to which requests, how often and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reply {
    /// The requests that it is for, in whatever order they come. Without it replies are given in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// What the next request in order has to be; another one is unexpected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<When>,
    /// How often.
    #[serde(skip_serializing_if = "is_once")]
    pub times: Times,
    /// The text; where `chunks` lists the pieces, those.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Calls of tools, after the text; more than one are parallel.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<PlannedCall>,
    /// A token a word where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What follows from the calls where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<StopReason>,
    /// Pieces of a stream.
    #[serde(skip_serializing_if = "Chunks::is_whole")]
    pub chunks: Chunks,
    /// Pauses.
    #[serde(skip_serializing_if = "Delay::is_none")]
    pub delay: Delay,
    /// What goes wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

fn is_once(times: &Times) -> bool {
    *times == Times::default()
}

impl Reply {
    /// A reply of text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A reply that asks for a tool.
    pub fn call(name: impl Into<String>, arguments: Value) -> Self {
        Self::default().and_call(name, arguments)
    }

    /// A reply of which only the fault is seen.
    #[must_use]
    pub fn failing(fault: Fault) -> Self {
        Self::default().fault(fault)
    }

    /// One more call of a tool, parallel to the others.
    #[must_use]
    pub fn and_call(mut self, name: impl Into<String>, arguments: Value) -> Self {
        self.tool_calls.push(PlannedCall {
            id: None,
            name: name.into(),
            arguments,
        });
        self
    }

    /// Only to requests that satisfy these conditions, in whatever order they come.
    #[must_use]
    pub fn when(self, when: When) -> Self {
        Self {
            when: Some(when),
            ..self
        }
    }

    /// In order, and the request has to satisfy these conditions.
    #[must_use]
    pub fn expect(self, expect: When) -> Self {
        Self {
            expect: Some(expect),
            ..self
        }
    }

    /// How often.
    #[must_use]
    pub fn times(self, times: impl Into<Times>) -> Self {
        Self {
            times: times.into(),
            ..self
        }
    }

    /// Tokens that it is said to have cost.
    #[must_use]
    pub fn usage(self, input_tokens: u64, output_tokens: u64) -> Self {
        Self {
            usage: Some(Usage {
                input_tokens,
                output_tokens,
            }),
            ..self
        }
    }

    /// Why the model stops.
    #[must_use]
    pub fn stop(self, reason: StopReason) -> Self {
        Self {
            stop: Some(reason),
            ..self
        }
    }

    /// Streamed in pieces of so many characters; 0 is in one piece.
    #[must_use]
    pub fn chunks_of(self, characters: usize) -> Self {
        let chunks = NonZeroUsize::new(characters).map_or(Chunks::Whole, Chunks::Characters);
        Self { chunks, ..self }
    }

    /// A text in these pieces.
    pub fn pieces<P: Into<String>>(pieces: impl IntoIterator<Item = P>) -> Self {
        let pieces = pieces.into_iter().map(Into::into).collect();
        Self {
            chunks: Chunks::Pieces(pieces),
            ..Self::default()
        }
    }

    /// A pause before anything is answered.
    #[must_use]
    pub fn delay_first(mut self, pause: Duration) -> Self {
        self.delay.first = pause;
        self
    }

    /// A pause between the pieces of a stream.
    #[must_use]
    pub fn delay_between(mut self, pause: Duration) -> Self {
        self.delay.between = pause;
        self
    }

    /// Something goes wrong.
    #[must_use]
    pub fn fault(self, fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..self
        }
    }

    /// All of the text.
    #[must_use]
    pub fn whole_text(&self) -> String {
        match &self.chunks {
            Chunks::Pieces(pieces) => pieces.concat(),
            _ => self.text.clone(),
        }
    }

    /// What in it contradicts itself or cannot be done, a sentence each.
    pub(in crate::model) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.when.is_some() && self.expect.is_some() {
            problems.push(
                "it has both `when` (any order) and `expect` (in order): keep one".to_owned(),
            );
        }
        for (name, conditions) in [("when", &self.when), ("expect", &self.expect)] {
            if conditions.as_ref().is_some_and(When::is_empty) {
                problems.push(format!(
                    "`{name}` has no condition: add one or leave it out"
                ));
            }
        }
        if self.times.is_never() {
            problems.push("it is given 0 times: leave it out".to_owned());
        }
        if let Chunks::Pieces(pieces) = &self.chunks
            && !self.text.is_empty()
            && self.text != pieces.concat()
        {
            problems.push(format!(
                "the chunks make {:?}, the text is {:?}: leave the text out",
                pieces.concat(),
                self.text
            ));
        }
        if self.tool_calls.iter().any(|call| call.name.is_empty()) {
            problems.push("a tool call has no name".to_owned());
        }
        problems.extend(self.fault.iter().flat_map(Fault::problems));
        problems
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
