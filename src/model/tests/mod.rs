//! The scripted model over its socket.

mod client;
mod documented;
mod faults;
mod lifecycle;
mod matching;
mod providers;
mod requests;
mod script;
mod snapshot;
mod strictness;
mod tool_calls;
