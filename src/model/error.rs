//! What can go wrong with a scripted model, apart from requests that the script does not expect.

use std::io;

/// A scripted model could not be started or asked.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No listening socket could be had on 127.0.0.1.
    #[error("the scripted model could not listen on 127.0.0.1")]
    Listen(#[source] io::Error),
}

impl ModelError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Listen(_) => {
                "raise the limit of open files (ulimit -n), or see which process holds the loopback ports"
            }
        }
    }
}
