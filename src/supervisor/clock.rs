//! How long the steps of a start take.

use std::collections::BTreeMap;
use std::time::Instant;

/// Milliseconds from the beginning until each step was done.
#[derive(Debug)]
pub(super) struct Clock {
    begun: Instant,
    steps: BTreeMap<String, f64>,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            begun: Instant::now(),
            steps: BTreeMap::new(),
        }
    }

    /// A step is done.
    pub(super) fn took(&mut self, step: &str) {
        self.steps.insert(step.to_owned(), self.elapsed());
    }

    /// Adds steps that were counted from `begun`.
    pub(super) fn add(&mut self, begun: Instant, later: &BTreeMap<String, f64>) {
        let before = (begun - self.begun).as_secs_f64() * 1e3;
        for (step, milliseconds) in later {
            self.steps.insert(step.clone(), before + milliseconds);
        }
    }

    /// All steps so far.
    pub(super) fn steps(&self) -> &BTreeMap<String, f64> {
        &self.steps
    }

    fn elapsed(&self) -> f64 {
        self.begun.elapsed().as_secs_f64() * 1e3
    }
}
