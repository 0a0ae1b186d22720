//! Fixtures: a test names one and gets a Stigmer of its own.

use rstest::fixture;

use super::spec::StackSpec;
use super::stack_handle::Stack;

/// Everything: server, both runners, Temporal, model.
#[fixture]
pub async fn stack() -> Stack {
    start(StackSpec::full()).await
}

/// A server without runners.
#[fixture]
pub async fn server_stack() -> Stack {
    start(StackSpec::server()).await
}

/// No process at all, for what the command line does by itself.
#[fixture]
pub async fn bare_stack() -> Stack {
    start(StackSpec::bare()).await
}

/// A fixture cannot return an error: it ends the test with the screen.
async fn start(spec: StackSpec) -> Stack {
    match Stack::start(spec).await {
        Ok(stack) => stack,
        Err(failure) => panic!("{failure}"),
    }
}
