//! One process of a stack: started with nothing but the environment it is given, its output in a file of its own.

use std::collections::{BTreeMap, VecDeque};
use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::Signal;

use super::failure::{Cause, ServiceFailure};
use crate::sys::{self, Inherit, Life, Process};

/// Lines of a log that a failure shows: what fits on a screen beside the rest.
const TAIL_LINES: usize = 20;
/// No more of a log's end is read: 20 long lines.
const TAIL_BYTES: u64 = 16 * 1024;

/// How often to ask for an exit status where the kernel cannot tell: seldom enough to cost nothing.
const WITHOUT_DESCRIPTOR: Duration = Duration::from_millis(10);

/// How a process is started.
#[derive(Debug, Clone)]
pub struct ProcessSpec {
    /// Name for people.
    pub service: String,
    pub program: Utf8PathBuf,
    pub arguments: Vec<String>,
    /// The whole of its environment.
    pub environment: BTreeMap<String, String>,
    pub directory: Utf8PathBuf,
    /// Standard output and error are appended here.
    pub log: Utf8PathBuf,
}

/// A process that we started. Dropping it kills its process group.
#[derive(Debug)]
#[must_use = "dropping it kills the process"]
pub struct RunningProcess {
    spec: ProcessSpec,
    process: Process,
    begun: Instant,
    ended: Option<ExitStatus>,
}

impl RunningProcess {
    /// Starts the process.
    ///
    /// # Errors
    /// When the program cannot be run or the log cannot be written.
    pub fn start(spec: ProcessSpec, inherit: &Inherit<'_>) -> Result<Self, ServiceFailure> {
        let begun = Instant::now();
        let log = OpenOptions::new().create(true).append(true).open(&spec.log);
        let (log, second) = log
            .and_then(|log| Ok((log.try_clone()?, log)))
            .map_err(|error| spec.not_started(&format!("its log {}: {error}", spec.log)))?;
        let mut command = Command::new(&spec.program);
        command
            .args(&spec.arguments)
            .env_clear()
            .envs(&spec.environment)
            .current_dir(&spec.directory)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(second);
        let child = sys::spawn(&mut command, Life::WithParent, inherit)
            .map_err(|error| spec.not_started(&error.to_string()))?;
        // The child is not reaped yet, so its number cannot belong to another process.
        let process =
            Process::open(child.id()).map_err(|error| spec.not_started(&error.to_string()))?;
        Ok(Self {
            spec,
            process,
            begun,
            ended: None,
        })
    }

    /// Takes a process over that another one has forked for us, and that is our child now.
    ///
    /// # Errors
    /// When it is gone without a trace; a dead one is still there until it is collected.
    pub fn adopt(spec: ProcessSpec, pid: u32) -> Result<Self, ServiceFailure> {
        let begun = Instant::now();
        let process = Process::open(pid).map_err(|error| spec.not_started(&error.to_string()))?;
        Ok(Self {
            spec,
            process,
            begun,
            ended: None,
        })
    }

    /// Its number.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// How it was started.
    pub fn spec(&self) -> &ProcessSpec {
        &self.spec
    }

    /// When it was started.
    pub fn begun(&self) -> Instant {
        self.begun
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        loop {
            if let Some(status) = self.try_ended() {
                return status;
            }
            if self.process.ended().await.is_err() {
                // No descriptor is left to wait on: what remains is to ask again.
                tokio::time::sleep(WITHOUT_DESCRIPTOR).await;
            }
        }
    }

    /// Its exit status, when it has ended.
    pub fn try_ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.process.reap().ok().flatten();
        }
        self.ended
    }

    /// Sends a signal to the process alone.
    pub fn signal(&self, signal: Signal) -> std::io::Result<()> {
        self.process.signal(signal)
    }

    /// Sends a signal to its process group.
    pub fn signal_group(&self, signal: Signal) -> std::io::Result<()> {
        self.process.signal_group(signal)
    }

    /// Kills its process group. That it has ended already is no error.
    pub fn kill_group(&mut self) {
        // After it was reaped its number may be somebody else's.
        if self.try_ended().is_none() {
            let _ = self.process.signal_group(Signal::KILL);
        }
    }

    /// What is wrong, with what is known of the process.
    pub fn failure(
        &self,
        cause: Cause,
        last_probe: Option<String>,
        hint: Option<String>,
    ) -> ServiceFailure {
        ServiceFailure {
            elapsed_ms: u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            last_probe,
            log_tail: tail(&self.spec.log),
            hint,
            ..self.spec.failure(cause)
        }
    }
}

impl Drop for RunningProcess {
    fn drop(&mut self) {
        self.kill_group();
        if self.ended.is_none() {
            // SIGKILL cannot be refused: this ends as soon as the kernel has taken the process down.
            let _ = self.process.wait();
        }
    }
}

impl ProcessSpec {
    /// A failure before there was a process.
    pub fn failure(&self, cause: Cause) -> ServiceFailure {
        ServiceFailure {
            service: self.service.clone(),
            cause,
            command: std::iter::once(self.program.to_string())
                .chain(self.arguments.iter().cloned())
                .collect(),
            elapsed_ms: 0,
            last_probe: None,
            log_tail: Vec::new(),
            log: self.log.clone(),
            hint: None,
        }
    }

    fn not_started(&self, reason: &str) -> ServiceFailure {
        ServiceFailure {
            hint: Some("see `cargo e2e doctor`".to_owned()),
            ..self.failure(Cause::NotStarted(reason.to_owned()))
        }
    }
}

/// The last lines of a log.
fn tail(log: &Utf8Path) -> Vec<String> {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let Ok(bytes) = read() else { return Vec::new() };
    let mut lines = VecDeque::new();
    for line in String::from_utf8_lossy(&bytes).lines() {
        if lines.len() == TAIL_LINES {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    }
    lines.into()
}
