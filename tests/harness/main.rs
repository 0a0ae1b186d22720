//! What the harness must do, failure paths first.

// The lint's own exception for tests does not reach the helpers of a test binary.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod contract;
mod faults;
mod forks;
mod hold;
mod inner;
mod lease_ends;
mod places;
mod protocol;
mod reclaim;
mod runs;
mod service_failures;
mod spares;
mod support;
