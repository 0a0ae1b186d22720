//! Why following ended before the execution did.

use std::time::Duration;

use thiserror::Error;

use crate::cli::server_error::ServerError;

#[derive(Debug, Error)]
pub(crate) enum FollowError {
    #[error("the connection to the server was lost and {attempts} attempts did not bring it back")]
    Lost {
        attempts: usize,
        id: String,
        #[source]
        source: Box<ServerError>,
    },
    #[error("the server ended the stream {attempts} times before execution {id} had ended")]
    Ended { attempts: usize, id: String },
    #[error("execution {id} had not ended after {} s", limit.as_secs())]
    TimedOut { limit: Duration, id: String },
}

impl FollowError {
    pub(crate) fn hint(&self) -> String {
        let (Self::Lost { id, .. } | Self::Ended { id, .. } | Self::TimedOut { id, .. }) = self;
        format!("The execution goes on. See it with: stigmer executions logs {id} --follow")
    }
}
