//! Ctrl-C as a value: the binary feeds it from the signal, a test by hand.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, watch};

/// Makes a pair: what is sent on the left interrupts the command line that was given the right.
pub fn interrupts() -> (Interrupter, Interrupts) {
    let (sender, receiver) = watch::channel(0);
    (Interrupter(sender), Interrupts(Some(receiver)))
}

/// Interrupts a running command line.
#[derive(Debug)]
pub struct Interrupter(watch::Sender<u32>);

impl Interrupter {
    /// The same as one Ctrl-C.
    pub fn interrupt(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Ends the command wherever it is, without a question; the same as two interrupts.
    pub fn leave(&self) {
        self.0.send_modify(|count| *count += 2);
    }
}

/// Where a command line hears of interrupts. The default never hears one.
#[derive(Debug, Default)]
pub struct Interrupts(Option<watch::Receiver<u32>>);

impl Interrupts {
    /// Ends when the command has to leave: at the first interrupt, or at the second while an execution is followed.
    pub(crate) async fn leave(mut self, offer: &Offer) {
        let Some(receiver) = &mut self.0 else {
            return std::future::pending().await;
        };
        let mut seen = 0;
        loop {
            let count = receiver.wait_for(|count| *count > seen).await;
            // Without a sender there will be no more.
            let Ok(count) = count.map(|count| *count) else {
                return std::future::pending().await;
            };
            while seen < count {
                seen += 1;
                if !offer.take() {
                    return;
                }
            }
        }
    }
}

/// The one interrupt that does not end a command which follows an execution, but asks what to do with that.
#[derive(Debug, Default)]
pub(crate) struct Offer {
    open: AtomicBool,
    taken: Notify,
}

impl Offer {
    /// From now on the next interrupt is an offer.
    pub(crate) fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
    }

    /// Ends when somebody has interrupted.
    pub(crate) async fn taken(&self) {
        self.taken.notified().await;
    }

    fn take(&self) -> bool {
        let taken = self.open.swap(false, Ordering::SeqCst);
        if taken {
            // Kept for a follower that is busy printing.
            self.taken.notify_one();
        }
        taken
    }
}
