//! A scripted model before and while it runs.

use std::sync::Arc;

use super::chat::RecordedRequest;
use super::error::ModelError;
use super::ledger::Ledger;
use super::script::{ModelScript, Reply};
use super::server::Server;

/// The scripted model that is wanted.
#[derive(Clone, Debug, Default)]
pub struct ModelSpec {
    script: ModelScript,
}

impl ModelSpec {
    /// A model that follows `script`; more replies may be added while it runs.
    #[must_use]
    pub fn new(script: ModelScript) -> Self {
        Self { script }
    }

    /// Starts the model on a free port of 127.0.0.1, as a task of the runtime that calls.
    ///
    /// # Errors
    /// [`ModelError::Listen`] when no socket can be had.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O and time.
    #[expect(clippy::unused_async, reason = "says that a runtime must be there")]
    pub async fn start(self) -> Result<RunningModel, ModelError> {
        let ledger = Arc::new(Ledger::new(self.script));
        let server = Arc::new(Server::start(Arc::clone(&ledger))?);
        Ok(RunningModel { ledger, server })
    }
}

/// A scripted model that answers. Clones are the same model; it stops when the last is dropped.
#[derive(Clone)]
pub struct RunningModel {
    ledger: Arc<Ledger>,
    server: Arc<Server>,
}

impl RunningModel {
    /// Address without a path, such as `http://127.0.0.1:40001`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// What Ollama's clients take as base address.
    #[must_use]
    pub fn ollama_url(&self) -> String {
        self.url()
    }

    /// Adds a reply to the end of the script.
    pub fn reply(&self, reply: impl Into<Reply>) {
        self.ledger.book().script.replies.push(reply.into());
    }

    /// The script as it is now.
    #[must_use]
    pub fn script(&self) -> ModelScript {
        self.ledger.book().script.clone()
    }

    /// Every request so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.ledger.book().requests.clone()
    }
}
