//! All that a scenario needs: `use stigmer_e2e::stack::prelude::*;`.

pub use rstest::rstest;

pub use super::{
    CommandOutcome, Stack, StackSpec, TestFailure, TestResult, bare_stack, server_stack, stack,
};
pub use crate::model::{Fault, ModelScript, Reply};
pub use crate::supervisor::Service;
