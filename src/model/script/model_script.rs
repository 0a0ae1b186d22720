//! A whole script.

use serde::{Deserialize, Serialize};

use super::Reply;

/// Everything a scripted model is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelScript {
    /// Whether a request that nothing expects gets a stand-in reply instead of an error.
    pub lenient: bool,
    /// Names in the lists of models. A request may name any model.
    pub models: Vec<String>,
    /// Given, any number of times, to requests that no other reply is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Reply>,
    /// Those with `when` are looked at first, in this order; the others are given one after the other.
    pub replies: Vec<Reply>,
}

impl Default for ModelScript {
    fn default() -> Self {
        Self {
            lenient: false,
            models: vec!["scripted".to_owned()],
            default: None,
            replies: Vec::new(),
        }
    }
}

impl ModelScript {
    /// A strict script without replies.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more reply.
    #[must_use]
    pub fn reply(mut self, reply: impl Into<Reply>) -> Self {
        self.replies.push(reply.into());
        self
    }

    /// What requests get that no other reply is for.
    #[must_use]
    pub fn reply_by_default(self, reply: impl Into<Reply>) -> Self {
        Self {
            default: Some(reply.into()),
            ..self
        }
    }

    /// Requests that nothing expects get a stand-in reply.
    #[must_use]
    pub fn lenient(self) -> Self {
        Self {
            lenient: true,
            ..self
        }
    }

    /// What in it contradicts itself, a sentence each.
    pub(in crate::model) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut endless = None;
        for (number, reply) in (1..).zip(&self.replies) {
            problems.extend(
                reply
                    .problems()
                    .into_iter()
                    .map(|it| format!("reply {number}: {it}")),
            );
            if reply.when.is_some() {
                continue;
            }
            if let Some(earlier) = endless {
                problems.push(format!(
                    "reply {number}: it is never reached, since reply {earlier} before it has no end: give that a \
                     `when`, or make it the `default`"
                ));
            } else if reply.times.is_endless() {
                endless = Some(number);
            }
        }
        if let Some(default) = &self.default {
            problems.extend(
                default
                    .problems()
                    .into_iter()
                    .map(|it| format!("default: {it}")),
            );
            if default.when.is_some()
                || default.expect.is_some()
                || default.times != Reply::default().times
            {
                problems.push(
                    "default: it has no `when`, `expect` or `times`: it is for every other request"
                        .to_owned(),
                );
            }
        }
        problems
    }
}
