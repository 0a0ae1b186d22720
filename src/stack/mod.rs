//! What a test holds: a Stigmer of its own.

mod command;
mod context;
mod environment;
mod failure;
mod fixture;
pub mod prelude;
mod spec;
mod stack_handle;
mod store;

pub use command::CommandOutcome;
pub use environment::command_environment;
pub use failure::{TestFailure, TestResult};
pub use fixture::{bare_stack, server_stack, stack};
pub use spec::StackSpec;
pub use stack_handle::Stack;
pub use store::{Store, StoreError};
