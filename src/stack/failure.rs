//! How a test says that it has failed.

use std::error::Error;
use std::fmt;

use super::context;

/// What a test returns.
pub type TestResult = Result<(), TestFailure>;

/// Why a test failed: made of any error by `?`, which also tells the supervisor at that moment. Its `Debug` form is what
/// libtest prints.
///
/// It is no error itself, else it could not be made of every error.
pub struct TestFailure(String);

impl TestFailure {
    /// A failure in words. The test on this thread has failed from now on.
    pub fn new(message: impl fmt::Display) -> Self {
        let message = message.to_string();
        context::fail_here(&message);
        Self(message)
    }
}

impl<E: Error + 'static> From<E> for TestFailure {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // A transparent error says what its cause says.
            if !message.ends_with(&text) {
                message.push_str("\n  caused by: ");
                message.push_str(&text);
            }
            cause = error.source();
        }
        Self::new(message)
    }
}

impl fmt::Debug for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn any_error_becomes_a_failure_with_its_causes() {
        let fails = || -> TestResult {
            Err(Outer(std::io::Error::other("inner")))?;
            Ok(())
        };
        assert_eq!(
            format!("{:?}", fails().unwrap_err()),
            "outer\n  caused by: inner"
        );
    }
}
