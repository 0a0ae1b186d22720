//! What the exit status of `stigmer` means.

/// How a command ended. Every meaning has one number, in `--help` and `docs/cli.md` too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked.
    Ok,
    /// It did not; the message on standard error says why. Not found is one of these.
    Error,
    /// The command line itself is wrong; nothing was done.
    Usage,
    /// The execution that was followed ended FAILED.
    ExecutionFailed,
    /// The execution that was followed ended CANCELLED.
    ExecutionCancelled,
    /// Left because of Ctrl-C, or because it was told to end.
    Interrupted,
}

impl Exit {
    /// The number that a shell sees. 130 is what shells say of a program that SIGINT ended.
    pub const fn code(self) -> i32 {
        match self {
            Self::Ok => 0,
            Self::Error => 1,
            Self::Usage => 2,
            Self::ExecutionFailed => 3,
            Self::ExecutionCancelled => 4,
            Self::Interrupted => 130,
        }
    }
}
