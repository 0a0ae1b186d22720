//! End-to-end tests of Stigmer, each on a complete Stigmer of its own.
//!
//! `ARCHITECTURE.md` is the map.

pub mod model;
pub mod service;
pub mod sys;
pub mod toolset;
pub mod wire;
