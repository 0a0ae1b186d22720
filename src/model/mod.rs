//! A language model that answers what a test has written down, and nothing else.
//!
//! A [`ModelScript`] is data: replies in order or by matcher, with pauses and faults. A [`RunningModel`] serves it on
//! 127.0.0.1 in the wire formats of Ollama, OpenAI and Anthropic, keeps every request, and says in
//! [`RunningModel::verify`] what came unexpected and what was never asked for. `docs/model.md` shows every field.

mod chat;
mod error;
mod exchange;
mod ledger;
mod mismatch;
mod plan;
mod play;
mod route;
mod running;
mod script;
mod server;
mod snapshot;
mod wire;

#[cfg(test)]
mod tests;

pub use chat::{Answered, Chat, Delivery, Message, RecordedRequest, Role, Tool, ToolCall};
pub use error::ModelError;
pub use mismatch::{Mismatch, ReplyUse};
pub use running::{ModelSpec, RunningModel};
pub use script::{
    Chunks, Delay, Fault, ModelScript, Pattern, PlannedCall, Reply, StopReason, TextMatch, Times,
    Until, Usage, When,
};
pub use snapshot::Snapshot;
pub use wire::Provider;
