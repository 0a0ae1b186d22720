//! What people read: lines with a marker in front, on a terminal in colour.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anstyle::{AnsiColor, Style};

/// What is known of the standard streams. The default: no terminal at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Somebody can answer questions.
    pub stdin: bool,
    /// Standard output is looked at: colours, and tables that fit `width`.
    pub stdout: bool,
    /// Standard error is looked at: colours.
    pub stderr: bool,
    /// Columns, where known.
    pub width: Option<usize>,
}

pub(crate) type Sink = Box<dyn Write + Send>;

struct Stream {
    sink: Sink,
    /// What was written last ended a line.
    at_line_start: bool,
}

impl Stream {
    fn new(sink: Sink) -> Self {
        Self {
            sink,
            at_line_start: true,
        }
    }
}

/// Both streams. Prose goes to standard output, or to standard error where that carries data.
pub(crate) struct Console {
    stdout: Mutex<Stream>,
    stderr: Mutex<Stream>,
    terminal: Terminal,
    colours: bool,
    data: bool,
}

impl Console {
    pub(crate) fn new(stdout: Sink, stderr: Sink, terminal: Terminal, colours: bool) -> Self {
        Self {
            stdout: Mutex::new(Stream::new(stdout)),
            stderr: Mutex::new(Stream::new(stderr)),
            terminal,
            colours,
            data: false,
        }
    }

    /// From now on standard output carries data and prose goes to standard error.
    pub(crate) fn reserve_stdout_for_data(&mut self) {
        self.data = true;
    }

    pub(crate) fn answers_questions(&self) -> bool {
        self.terminal.stdin && self.terminal.stdout
    }

    /// Columns that a table has to fit; `None` where nobody looks.
    pub(crate) fn width(&self) -> Option<usize> {
        self.terminal.width.filter(|_| self.terminal.stdout)
    }

    pub(crate) fn success(&self, text: impl Display) {
        self.marked("✓", AnsiColor::Green, text);
    }

    pub(crate) fn info(&self, text: impl Display) {
        self.marked("ℹ", AnsiColor::Cyan, text);
    }

    pub(crate) fn warning(&self, text: impl Display) {
        self.marked("⚠", AnsiColor::Yellow, text);
    }

    pub(crate) fn error(&self, text: impl Display) {
        self.marked("✗", AnsiColor::Red, text);
    }

    pub(crate) fn blank(&self) {
        self.prose("\n");
    }

    pub(crate) fn line(&self, text: impl Display) {
        self.prose(&format!("{text}\n"));
    }

    /// A line in bold.
    pub(crate) fn heading(&self, text: impl Display) {
        self.line(self.styled(Style::new().bold(), text));
    }

    /// Prose as it is, without a line end.
    pub(crate) fn prose(&self, text: &str) {
        self.prose_bytes(text.as_bytes());
    }

    /// What a program of the user's wrote.
    pub(crate) fn prose_bytes(&self, bytes: &[u8]) {
        write(
            if self.data {
                &self.stderr
            } else {
                &self.stdout
            },
            bytes,
        );
    }

    /// Data on standard output.
    pub(crate) fn data(&self, text: &str) {
        write(&self.stdout, text.as_bytes());
    }

    /// Text on standard error, on a line of its own also where a message is half printed.
    pub(crate) fn complaint(&self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !lock(self.prose_stream()).at_line_start {
            self.blank();
        }
        write(&self.stderr, text.as_bytes());
    }

    /// Why nothing happens for a while; for people only.
    pub(crate) fn progress(&self, text: impl Display) {
        if self.terminal.stderr {
            self.complaint(&format!("{text}\n"));
        }
    }

    /// What a program of the user's wrote to its standard error.
    pub(crate) fn complaint_bytes(&self, bytes: &[u8]) {
        write(&self.stderr, bytes);
    }

    /// `Error:` as it stands in front of complaints.
    pub(crate) fn error_word(&self) -> String {
        let style = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        if self.colours && self.terminal.stderr {
            format!("{style}Error:{style:#}")
        } else {
            "Error:".to_owned()
        }
    }

    pub(crate) fn styled(&self, style: Style, text: impl Display) -> String {
        let looked_at = if self.data {
            self.terminal.stderr
        } else {
            self.terminal.stdout
        };
        if self.colours && looked_at {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    fn prose_stream(&self) -> &Mutex<Stream> {
        if self.data {
            &self.stderr
        } else {
            &self.stdout
        }
    }

    fn marked(&self, marker: &str, colour: AnsiColor, text: impl Display) {
        let marker = self.styled(Style::new().fg_color(Some(colour.into())), marker);
        self.line(format_args!("{marker} {text}"));
    }
}

fn lock(stream: &Mutex<Stream>) -> MutexGuard<'_, Stream> {
    // A writer that panicked has lost at most its own text.
    stream.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes at once, so that a reader sees a message grow. A reader that has gone (`stigmer list | head`) is no error.
fn write(stream: &Mutex<Stream>, bytes: &[u8]) {
    let Some(last) = bytes.last() else { return };
    let mut stream = lock(stream);
    stream.at_line_start = *last == b'\n';
    let sink = &mut stream.sink;
    let _gone: io::Result<()> = sink.write_all(bytes).and_then(|()| sink.flush());
}
