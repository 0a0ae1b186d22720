//! What a command line left behind.

use std::fmt;

/// Exit code and everything that was written.
#[must_use = "an outcome that nobody looks at proves nothing"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// See [`Exit::code`](super::Exit::code).
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl fmt::Display for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            write!(formatter, "[stderr]\n{}", self.stderr)?;
        }
        write!(formatter, "[exit {}]", self.code)
    }
}
