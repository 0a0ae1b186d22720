//! What a test holds: a Stigmer of its own.

mod command;
mod context;
mod environment;
mod failure;
mod fixture;
mod hold;
pub mod prelude;
mod service;
mod spec;
mod stack_handle;
mod store;

pub use command::CommandOutcome;
pub use environment::command_environment;
pub use failure::{TestFailure, TestResult};
pub use fixture::{bare_stack, server_stack, stack};
pub use service::StackService;
pub use spec::StackSpec;
pub use stack_handle::Stack;
pub use store::{Store, StoreError};
