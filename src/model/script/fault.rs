//! What goes wrong with a reply, on purpose.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::duration;

/// How long a reply hangs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// Until [`RunningModel::release`](crate::model::RunningModel::release); then the reply goes on.
    #[default]
    Released,
    /// Until the client or the model ends.
    Forever,
}

/// A fault of a reply. `after_chunks` counts pieces of text and of tool calls: 0 is before anything is answered, the
/// HTTP status included; more than the reply has is after the last. A reply that is not streamed counts as one piece of
/// which half is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// An HTTP error instead of the reply.
    Status {
        /// 400 to 599.
        code: u16,
        /// Put into the provider's own form of an error, where `body` is not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// The whole body: a text as it is, anything else as JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
        /// Further headers, such as `retry-after`.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// Silence.
    Hang {
        /// How long.
        #[serde(default)]
        until: Until,
        /// Pieces before it.
        #[serde(default)]
        after_chunks: usize,
    },
    /// The connection is closed in the middle, as when the server ends.
    Cut {
        /// Pieces before it.
        #[serde(default)]
        after_chunks: usize,
    },
    /// The connection is reset (TCP RST), as when the machine restarts.
    Reset {
        /// Pieces before it.
        #[serde(default)]
        after_chunks: usize,
    },
    /// A piece that is no JSON, then the rest. A reply that is not streamed consists of it.
    Malformed {
        /// Pieces before it.
        #[serde(default)]
        after_chunks: usize,
        /// The piece.
        #[serde(default = "broken_json")]
        data: String,
    },
    /// The provider's own error in mid-stream, and nothing after it. A reply that is not streamed becomes HTTP 500.
    ErrorEvent {
        /// Pieces before it.
        #[serde(default)]
        after_chunks: usize,
        /// What the error says.
        message: String,
    },
    /// The response trickles, whatever its pieces are.
    Drip {
        /// Bytes at a time.
        bytes: NonZeroUsize,
        /// Pause after each.
        #[serde(with = "duration")]
        every: Duration,
    },
}

fn broken_json() -> String {
    "{\"broken\": ".to_owned()
}

impl Fault {
    /// An HTTP error in the provider's own form.
    #[must_use]
    pub fn status(code: u16) -> Self {
        Self::Status {
            code,
            message: None,
            body: None,
            headers: BTreeMap::new(),
        }
    }

    /// Silence until released.
    #[must_use]
    pub fn hang() -> Self {
        Self::Hang {
            until: Until::Released,
            after_chunks: 0,
        }
    }

    /// Silence without end.
    #[must_use]
    pub fn hang_forever() -> Self {
        Self::Hang {
            until: Until::Forever,
            after_chunks: 0,
        }
    }

    /// A closed connection.
    #[must_use]
    pub fn cut_after(after_chunks: usize) -> Self {
        Self::Cut { after_chunks }
    }

    /// A reset connection.
    #[must_use]
    pub fn reset_after(after_chunks: usize) -> Self {
        Self::Reset { after_chunks }
    }

    /// A piece that is no JSON.
    #[must_use]
    pub fn malformed_after(after_chunks: usize) -> Self {
        Self::Malformed {
            after_chunks,
            data: broken_json(),
        }
    }

    /// The provider's own error in mid-stream.
    pub fn error_event(after_chunks: usize, message: impl Into<String>) -> Self {
        Self::ErrorEvent {
            after_chunks,
            message: message.into(),
        }
    }

    /// One byte at a time.
    #[must_use]
    pub fn drip(every: Duration) -> Self {
        Self::Drip {
            bytes: NonZeroUsize::MIN,
            every,
        }
    }

    /// The same fault after so many pieces; for a fault without a place, the same fault.
    #[must_use]
    pub fn after(mut self, chunks: usize) -> Self {
        match &mut self {
            Self::Hang { after_chunks, .. }
            | Self::Cut { after_chunks }
            | Self::Reset { after_chunks }
            | Self::Malformed { after_chunks, .. }
            | Self::ErrorEvent { after_chunks, .. } => *after_chunks = chunks,
            Self::Status { .. } | Self::Drip { .. } => {}
        }
        self
    }

    /// What in it cannot be done, a sentence each.
    pub(super) fn problems(&self) -> Vec<String> {
        let Self::Status { code, headers, .. } = self else {
            return Vec::new();
        };
        let mut problems = Vec::new();
        let error = StatusCode::from_u16(*code).is_ok_and(|status| status.as_u16() >= 400);
        if !error || *code > 599 {
            problems.push(format!("status {code} is no HTTP error: use 400 to 599"));
        }
        for (name, value) in headers {
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                problems.push(format!("{name:?}: {value:?} is no HTTP header"));
            }
        }
        problems
    }
}
