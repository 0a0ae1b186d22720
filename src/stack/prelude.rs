//! All that a scenario needs: `use stigmer_e2e::stack::prelude::*;`.

pub use rstest::rstest;

pub use crate::model::{Fault, ModelScript, Reply};
pub use super::{
    CommandOutcome, Stack, StackSpec, TestFailure, TestResult, bare_stack, server_stack, stack,
};
