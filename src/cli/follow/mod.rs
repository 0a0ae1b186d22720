//! Following an execution: what happens is printed as it happens.

mod error;
mod execution;
mod feed;
mod transcript;
mod watch;

pub(crate) use error::FollowError;
pub(crate) use execution::{Execution, ExecutionKind};
pub(crate) use feed::get;
pub(crate) use transcript::Transcript;
pub(crate) use watch::{cancel, follow};
