//! Stacks of the default shape that wait for a test: a test that takes one does not wait.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::protocol::Needs;
use super::shape::{Shape, default_needs};
use super::stack_error::Unmade;
use super::stacks::{MadeStack, Stacks};
use crate::sys;

/// How often to look whether the machine has time for a spare: a start takes some 50 ms.
const INTERVAL: Duration = Duration::from_millis(10);

/// How long a spare waits for a core. On a machine that is always busy the next test will want a stack all the same: what
/// its start takes from others now, it would take from them then, and let its test wait for it.
const CONSIDERATE: Duration = Duration::from_millis(250);

/// Hands stacks out, and keeps some ready once somebody has asked for one.
#[derive(Debug)]
pub(super) struct Spares {
    pub(super) stacks: Stacks,
    wanted: usize,
    ready: Mutex<VecDeque<MadeStack>>,
    /// Whether somebody is making a spare.
    making: AtomicBool,
    /// Stacks that tests wait for.
    starting: AtomicUsize,
    stopping: watch::Receiver<bool>,
}

impl Spares {
    pub(super) fn new(stacks: Stacks, wanted: usize, stopping: watch::Receiver<bool>) -> Self {
        Self {
            stacks,
            wanted,
            ready: Mutex::default(),
            making: AtomicBool::new(false),
            starting: AtomicUsize::new(0),
            stopping,
        }
    }

    /// A stack that has what is needed: a spare, when one will do and is there, else a new one.
    pub(super) async fn take(self: &Arc<Self>, needs: &Needs) -> Result<MadeStack, Unmade> {
        let spare = if needs.is_default() { self.pop() } else { None };
        if needs.is_default() {
            tokio::spawn(self.clone().refill());
        }
        match spare {
            Some(stack) => Ok(stack),
            None => {
                let _counted = Counted::in_(&self.starting);
                self.stacks.make(needs).await
            }
        }
    }

    /// Stops all spares, and what all stacks share.
    pub(super) async fn stop(&self) {
        let spares: Vec<_> = self.ready().drain(..).collect();
        for spare in spares {
            spare.running.stop().await;
        }
        self.stacks.stop().await;
    }

    /// A spare that lives.
    fn pop(&self) -> Option<MadeStack> {
        loop {
            let mut spare = self.ready().pop_front()?;
            if spare.running.all_live() {
                return Some(spare);
            }
            tracing::warn!(
                stack = spare.ready.stack,
                "a spare died before a test took it"
            );
            self.stacks.forget(&spare.ready.stack);
        }
    }

    /// Makes spares until there are as many as wanted, one at a time, when the machine has time for it.
    async fn refill(self: Arc<Self>) {
        if self.making.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut stopping = self.stopping.clone();
        let filled = async {
            while self.ready().len() < self.wanted {
                self.idle().await;
                match self.stacks.make(&default_needs()).await {
                    Ok(spare) => self.ready().push_back(spare),
                    // The next test will meet the same, and say so.
                    Err(unmade) => {
                        tracing::warn!(error = %unmade.error, "a spare could not be made");
                        break;
                    }
                }
            }
        };
        tokio::select! {
            () = filled => {}
            _ = stopping.wait_for(|&stopping| stopping) => {}
        }
        self.making.store(false, Ordering::Relaxed);
    }

    /// Waits until no test waits for a stack and a core is free, or none has become free for a while.
    async fn idle(&self) {
        let begun = Instant::now();
        let may_begin = || sys::has_idle_core() || begun.elapsed() > CONSIDERATE;
        while self.starting.load(Ordering::Relaxed) > 0 || !may_begin() {
            tokio::time::sleep(INTERVAL).await;
        }
    }

    fn ready(&self) -> MutexGuard<'_, VecDeque<MadeStack>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts as long as it lives.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn in_(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Self(counter)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
