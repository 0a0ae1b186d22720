//! Plays an answer step by step: bytes, pauses, and the end of a connection in the middle.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::{mpsc, watch};

use super::chat::Delivery;
use super::ledger::Ledger;

/// How a fault ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Closed (FIN).
    Cut,
    /// Reset (RST).
    Reset,
}

/// What holds an answer up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    Pause(Duration),
    Release,
    Forever,
    End(Ending),
}

/// What is done next for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Send(Bytes),
    Wait(Wait),
}

/// What waits act on.
#[derive(Clone)]
pub(super) struct Stage {
    /// Asks the task of the connection to end it.
    pub link: mpsc::UnboundedSender<Ending>,
    /// How often the model was released.
    pub releases: watch::Receiver<u64>,
    /// The same when the request came: a release after that is for it too.
    pub released_before: u64,
}

impl Stage {
    /// Waits; after the end of a connection nothing follows.
    pub(super) async fn wait(mut self, wait: Wait) {
        match wait {
            Wait::Pause(pause) => tokio::time::sleep(pause).await,
            Wait::Release => {
                let before = self.released_before;
                if self
                    .releases
                    .wait_for(|released| *released > before)
                    .await
                    .is_err()
                {
                    // The model is gone, and nobody is left to release it.
                    future::pending::<()>().await;
                }
            }
            Wait::Forever => future::pending().await,
            Wait::End(ending) => {
                // Where the task of the connection is gone, so is the connection.
                let _ = self.link.send(ending);
                future::pending::<()>().await;
            }
        }
    }
}

/// Notes in the ledger, when it is dropped, how far an answer came.
pub(super) struct Receipt {
    ledger: Arc<Ledger>,
    number: usize,
    delivery: Delivery,
}

impl Receipt {
    pub(super) fn new(ledger: Arc<Ledger>, number: usize) -> Self {
        Self {
            ledger,
            number,
            delivery: Delivery::Abandoned,
        }
    }

    /// What is noted if the answer ends in this wait.
    pub(super) fn waits(&mut self, wait: Wait) {
        let broken = matches!(wait, Wait::End(_));
        self.delivery = if broken {
            Delivery::Broken
        } else {
            Delivery::Abandoned
        };
    }

    fn complete(&mut self) {
        self.delivery = Delivery::Complete;
        self.ledger.deliver(self.number, self.delivery);
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        self.ledger.deliver(self.number, self.delivery);
    }
}

/// A response body that performs steps.
pub(super) struct PlayedBody {
    steps: VecDeque<Step>,
    length: Option<u64>,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    stage: Stage,
    receipt: Receipt,
}

impl PlayedBody {
    /// `length` is what the response claims, whether or not the steps keep it.
    pub(super) fn new(
        steps: Vec<Step>,
        length: Option<u64>,
        stage: Stage,
        receipt: Receipt,
    ) -> Self {
        Self {
            steps: steps.into(),
            length,
            waiting: None,
            stage,
            receipt,
        }
    }
}

impl Body for PlayedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(context));
                self.waiting = None;
            }
            let next = self.steps.pop_front();
            if self.steps.is_empty() && !matches!(next, Some(Step::Wait(_))) {
                self.receipt.complete();
            }
            match next {
                None => return Poll::Ready(None),
                Some(Step::Send(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Some(Step::Wait(wait)) => {
                    self.receipt.waits(wait);
                    self.waiting = Some(Box::pin(self.stage.clone().wait(wait)));
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
