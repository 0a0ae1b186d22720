//! Linux: parent-death signal, pidfd, `/proc`.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};

use super::{Sighting, StartTime};

/// Between fork and exec: the kernel kills the child when the parent's thread ends.
pub(super) fn die_with_parent(parent: u32) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have ended before the line above: then nobody would send the signal.
    match rustix::process::getppid() {
        Some(now) if now.as_raw_nonzero().get().unsigned_abs() == parent => Ok(()),
        _ => Err(io::Error::from_raw_os_error(
            rustix::io::Errno::SRCH.raw_os_error(),
        )),
    }
}

pub(super) fn start_time(pid: u32) -> Option<StartTime> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold spaces and parentheses; the fields after it may not.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    if fields.next()? == "Z" {
        return None;
    }
    // Field 22 of proc_pid_stat(5); the state above is field 3.
    fields.nth(18)?.parse().ok().map(StartTime)
}

/// Threads that run or want to, this one included: field 4 of proc_loadavg(5).
pub(super) fn runnable() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').nth(3)?.split_once('/')?.0.parse().ok()
}

pub(super) fn is_traced(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/status")).is_ok_and(|status| {
        status
            .lines()
            .filter_map(|line| line.strip_prefix("TracerPid:"))
            .any(|tracer| tracer.trim() != "0")
    })
}

/// Parent, name and state of a process.
fn stat(pid: u32) -> Option<(u32, String, char)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (head, tail) = stat.rsplit_once(") ")?;
    let mut fields = tail.split(' ');
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    Some((parent, head.split_once(" (")?.1.to_owned(), state))
}

pub(super) fn parent_and_name(pid: u32) -> Option<(u32, String)> {
    stat(pid).map(|(parent, name, _)| (parent, name))
}

pub(super) fn adopt_orphans() -> io::Result<()> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    Ok(())
}

pub(super) fn marked(entries: &[String]) -> Vec<Sighting> {
    sightings(|pid| {
        // Empty for a zombie, unreadable for somebody else's process: neither is ours to count.
        std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
            environment
                .split(|&byte| byte == 0)
                .any(|entry| entries.iter().any(|wanted| wanted.as_bytes() == entry))
        })
    })
}

pub(super) fn with_environment_text(text: &str) -> Vec<Sighting> {
    sightings(|pid| {
        std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
            environment
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        })
    })
}

pub(super) fn children_of(parent: u32) -> Vec<Sighting> {
    sightings(|pid| stat(pid).is_some_and(|(of, _, state)| of == parent && state != 'Z'))
}

fn sightings(counts: impl Fn(u32) -> bool) -> Vec<Sighting> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|&pid| counts(pid))
        .filter_map(|pid| {
            Some(Sighting {
                pid,
                parent: stat(pid)?.0,
                command: command(pid),
            })
        })
        .collect()
}

/// Its command line; its name where it has none.
fn command(pid: u32) -> String {
    /// For a moment within exec the new program has no arguments yet.
    const LOOKS: usize = 10;
    const INTERVAL: Duration = Duration::from_millis(1);
    for _ in 0..LOOKS {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let text = String::from_utf8_lossy(&line).replace('\0', " ");
        match text.trim_end() {
            "" => std::thread::sleep(INTERVAL),
            text => return text.to_owned(),
        }
    }
    let name = stat(pid).map(|(_, name, _)| name).unwrap_or_default();
    format!("[{name}]")
}

#[derive(Debug)]
pub(super) struct Handle(OwnedFd);

impl Handle {
    pub(super) fn open(pid: Pid) -> io::Result<Self> {
        match rustix::process::pidfd_open(pid, PidfdFlags::NONBLOCK) {
            Ok(descriptor) => Ok(Self(descriptor)),
            Err(rustix::io::Errno::SRCH) => Err(io::ErrorKind::NotFound.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Becomes readable when the process has ended.
    pub(super) fn descriptor(&self) -> &OwnedFd {
        &self.0
    }

    pub(super) fn wait(&self, pid: Pid) -> io::Result<Option<ExitStatus>> {
        let mut ended = [PollFd::new(&self.0, PollFlags::IN)];
        while let Err(error) = rustix::event::poll(&mut ended, None) {
            if error != rustix::io::Errno::INTR {
                return Err(error.into());
            }
        }
        self.reap(pid)
    }

    pub(super) fn reap(&self, _pid: Pid) -> io::Result<Option<ExitStatus>> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        let status = match rustix::process::waitid(WaitId::PidFd(self.0.as_fd()), options) {
            Ok(status) => status,
            // A pidfd that does not block answers so while the process runs.
            Err(rustix::io::Errno::AGAIN) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(status.map(|status| {
            // The form of wait(2), which ExitStatus is made of.
            let raw = match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => (code & 0xff) << 8,
                (None, signal) => {
                    signal.unwrap_or_default() | if status.dumped() { 0x80 } else { 0 }
                }
            };
            ExitStatus::from_raw(raw)
        }))
    }

    pub(super) fn signal(&self, _pid: Pid, signal: Signal) -> rustix::io::Result<()> {
        rustix::process::pidfd_send_signal(&self.0, signal)
    }
}
