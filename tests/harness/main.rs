//! What the harness must do, failure paths first.

mod contract;
mod inner;
mod lease_ends;
mod runs;
mod service_failures;
mod support;
