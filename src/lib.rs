//! End-to-end tests of Stigmer, each on a complete Stigmer of its own.
//!
//! `ARCHITECTURE.md` is the map.

pub mod cli;
pub mod wire;
