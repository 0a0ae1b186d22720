//! Learning what a foreign Python program imports: it runs the plain way, and writes the names down when asked.

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::Signal;

use super::process::{ProcessSpec, RunningProcess};

/// The program that runs another one.
const SCRIPT: &str = include_str!("learn.py");

/// Writing a few thousand names takes milliseconds; a program that is busy in one long call does not get to it, and its
/// names are learned another time.
const LIMIT: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_millis(2);

/// Where names are learned to.
#[derive(Debug, Clone)]
pub struct Learning {
    pub names: Utf8PathBuf,
}

impl Learning {
    /// Puts the learner before the program. `folder` is where its script is written.
    pub fn wrap(&self, spec: &mut ProcessSpec, folder: &Utf8Path) -> std::io::Result<()> {
        let script = folder.join("learn.py");
        std::fs::write(&script, SCRIPT)?;
        spec.arguments
            .splice(0..0, [script.into_string(), self.names.to_string()]);
        Ok(())
    }

    /// Asks a program for its names and waits for them. Answers whether they came.
    pub async fn ask(&self, process: &RunningProcess) -> bool {
        let deadline = Instant::now() + LIMIT;
        if process.signal(Signal::USR2).is_err() {
            return false;
        }
        while !self.names.is_file() && Instant::now() < deadline {
            tokio::time::sleep(INTERVAL).await;
        }
        self.names.is_file()
    }
}
