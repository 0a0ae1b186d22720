//! Verbs that scenarios share: command lines that are watched while they run, projects, and waiting.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use stigmer_e2e::cli::{Cli, Interrupter, Output, Terminal, interrupts};
use stigmer_e2e::stack::{Stack, TestFailure};
use stigmer_e2e::supervisor::SupervisorClient;
use stigmer_e2e::toolset::{Tool, Toolset};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What takes milliseconds is given this long, for machines that do much else; what takes longer hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);
/// Between two looks at something that cannot be waited for: short beside what is looked at, long beside a look.
const INTERVAL: Duration = Duration::from_millis(20);

/// Looks until there is something to see. After the deadline it says what the first and the last looks saw.
pub(crate) async fn eventually<T>(
    what: &str,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> Result<T, TestFailure> {
    let deadline = Instant::now() + PATIENCE;
    let mut seen: Vec<String> = Vec::new();
    loop {
        match look().await {
            Ok(found) => return Ok(found),
            Err(instead) if seen.last() != Some(&instead) => seen.push(instead),
            Err(_) => {}
        }
        if Instant::now() > deadline {
            let last = seen.len().saturating_sub(3).max(1);
            let shown = [&seen[..1], &seen[last..]].concat().join("\n  then: ");
            return Err(TestFailure::new(format!(
                "waited in vain: {what}\n  at first: {shown}"
            )));
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Waits for something that has an end of its own, but not for ever.
pub(crate) async fn within_patience<T>(
    what: &str,
    work: impl Future<Output = T>,
) -> Result<T, TestFailure> {
    tokio::time::timeout(PATIENCE, work)
        .await
        .map_err(|_elapsed| TestFailure::new(format!("waited in vain: {what}")))
}

/// A command line that sees what those of `Stack::cli` see, for tests that give it more than arguments.
pub(crate) fn stigmer<S: AsRef<str>>(
    stack: &Stack,
    arguments: impl IntoIterator<Item = S>,
) -> Result<Cli, TestFailure> {
    let client = SupervisorClient::of_this_process()?;
    let arguments: Vec<String> = arguments
        .into_iter()
        .map(|argument| argument.as_ref().to_owned())
        .collect();
    Ok(Cli::new()
        .args(arguments)
        .cwd(client.surroundings().workspace())
        .envs(stack.environment()))
}

/// The checkout.
pub(crate) fn workspace() -> Result<Utf8PathBuf, TestFailure> {
    let client = SupervisorClient::of_this_process()?;
    Ok(client.surroundings().workspace().to_owned())
}

/// The path of a program of this run.
pub(crate) fn program(tool: Tool) -> Result<Utf8PathBuf, TestFailure> {
    let client = SupervisorClient::of_this_process()?;
    let toolset = Toolset::resolve(client.surroundings(), &[tool])?;
    Ok(toolset.path(tool).to_owned())
}

/// What was written so far, and a way to wait for more of it.
#[derive(Clone)]
pub(crate) struct Watched(Arc<(Mutex<String>, watch::Sender<()>)>);

impl Watched {
    fn new() -> Self {
        Self(Arc::new((Mutex::default(), watch::Sender::new(()))))
    }

    pub(crate) fn text(&self) -> String {
        self.0.0.lock().unwrap().clone()
    }

    async fn has(&self, part: &str) {
        let mut changes = self.0.1.subscribe();
        while !self.text().contains(part) {
            // The sender lives as long as this.
            let _ = changes.changed().await;
        }
    }
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .0
            .lock()
            .unwrap()
            .push_str(&String::from_utf8_lossy(bytes));
        self.0.1.send_replace(());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A command line that runs beside the test.
#[must_use = "a command line that nobody waits for proves nothing"]
pub(crate) struct RunningCommand {
    pub(crate) stdout: Watched,
    pub(crate) stderr: Watched,
    interrupter: Interrupter,
    task: JoinHandle<i32>,
}

impl RunningCommand {
    pub(crate) fn start(command: Cli) -> Self {
        let (interrupter, heard) = interrupts();
        let (stdout, stderr) = (Watched::new(), Watched::new());
        let running = command
            .interrupts(heard)
            .stream(stdout.clone(), stderr.clone());
        Self {
            stdout,
            stderr,
            interrupter,
            task: tokio::spawn(running),
        }
    }

    /// The same as one Ctrl-C.
    pub(crate) fn interrupt(&self) {
        self.interrupter.interrupt();
    }

    /// Waits until this was printed.
    pub(crate) async fn prints(&self, part: &str) -> Result<(), TestFailure> {
        self.has(&self.stdout, part).await
    }

    /// Waits until this was written to standard error.
    pub(crate) async fn complains(&self, part: &str) -> Result<(), TestFailure> {
        self.has(&self.stderr, part).await
    }

    async fn has(&self, stream: &Watched, part: &str) -> Result<(), TestFailure> {
        tokio::time::timeout(PATIENCE, stream.has(part))
            .await
            .map_err(|_elapsed| {
                let (stdout, stderr) = (self.stdout.text(), self.stderr.text());
                TestFailure::new(format!(
                    "{part:?} was not printed\n{stdout}\n[stderr]\n{stderr}"
                ))
            })
    }

    /// Waits for its end.
    pub(crate) async fn ends(self) -> Result<Output, TestFailure> {
        let code = match tokio::time::timeout(PATIENCE, self.task).await {
            Ok(ended) => ended?,
            Err(_elapsed) => {
                let (stdout, stderr) = (self.stdout.text(), self.stderr.text());
                return Err(TestFailure::new(format!(
                    "the command did not end\n{stdout}\n[stderr]\n{stderr}"
                )));
            }
        };
        Ok(Output {
            code,
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
        })
    }
}

/// Somebody sits there and can be asked.
pub(crate) fn somebody() -> Terminal {
    Terminal {
        stdin: true,
        stdout: true,
        ..Terminal::default()
    }
}

/// The id that a command printed, by its prefix.
pub(crate) fn id_in(text: &str, prefix: &str) -> Result<String, TestFailure> {
    let pattern = regex::Regex::new(&format!(r"\b{prefix}-[0-9a-z]{{26}}\b"))?;
    match pattern.find(text) {
        Some(found) => Ok(found.as_str().to_owned()),
        None => Err(TestFailure::new(format!("no id {prefix}-… in\n{text}"))),
    }
}

/// Standard output as JSON: nothing but data may stand there.
pub(crate) fn json(output: &Output) -> Result<Value, TestFailure> {
    serde_json::from_str(&output.stdout)
        .map_err(|error| TestFailure::new(format!("not JSON: {error}\n{output}")))
}

/// Fails unless the command ended with this code.
#[track_caller]
pub(crate) fn assert_code(output: &Output, code: i32) {
    assert!(output.code == code, "expected exit code {code}\n{output}");
}

/// Fails unless standard output has this text.
#[track_caller]
pub(crate) fn assert_printed(output: &Output, text: &str) {
    assert!(
        output.stdout.contains(text),
        "expected {text:?} on standard output\n{output}"
    );
}

/// A directory of the test's own, gone at its end.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Result<Self, TestFailure> {
        Ok(Self(tempfile::tempdir()?))
    }

    pub(crate) fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.0.path()).expect("temporary folders have names in UTF-8")
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, below: &str, text: &str) -> Result<Utf8PathBuf, TestFailure> {
        let path = self.path().join(below);
        std::fs::create_dir_all(path.parent().expect("a file lies in a folder"))?;
        std::fs::write(&path, text)?;
        Ok(path)
    }
}
