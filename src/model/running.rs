//! A scripted model before and while it runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::chat::RecordedRequest;
use super::error::ModelError;
use super::ledger::Ledger;
use super::mismatch::Mismatch;
use super::script::{ModelScript, Reply};
use super::server::Server;
use super::snapshot::Snapshot;

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
    /// In a runtime without I/O and time.
    pub async fn start(self) -> Result<RunningModel, ModelError> {
        self.start_with(Server::start)
    }

    /// Starts the model on a free port of 127.0.0.1, on a thread of its own: where no runtime is there, or where one
    /// is there whose threads a test keeps busy.
    ///
    /// # Errors
    /// [`ModelError::Listen`] or [`ModelError::Thread`] when no socket or thread can be had.
    pub fn start_on_thread(self) -> Result<RunningModel, ModelError> {
        self.start_with(Server::start_on_thread)
    }

    /// Starts the model on a socket that listens already, on a thread of its own.
    ///
    /// # Errors
    /// [`ModelError::Listen`] or [`ModelError::Thread`] when the socket or a thread cannot be had.
    pub fn serve_on_thread(
        self,
        listener: std::net::TcpListener,
    ) -> Result<RunningModel, ModelError> {
        self.start_with(|ledger| Server::serve_on_thread(ledger, listener))
    }

    fn start_with(
        self,
        start: impl FnOnce(Arc<Ledger>) -> Result<Server, ModelError>,
    ) -> Result<RunningModel, ModelError> {
        let ledger = Arc::new(Ledger::new(self.script));
        let server = Arc::new(start(Arc::clone(&ledger))?);
        Ok(RunningModel { ledger, server })
    }
}

/// A scripted model that answers. Clones are the same model; it stops at once when the last is dropped. Everything may
/// be called while requests are in flight.
#[derive(Clone)]
pub struct RunningModel {
    ledger: Arc<Ledger>,
    server: Arc<Server>,
}

impl fmt::Debug for RunningModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RunningModel")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

impl RunningModel {
    /// Address without a path, such as `http://127.0.0.1:40001`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// What Ollama's clients take as base address (`OLLAMA_BASE_URL`).
    #[must_use]
    pub fn ollama_url(&self) -> String {
        self.url()
    }

    /// What OpenAI's clients take as base address (`OPENAI_BASE_URL`): it ends in `/v1`.
    #[must_use]
    pub fn openai_url(&self) -> String {
        format!("{}/v1", self.url())
    }

    /// What Anthropic's clients take as base address (`ANTHROPIC_BASE_URL`).
    #[must_use]
    pub fn anthropic_url(&self) -> String {
        self.url()
    }

    /// Adds a reply to the end of the script.
    pub fn reply(&self, reply: impl Into<Reply>) {
        self.ledger.book().add(reply.into());
    }

    /// Says what requests get that no other reply is for.
    pub fn reply_by_default(&self, reply: impl Into<Reply>) {
        let mut book = self.ledger.book();
        book.script.default = Some(reply.into());
        book.problems = book.script.problems();
    }

    /// From now on this script, from its beginning. Requests stay recorded.
    pub fn follow(&self, script: ModelScript) {
        self.ledger.book().follow(script);
    }

    /// The script as it is now, replies that were given included.
    #[must_use]
    pub fn script(&self) -> ModelScript {
        self.ledger.book().script.clone()
    }

    /// Every request so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.ledger.book().requests.clone()
    }

    /// The requests so far, ready to be snapshotted.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self.requests())
    }

    /// Lets every reply go on that hangs until it is released.
    pub fn release(&self) {
        self.ledger.release();
    }

    /// Whether the requests so far are what the script expects, no more and no less.
    ///
    /// # Errors
    /// [`Mismatch`], which prints the script and the requests side by side.
    pub fn verify(&self) -> Result<(), Mismatch> {
        Mismatch::between(&self.ledger.book()).map_or(Ok(()), Err)
    }

    /// Waits until `count` requests have reached the model, answered or not, and returns all.
    ///
    /// # Errors
    /// [`ModelError::TooFewRequests`] when fewer came within `deadline`.
    pub async fn wait_for_requests(
        &self,
        count: usize,
        deadline: Duration,
    ) -> Result<Vec<RecordedRequest>, ModelError> {
        self.wait_until(deadline, |requests| requests.len() >= count)
            .await
            .map_err(|requests| ModelError::TooFewRequests {
                wanted: count,
                came: requests.len(),
                within: deadline,
                summaries: requests.iter().map(ToString::to_string).collect(),
            })
    }

    /// Waits until the requests and their deliveries satisfy `condition`, and returns them.
    ///
    /// # Errors
    /// The requests as they were when `deadline` had passed.
    pub async fn wait_until(
        &self,
        deadline: Duration,
        mut condition: impl FnMut(&[RecordedRequest]) -> bool,
    ) -> Result<Vec<RecordedRequest>, Vec<RecordedRequest>> {
        let mut changes = self.ledger.changes();
        let satisfied = async {
            loop {
                let requests = self.requests();
                if condition(&requests) {
                    return requests;
                }
                // The sender lives as long as this handle.
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(deadline, satisfied)
            .await
            .map_err(|_| self.requests())
    }
}
