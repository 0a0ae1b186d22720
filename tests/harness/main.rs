//! What the harness must do, failure paths first.

// The lint's own exception for tests does not reach the helpers of a test binary.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod contract;
mod inner;
mod lease_ends;
mod runs;
mod service_failures;
mod support;
