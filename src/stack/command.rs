//! What a command line left behind, and what a test says about it.

use crate::cli::Output;

/// The outcome of a `stigmer` command.
#[must_use = "an outcome that nobody looks at proves nothing"]
#[derive(Debug)]
pub struct CommandOutcome {
    command: String,
    output: Output,
}

impl CommandOutcome {
    pub(super) fn new(arguments: &[String], output: Output) -> Self {
        Self {
            command: format!("stigmer {}", arguments.join(" ")),
            output,
        }
    }

    /// Exit code 0.
    #[track_caller]
    pub fn succeeds(&self) -> &Self {
        self.exits(0)
    }

    /// This exit code.
    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert!(
            self.output.code == code,
            "expected exit code {code}\n$ {}\n{}",
            self.command,
            self.output
        );
        self
    }

    /// Standard output has this text.
    #[track_caller]
    pub fn prints(&self, text: &str) -> &Self {
        assert!(
            self.output.stdout.contains(text),
            "expected {text:?} on standard output\n$ {}\n{}",
            self.command,
            self.output
        );
        self
    }

    /// Standard error has this text.
    #[track_caller]
    pub fn complains(&self, text: &str) -> &Self {
        assert!(
            self.output.stderr.contains(text),
            "expected {text:?} on standard error\n$ {}\n{}",
            self.command,
            self.output
        );
        self
    }

    /// All that was written.
    pub fn output(&self) -> &Output {
        &self.output
    }
}
