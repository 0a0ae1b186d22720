//! End-to-end tests of Stigmer, each on a complete Stigmer of its own.
//!
//! `ARCHITECTURE.md` is the map.

pub mod cli;
pub mod distribution;
pub mod evidence;
pub mod model;
pub mod service;
pub mod stack;
pub mod supervisor;
pub mod sys;
pub mod toolset;
pub mod wire;
