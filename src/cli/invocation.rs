//! One command line, from its arguments to its exit code.

use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use camino::Utf8PathBuf;
use clap::Parser as _;
use tokio::io::AsyncRead;

use super::arguments::{Arguments, Format};
use super::commands;
use super::console::{Console, Sink, Terminal};
use super::environment::Environment;
use super::exit::Exit;
use super::interrupts::{Interrupts, Offer};
use super::output::Output;
use super::session::{Input, Session};
use super::usage;

/// A `stigmer` command line that can be run in this process.
///
/// It sees the variables, the directory and the input that it is given, and nothing else of the process.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let output = stigmer_e2e::cli::Cli::new().arg("version").run().await;
/// assert_eq!(output.code, 0);
/// # });
/// ```
#[must_use = "a command line does nothing until it is run"]
pub struct Cli {
    arguments: Vec<OsString>,
    environment: Environment,
    directory: Utf8PathBuf,
    input: Input,
    terminal: Terminal,
    interrupts: Interrupts,
}

impl Default for Cli {
    fn default() -> Self {
        Self::new()
    }
}

impl Cli {
    /// No arguments, an empty environment, the directory `/`, an empty input, no terminal.
    pub fn new() -> Self {
        Self {
            arguments: vec!["stigmer".into()],
            environment: Environment::default(),
            directory: Utf8PathBuf::from("/"),
            input: Box::pin(tokio::io::empty()),
            terminal: Terminal::default(),
            interrupts: Interrupts::default(),
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments; the program's name is not one.
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets the current directory; relative paths start there.
    pub fn cwd(mut self, directory: impl Into<Utf8PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    /// Sets an environment variable. Programs that the command starts see it, too.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.set(name, value);
        self
    }

    /// Sets environment variables.
    pub fn envs(
        mut self,
        variables: impl IntoIterator<Item = (impl Into<OsString>, impl Into<OsString>)>,
    ) -> Self {
        for (name, value) in variables {
            self.environment.set(name, value);
        }
        self
    }

    /// Sets standard input to a text.
    pub fn stdin(self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin_from(io::Cursor::new(text.into()))
    }

    /// Sets standard input to a stream.
    pub fn stdin_from(mut self, stream: impl AsyncRead + Send + 'static) -> Self {
        self.input = Box::pin(stream);
        self
    }

    /// Says which standard streams are a terminal.
    pub fn terminal(mut self, terminal: Terminal) -> Self {
        self.terminal = terminal;
        self
    }

    /// Sets where Ctrl-C comes from.
    pub fn interrupts(mut self, interrupts: Interrupts) -> Self {
        self.interrupts = interrupts;
        self
    }

    /// Runs to the end and keeps what was written. Dropping the future ends the command: processes that it started are
    /// killed, temporary folders removed.
    pub async fn run(self) -> Output {
        let (stdout, stderr) = (Kept::default(), Kept::default());
        let code = self.stream(stdout.clone(), stderr.clone()).await;
        Output {
            code,
            stdout: stdout.text(),
            stderr: stderr.text(),
        }
    }

    /// Runs to the end and writes as it goes; gives the exit code.
    pub async fn stream(
        self,
        stdout: impl Write + Send + 'static,
        stderr: impl Write + Send + 'static,
    ) -> i32 {
        // The future of a whole command is large; callers move theirs.
        Box::pin(self.execute(Box::new(stdout), Box::new(stderr)))
            .await
            .code()
    }

    async fn execute(self, stdout: Sink, stderr: Sink) -> Exit {
        let colours = self.environment.get("NO_COLOR").is_none()
            && self.environment.get("TERM") != Some("dumb");
        let mut console = Console::new(stdout, stderr, self.terminal, colours);
        let arguments = match Arguments::try_parse_from(&self.arguments) {
            Ok(arguments) => arguments,
            Err(error) => return refuse(&console, &error, &self.arguments),
        };
        if arguments.global.output != Format::Table {
            console.reserve_stdout_for_data();
        }
        let session = Session {
            environment: self.environment,
            directory: self.directory,
            console,
            global: arguments.global,
            offer: Offer::default(),
            input: tokio::sync::Mutex::new(self.input),
        };
        let outcome = tokio::select! {
            outcome = commands::execute(arguments.command, &session) => outcome,
            () = self.interrupts.leave(&session.offer) => {
                session.console.complaint("Interrupted.\n");
                return Exit::Interrupted;
            }
        };
        outcome.unwrap_or_else(|error| {
            let word = session.console.error_word();
            session
                .console
                .complaint(&format!("{word} {}\n", error.message()));
            if let Some(hint) = error.hint() {
                session.console.complaint(&format!("\n{hint}\n"));
            }
            error.exit()
        })
    }
}

fn refuse(console: &Console, error: &clap::Error, arguments: &[OsString]) -> Exit {
    let arguments: Vec<String> = arguments
        .iter()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let refusal = usage::refusal(error, &arguments);
    console.data(&refusal.stdout);
    if let Some(complaint) = refusal.complaint {
        console.complaint(&format!("{} {complaint}\n", console.error_word()));
    }
    console.complaint(&refusal.stderr);
    refusal.exit
}

/// A writer that keeps everything.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
