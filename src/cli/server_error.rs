//! What a server answers instead of a result, in sentences with the cure.

use std::error::Error as _;
use std::time::Duration;

use thiserror::Error;
use tonic::{Code, Status};

use super::settings::{Origin, ServerAddress};

#[derive(Debug, Error)]
pub(crate) enum ServerError {
    #[error("no server can be reached at {address} ({origin}): {reason}")]
    Unreachable {
        address: String,
        origin: Origin,
        reason: String,
    },
    #[error("the server at {address} ({origin}) did not answer within {} s", limit.as_secs())]
    Silent {
        address: String,
        origin: Origin,
        limit: Duration,
    },
    #[error("cannot {doing}: {}", sentence(*code, message))]
    Refused {
        doing: String,
        code: Code,
        message: String,
    },
}

impl ServerError {
    pub(crate) fn unreachable(address: &ServerAddress, error: tonic::transport::Error) -> Self {
        Self::Unreachable {
            address: address.to_string(),
            origin: address.origin().clone(),
            reason: innermost(&error),
        }
    }

    pub(crate) fn silent(address: &ServerAddress, limit: Duration) -> Self {
        Self::Silent {
            address: address.to_string(),
            origin: address.origin().clone(),
            limit,
        }
    }

    pub(crate) fn from_status(address: &ServerAddress, doing: String, status: Status) -> Self {
        // Only a failure on this side of the wire has a source.
        if let Some(source) = status.source() {
            return Self::Unreachable {
                address: address.to_string(),
                origin: address.origin().clone(),
                reason: innermost(source),
            };
        }
        Self::Refused {
            doing,
            code: status.code(),
            message: status.message().to_owned(),
        }
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                code: Code::NotFound,
                ..
            }
        )
    }

    /// The connection is gone, not the request wrong.
    pub(crate) fn is_connection_lost(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
            || matches!(
                self,
                Self::Refused {
                    code: Code::Unavailable,
                    ..
                }
            )
    }

    pub(crate) fn hint(&self) -> Option<String> {
        let code = match self {
            Self::Unreachable { origin, .. } | Self::Silent { origin, .. } => {
                return Some(reach_hint(origin));
            }
            Self::Refused { code, .. } => *code,
        };
        let hint = match code {
            Code::Unavailable => {
                "Something that the server needs is away, Temporal for one. Look at the server's log and try again."
            }
            Code::InvalidArgument => "Correct what is named above and try again.",
            Code::NotFound => {
                "Look at the spelling and at --org; `stigmer apply` deploys what a project declares."
            }
            Code::AlreadyExists => {
                "Choose another name, or change the existing one with `stigmer apply`."
            }
            Code::ResourceExhausted => {
                "The server has no room left: free space on its disk, or send something smaller."
            }
            Code::FailedPrecondition => "Look at its state first: `stigmer executions get ID`.",
            Code::Unimplemented => "This server does not know the request; a newer one may.",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

fn reach_hint(origin: &Origin) -> String {
    let cure = match origin {
        Origin::Flag => "or give another --server".to_owned(),
        Origin::Variable(name) => format!("or correct {name}"),
        Origin::File(path) => format!("or correct `server:` in {path}"),
        Origin::Default => "or set STIGMER_SERVER_ADDR to where one listens".to_owned(),
    };
    format!("Start a server there (`cargo e2e up` prints the address of its own), {cure}.")
}

/// The server's words, after ours for the code. Violations come one a line.
fn sentence(code: Code, message: &str) -> String {
    let mut lines = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let details: String = lines.map(|line| format!("\n  {line}")).collect();
    let ours = match code {
        Code::Unavailable => "the server cannot do it now",
        Code::InvalidArgument => "the server does not accept it",
        Code::AlreadyExists => "it exists already",
        Code::ResourceExhausted => "the server has no room for it",
        Code::Unimplemented => "the server has no such method",
        Code::Internal | Code::Unknown | Code::DataLoss => "the server failed",
        _ => return format!("{first}{details}"),
    };
    if first.is_empty() {
        ours.to_owned()
    } else {
        format!("{ours}: {first}{details}")
    }
}

/// The last cause of a chain is what the operating system said.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
