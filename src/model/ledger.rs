//! What the model was told, what it was asked, and which reply each request gets.

use std::sync::{Mutex, MutexGuard};

use super::chat::RecordedRequest;
use super::script::{ModelScript, Reply};

/// Shared by the handles of a model and its connections.
pub(super) struct Ledger {
    book: Mutex<Book>,
}

pub(super) struct Book {
    pub script: ModelScript,
    /// How many of the script's replies were given.
    pub given: usize,
    pub requests: Vec<RecordedRequest>,
}

impl Ledger {
    pub(super) fn new(script: ModelScript) -> Self {
        Self {
            book: Mutex::new(Book {
                script,
                given: 0,
                requests: Vec::new(),
            }),
        }
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book
            .lock()
            .expect("no code panics while it holds the book")
    }
}

impl Book {
    /// Takes the reply for a request, or says why there is none.
    pub(super) fn take(&mut self) -> Result<Reply, String> {
        let Some(reply) = self.script.replies.get(self.given) else {
            return Err(format!(
                "the script has no reply left: all {} were given",
                self.script.replies.len()
            ));
        };
        self.given += 1;
        Ok(reply.clone())
    }
}
