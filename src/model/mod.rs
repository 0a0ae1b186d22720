//! A language model that answers what a test has written down, and nothing else.

mod body;
mod chat;
mod error;
mod ledger;
mod running;
mod script;
mod server;
mod wire;

#[cfg(test)]
mod tests;

pub use chat::{Chat, Message, RecordedRequest, Role, Tool, ToolCall};
pub use error::ModelError;
pub use running::{ModelSpec, RunningModel};
pub use script::{ModelScript, Reply};
pub use wire::Provider;
