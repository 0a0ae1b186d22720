//! A Python process that has imported everything once and forks a worker on request: seconds become milliseconds.

use std::collections::BTreeMap;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::time::Duration;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::failure::{Cause, ServiceFailure};
use super::process::{ProcessSpec, RunningProcess};
use crate::sys::Inherit;

/// The program of the fork server.
const SCRIPT: &str = include_str!("fork_server.py");

/// A fork takes 20 ms; a request may wait for one import, the longest of which take 2 s on a busy machine.
const FORK_LIMIT: Duration = Duration::from_secs(30);

/// A fork server to start.
#[derive(Debug, Clone)]
pub struct ForkServerSpec {
    pub python: Utf8PathBuf,
    /// What a worker runs: `-m MODULE`, or a path.
    pub program: Vec<String>,
    /// File with the names of the modules to import, one a line; after an empty line those that few workers need.
    pub names: Utf8PathBuf,
    pub environment: BTreeMap<String, String>,
    /// Where its script and its log are written.
    pub folder: Utf8PathBuf,
}

/// A fork server that takes requests. Dropping it kills it, and none of its workers.
#[derive(Debug)]
#[must_use = "dropping it kills the fork server"]
pub struct RunningForkServer {
    process: RunningProcess,
    control: BufReader<UnixStream>,
    /// Whether it has refused a fork, or its answers cannot be told apart any more.
    spoilt: bool,
}

#[derive(Serialize)]
struct Request<'a> {
    environment: &'a BTreeMap<String, String>,
    directory: &'a str,
    log: &'a str,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Forked { pid: u32 },
    Refused { error: String },
}

impl ForkServerSpec {
    /// Starts it. It takes requests at once, and imports in between.
    pub fn start(&self) -> Result<RunningForkServer, ServiceFailure> {
        let script = self.folder.join("fork_server.py");
        let mut spec = ProcessSpec {
            service: "fork-server".to_owned(),
            program: self.python.clone(),
            arguments: Vec::new(),
            environment: self.environment.clone(),
            directory: self.folder.clone(),
            log: self.folder.join("fork-server.log"),
        };
        let prepared = std::fs::write(&script, SCRIPT).and_then(|()| {
            let (ours, theirs) = StdUnixStream::pair()?;
            ours.set_nonblocking(true)?;
            Ok((UnixStream::from_std(ours)?, theirs))
        });
        let (ours, theirs) = prepared
            .map_err(|error| spec.failure(Cause::Preparation(format!("{script}: {error}"))))?;
        let mut inherit = Inherit::nothing();
        let control = inherit.add(&theirs);
        spec.arguments = vec![
            script.into_string(),
            control.to_string(),
            self.names.to_string(),
        ];
        spec.arguments.extend(self.program.iter().cloned());
        Ok(RunningForkServer {
            process: RunningProcess::start(spec, &inherit)?,
            control: BufReader::new(ours),
            spoilt: false,
        })
    }
}

impl RunningForkServer {
    /// Whether another fork can be had from it.
    pub fn is_usable(&mut self) -> bool {
        !self.spoilt && self.process.try_ended().is_none()
    }

    /// Forks a worker. It is this process's own child from then on.
    ///
    /// # Errors
    /// When the fork server is dead, or refuses: then nothing more can be had from it.
    pub async fn fork(&mut self, spec: ProcessSpec) -> Result<RunningProcess, ServiceFailure> {
        let answer = tokio::time::timeout(FORK_LIMIT, self.ask(&spec)).await;
        let reason = match answer {
            Ok(Ok(Answer::Forked { pid })) => return RunningProcess::adopt(spec, pid),
            Ok(Ok(Answer::Refused { error })) => error,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {FORK_LIMIT:?}"),
        };
        self.spoilt = true;
        Err(self
            .process
            .failure(Cause::Preparation(format!("a fork: {reason}")), None, None))
    }

    async fn ask(&mut self, spec: &ProcessSpec) -> std::io::Result<Answer> {
        let request = Request {
            environment: &spec.environment,
            directory: spec.directory.as_str(),
            log: spec.log.as_str(),
        };
        let mut line = serde_json::to_vec(&request)?;
        line.push(b'\n');
        self.control.write_all(&line).await?;
        let mut answer = String::new();
        if self.control.read_line(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(serde_json::from_str(&answer)?)
    }
}
