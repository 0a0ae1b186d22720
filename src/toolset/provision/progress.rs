//! What a person sees while provisioning: a line per step on a terminal, two plain lines per step elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Quick enough to look alive, slow enough to cost nothing.
const REDRAW: Duration = Duration::from_millis(120);

/// The lines of all steps.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    bars: MultiProgress,
    terminal: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            bars: MultiProgress::new(),
            terminal: std::io::stderr().is_terminal(),
        }
    }

    /// Begins a step.
    pub(super) fn step(&self, what: &'static str) -> StepProgress {
        let bar = if self.terminal {
            let style = ProgressStyle::with_template("{spinner} {prefix} {wide_msg} {elapsed}")
                .expect("the template is constant");
            let bar = self.bars.add(ProgressBar::new_spinner()).with_style(style);
            bar.set_prefix(what);
            bar.enable_steady_tick(REDRAW);
            bar
        } else {
            note(&format!("{what} …"));
            ProgressBar::hidden()
        };
        StepProgress {
            what,
            bar,
            terminal: self.terminal,
            begun: Instant::now(),
        }
    }

    /// A line that stays.
    pub(super) fn note(&self, text: &str) {
        if self.terminal {
            let _ = self.bars.println(text);
        } else {
            note(text);
        }
    }
}

#[expect(clippy::print_stderr, reason = "progress is for people")]
fn note(text: &str) {
    eprintln!("{text}");
}

/// The line of one step.
#[derive(Debug)]
pub(super) struct StepProgress {
    what: &'static str,
    bar: ProgressBar,
    terminal: bool,
    begun: Instant,
}

impl StepProgress {
    /// What the step is at.
    pub(super) fn at(&self, text: &str) {
        self.bar.set_message(text.to_owned());
    }

    /// The step ended well.
    pub(super) fn done(self) {
        let text = format!(
            "{} done in {:.1} s",
            self.what,
            self.begun.elapsed().as_secs_f64()
        );
        if self.terminal {
            self.bar.set_style(
                ProgressStyle::with_template("✓ {msg}").expect("the template is constant"),
            );
            self.bar.finish_with_message(text);
        } else {
            note(&text);
        }
    }
}
