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
    let stat = Stat::of(pid)?;
    if stat.state() == Some("Z") {
        return None;
    }
    stat.field(22)?.parse().ok().map(StartTime)
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

/// `/proc/PID/stat`, see proc_pid_stat(5).
struct Stat(String);

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .ok()
            .map(Self)
    }

    /// The name in parentheses may hold spaces and parentheses; the fields after it may not.
    fn halves(&self) -> Option<(&str, &str)> {
        self.0.rsplit_once(") ")
    }

    /// A field after the name, by the number that the manual gives it: 3 or more.
    fn field(&self, number: usize) -> Option<&str> {
        self.halves()?.1.split(' ').nth(number - 3)
    }

    fn name(&self) -> Option<&str> {
        Some(self.halves()?.0.split_once(" (")?.1)
    }

    fn state(&self) -> Option<&str> {
        self.field(3)
    }

    fn parent(&self) -> Option<u32> {
        self.field(4)?.parse().ok()
    }

    fn flags(&self) -> Option<u32> {
        self.field(9)?.parse().ok()
    }
}

pub(super) fn parent_and_name(pid: u32) -> Option<(u32, String)> {
    let stat = Stat::of(pid)?;
    Some((stat.parent()?, stat.name()?.to_owned()))
}

pub(super) fn adopt_orphans() -> io::Result<()> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    Ok(())
}

pub(super) fn marked(entries: &[String]) -> Vec<Sighting> {
    sightings(|pid| {
        environment(pid)
            .split(|&byte| byte == 0)
            .any(|entry| entries.iter().any(|wanted| wanted.as_bytes() == entry))
    })
}

pub(super) fn with_environment_text(text: &str) -> Vec<Sighting> {
    sightings(|pid| {
        environment(pid)
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    })
}

pub(super) fn children_of(parent: u32) -> Vec<Sighting> {
    sightings(|pid| {
        Stat::of(pid).is_some_and(|stat| stat.parent() == Some(parent) && stat.state() != Some("Z"))
    })
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
                parent: Stat::of(pid)?.parent()?,
                command: command(pid),
            })
        })
        .collect()
}

/// Its environment. Empty for a zombie, unreadable for somebody else's process: neither is ours to count.
fn environment(pid: u32) -> Vec<u8> {
    of_program(pid, "environ")
}

/// Its command line; its name where it has none.
fn command(pid: u32) -> String {
    let line = of_program(pid, "cmdline");
    if line.is_empty() {
        let name = parent_and_name(pid).map(|(_, name)| name);
        return format!("[{}]", name.unwrap_or_default());
    }
    let text = String::from_utf8_lossy(&line).replace('\0', " ");
    text.trim_end().to_owned()
}

/// What the kernel keeps of the program that a process runs.
fn of_program(pid: u32, file: &str) -> Vec<u8> {
    /// For a moment within exec there is no program, and a busy machine may stop it there. So often is looked again, after
    /// this time.
    const LOOKS: usize = 100;
    const LOOK_AGAIN: Duration = Duration::from_millis(1);
    let read = |file| std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
    for _ in 0..LOOKS {
        let text = read(file);
        if !text.is_empty() || !may_run_a_program(pid) || !read("cmdline").is_empty() {
            return text;
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    Vec::new()
}

/// Whether a process is neither dead nor the kernel's own.
fn may_run_a_program(pid: u32) -> bool {
    /// `PF_KTHREAD` of the kernel's sched.h.
    const KERNEL_THREAD: u32 = 0x0020_0000;
    Stat::of(pid).is_some_and(|stat| {
        let is_kernels = stat.flags().is_none_or(|flags| flags & KERNEL_THREAD != 0);
        !is_kernels && !matches!(stat.state(), Some("Z" | "X"))
    })
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
