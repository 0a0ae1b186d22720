//! Prints what an execution shows, each thing once: a message that grows gets its new end, a task its new status.

use std::time::Duration;

use super::execution::{Entry, Execution, ExecutionKind, Phase, TaskStatus};
use crate::cli::console::Console;

const RULE_WIDTH: usize = 80;

pub(crate) struct Transcript<'a> {
    console: &'a Console,
    phase: Phase,
    shown: Vec<Entry>,
    /// Index of the message whose line has no end yet.
    open: Option<usize>,
}

impl<'a> Transcript<'a> {
    pub(crate) fn new(console: &'a Console) -> Self {
        Self {
            console,
            phase: Phase::Unspecified,
            shown: Vec::new(),
            open: None,
        }
    }

    /// Prints what is new. The server's list is the truth: entries are told apart by their place in it.
    pub(crate) fn update(&mut self, execution: &Execution) {
        let phase = execution.phase();
        // An end is told after everything that came before it.
        if !phase.is_terminal() {
            self.enter(phase);
        }
        for (index, entry) in execution.entries().into_iter().enumerate() {
            match self.shown.get(index) {
                Some(known) if *known == entry => {}
                Some(known) => {
                    let known = known.clone();
                    self.change(index, &known, &entry);
                    self.shown[index] = entry;
                }
                None => {
                    self.begin(index, &entry);
                    self.shown.push(entry);
                }
            }
        }
        if phase.is_terminal() {
            self.enter(phase);
        }
    }

    /// Ends a line that a message has left open.
    pub(crate) fn close(&mut self) {
        if self.open.take().is_some() {
            self.console.prose("\n\n");
        }
    }

    /// The block at the end.
    pub(crate) fn summarize(&mut self, execution: &Execution) {
        self.close();
        let console = self.console;
        let rule = "─".repeat(RULE_WIDTH);
        console.blank();
        console.line(&rule);
        outcome(console, execution);
        if let Some(duration) = execution.duration() {
            console.success(format_args!("Duration: {}", whole_seconds(duration)));
        }
        match execution.kind() {
            ExecutionKind::Agent => {
                console.success(format_args!(
                    "Total messages: {}",
                    execution.entries().len()
                ));
                console.success(format_args!("Tool calls: {}", execution.tool_calls()));
            }
            ExecutionKind::Workflow => count_tasks(console, execution),
        }
        console.line(&rule);
        console.blank();
    }

    fn enter(&mut self, phase: Phase) {
        if phase == self.phase {
            return;
        }
        self.phase = phase;
        self.close();
        match phase {
            Phase::Unspecified => return,
            Phase::Pending => self.console.info("⏳ Execution pending..."),
            Phase::InProgress => self.console.success("▶️  Execution started"),
            Phase::Completed => self.console.success("✅ Execution completed"),
            Phase::Failed => self.console.error("❌ Execution failed"),
            Phase::Cancelled => self.console.warning("⚠️  Execution cancelled"),
        }
        self.console.blank();
    }

    fn begin(&mut self, index: usize, entry: &Entry) {
        match entry {
            // Nothing to say yet: a message that only asks for a tool stays like this.
            Entry::Message { content, .. } if content.is_empty() => {}
            Entry::Message { speaker, content } => self.speak(index, speaker, content),
            Entry::Task {
                name,
                status,
                error,
            } => self.task(name, *status, error),
        }
    }

    fn change(&mut self, index: usize, known: &Entry, entry: &Entry) {
        let (Entry::Message { content: old, .. }, Entry::Message { speaker, content }) =
            (known, entry)
        else {
            return self.begin(index, entry);
        };
        match content.strip_prefix(old.as_str()) {
            // Replaced: what was printed cannot be taken back.
            None => self.begin(index, entry),
            Some(added) if self.open == Some(index) => self.console.prose(added),
            // Its line was ended, by another message or by a question to the user.
            Some(added) => self.speak(index, speaker, added),
        }
    }

    fn speak(&mut self, index: usize, speaker: &str, text: &str) {
        self.close();
        self.console.prose(&format!("{speaker}: {text}"));
        self.open = Some(index);
    }

    fn task(&self, name: &str, status: TaskStatus, error: &str) {
        let (icon, word) = match status {
            TaskStatus::Pending => ("⏳", "Pending"),
            TaskStatus::Running => ("⚙️", "Running"),
            TaskStatus::Completed => ("✓", "Completed"),
            TaskStatus::Failed => ("✗", "Failed"),
            TaskStatus::Skipped => ("⊘", "Skipped"),
            TaskStatus::Unspecified => ("❔", "Unknown"),
        };
        self.console
            .line(format_args!("{icon} Task: {name} [{word}]"));
        if !error.is_empty() {
            self.console.line(format_args!("   ✗ Error: {error}"));
        }
        self.console.blank();
    }
}

fn outcome(console: &Console, execution: &Execution) {
    let subject = match execution.kind() {
        ExecutionKind::Agent => "Execution",
        ExecutionKind::Workflow => "Workflow execution",
    };
    match execution.phase() {
        Phase::Completed => console.success("Done!"),
        Phase::Failed => console.error(format_args!("{subject} failed")),
        Phase::Cancelled => console.warning(format_args!("{subject} cancelled")),
        Phase::Unspecified | Phase::Pending | Phase::InProgress => {
            console.info(format_args!("{subject} has not ended"));
        }
    }
    if !execution.error().is_empty() {
        console.error(format_args!("Error: {}", execution.error()));
    }
}

fn count_tasks(console: &Console, execution: &Execution) {
    let entries = execution.entries();
    let count = |wanted: TaskStatus| {
        let is_wanted =
            |entry: &&Entry| matches!(entry, Entry::Task { status, .. } if *status == wanted);
        entries.iter().filter(is_wanted).count()
    };
    console.success(format_args!("Total tasks: {}", entries.len()));
    console.success(format_args!("Completed: {}", count(TaskStatus::Completed)));
    let (failed, skipped) = (count(TaskStatus::Failed), count(TaskStatus::Skipped));
    if failed > 0 {
        console.error(format_args!("Failed: {failed}"));
    }
    if skipped > 0 {
        console.info(format_args!("Skipped: {skipped}"));
    }
}

/// Rounded to seconds and written like Go does: `0s`, `59s`, `1m0s`, `1h0m5s`.
fn whole_seconds(duration: Duration) -> String {
    let seconds = (duration.as_millis() + 500) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}
