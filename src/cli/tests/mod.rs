//! Tests that need no server. What needs one is in `tests/scenarios`.

mod apply;
mod archive;
mod build;
mod data;
mod deploy;
mod grammar;
mod interrupts;
mod isolation;
mod kinds;
mod sandbox;
mod server;
mod settings;
mod transcript;
