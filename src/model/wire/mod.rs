//! The wire formats of the providers.

mod anthropic;
mod anthropic_request;
mod completion;
mod conversation;
mod format;
mod frame;
mod ollama;
mod openai;
mod openai_request;
mod provider;

pub(in crate::model) use completion::Completion;
pub(in crate::model) use format::WireFormat;
pub(in crate::model) use frame::Frame;
pub use provider::Provider;
