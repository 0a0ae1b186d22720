//! The `stigmer` command line as a library.
//!
//! Nothing here reads the process: arguments, environment, directory, standard streams, terminal facts and interrupts
//! are parameters of [`Cli`], so any number of command lines run side by side in one process.

mod apply;
mod archive;
mod arguments;
mod build;
mod checks;
mod commands;
mod connection;
mod console;
mod deploy;
mod document;
mod environment;
mod error;
mod exit;
mod follow;
mod interrupts;
mod invocation;
mod kind;
mod listing;
mod lookup;
mod output;
mod process;
mod project;
mod server_error;
mod session;
mod settings;
mod shown;
mod slug;
mod synthesis;
mod table;
#[cfg(test)]
mod tests;
mod usage;

pub use console::Terminal;
pub use exit::Exit;
pub use interrupts::{Interrupter, Interrupts, interrupts};
pub use invocation::Cli;
pub use output::Output;
