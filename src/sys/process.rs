//! A process, told from a later one with the same number.

use std::io;
use std::process::ExitStatus;

use rustix::process::{Pid, Signal};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::platform;

/// When a process began, in the platform's own unit. Two processes with one pid differ in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StartTime(pub(super) u64);

impl StartTime {
    /// Start time of the process that has this pid now, or nothing when there is none (a zombie counts as none).
    pub fn of(pid: u32) -> Option<Self> {
        platform::start_time(pid)
    }

    /// As a number, to be told to another process of this machine.
    pub fn to_number(self) -> u64 {
        self.0
    }

    /// What another process of this machine told.
    pub fn from_number(number: u64) -> Self {
        Self(number)
    }
}

/// A running process that we can watch and signal without mistaking it for another one.
#[derive(Debug)]
pub struct Process {
    pid: Pid,
    handle: platform::Handle,
}

impl Process {
    /// Takes hold of a process by its number.
    ///
    /// # Errors
    /// `NotFound` when there is no such process.
    pub fn open(pid: u32) -> io::Result<Self> {
        let pid = i32::try_from(pid)
            .ok()
            .and_then(Pid::from_raw)
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Self {
            pid,
            handle: platform::Handle::open(pid)?,
        })
    }

    /// Takes hold of a process by its number, if it is still the one that began then.
    ///
    /// # Errors
    /// `NotFound` when it has ended.
    pub fn open_if_started(pid: u32, started: StartTime) -> io::Result<Self> {
        let process = Self::open(pid)?;
        // Looked at after the process was taken hold of: now the number cannot be given to another one unseen.
        if StartTime::of(pid) == Some(started) {
            Ok(process)
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    /// The process's number.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Waits until the process has ended. Needs a tokio runtime.
    #[allow(unsafe_code, reason = "registering a descriptor is unsafe in general")]
    pub async fn ended(&self) -> io::Result<()> {
        let descriptor = self.handle.descriptor().try_clone()?;
        // SAFETY: the AsyncFd owns the descriptor, which stays the same and open until it is dropped.
        let registered = unsafe { AsyncFd::register_with_interest(descriptor, Interest::READABLE) }
            .map_err(io::Error::from)?;
        registered.readable().await?.retain_ready();
        Ok(())
    }

    /// Collects the exit status of a child that has ended; nothing while it runs.
    pub fn reap(&self) -> io::Result<Option<ExitStatus>> {
        self.handle.reap(self.pid)
    }

    /// Waits for the end of a child without a runtime and collects its exit status.
    pub fn wait(&self) -> io::Result<Option<ExitStatus>> {
        self.handle.wait(self.pid)
    }

    /// Sends a signal to the process. That it has ended already is no error.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        ignore_missing(self.handle.signal(self.pid, signal))
    }

    /// Sends a signal to all of the process group that this process leads. One that was forked a moment ago leads none yet:
    /// then it is alone.
    pub fn signal_group(&self, signal: Signal) -> io::Result<()> {
        match rustix::process::kill_process_group(self.pid, signal) {
            Err(rustix::io::Errno::SRCH) => self.signal(signal),
            other => Ok(other?),
        }
    }
}

fn ignore_missing(result: rustix::io::Result<()>) -> io::Result<()> {
    match result {
        Err(rustix::io::Errno::SRCH) => Ok(()),
        other => Ok(other?),
    }
}

/// Whether a debugger holds a process: then no deadline counts. Linux tells; on macOS the answer is no.
pub fn is_traced(pid: u32) -> bool {
    platform::is_traced(pid)
}

/// Whether a core has nothing to do at this moment. Where the system does not tell, the answer is yes.
pub fn has_idle_core() -> bool {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    platform::runnable().is_none_or(|runnable| runnable <= cores)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_child_that_leads_no_group_yet_is_signalled_all_the_same() {
        // A child of the standard library stays in its parent's group.
        let mut child = Command::new("sleep")
            .arg("60")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let process = Process::open(child.id()).unwrap();
        process.signal_group(Signal::KILL).unwrap();
        assert!(!child.wait().unwrap().success());
    }
}
