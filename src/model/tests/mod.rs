//! The scripted model over its socket.

mod client;
mod skeleton;
