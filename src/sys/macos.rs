//! macOS: kqueue for process ends. There is no parent-death signal and no subreaper; see ARCHITECTURE.md.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::event::kqueue::{Event, EventFilter, EventFlags, ProcessEvents, kevent, kqueue};
use rustix::process::{Pid, Signal, WaitOptions};

use super::{Sighting, StartTime};

pub(super) fn die_with_parent(_parent: u32) -> io::Result<()> {
    Ok(())
}

pub(super) fn start_time(pid: u32) -> Option<StartTime> {
    let info = information(pid)?;
    (info.pbi_status != libc::SZOMB)
        .then(|| StartTime(info.pbi_start_tvsec * 1_000_000 + info.pbi_start_tvusec))
}

pub(super) fn parent_and_name(pid: u32) -> Option<(u32, String)> {
    let info = information(pid)?;
    let name: Vec<u8> = info
        .pbi_comm
        .iter()
        .map(|&byte| byte.cast_unsigned())
        .take_while(|&byte| byte != 0)
        .collect();
    Some((info.pbi_ppid, String::from_utf8_lossy(&name).into_owned()))
}

pub(super) fn adopt_orphans() -> io::Result<()> {
    Ok(())
}

pub(super) fn runnable() -> Option<usize> {
    None
}

pub(super) fn is_traced() -> bool {
    false
}

pub(super) fn marked(_entries: &[String]) -> Vec<Sighting> {
    Vec::new()
}

pub(super) fn with_environment_text(_text: &str) -> Vec<Sighting> {
    Vec::new()
}

#[allow(unsafe_code, reason = "proc_listchildpids has no safe interface")]
pub(super) fn children_of(parent: u32) -> Vec<Sighting> {
    let mut pids = [0_i32; 1024];
    let Ok(id) = i32::try_from(parent) else {
        return Vec::new();
    };
    let Ok(size) = i32::try_from(size_of_val(&pids)) else {
        return Vec::new();
    };
    // SAFETY: the buffer has the size that the call is told.
    let count = unsafe { libc::proc_listchildpids(id, pids.as_mut_ptr().cast(), size) };
    let count = usize::try_from(count).unwrap_or(0).min(pids.len());
    pids[..count]
        .iter()
        .filter_map(|&pid| {
            let pid = u32::try_from(pid).ok()?;
            start_time(pid)?;
            Some(Sighting {
                pid,
                parent,
                command: parent_and_name(pid)?.1,
            })
        })
        .collect()
}

#[allow(unsafe_code, reason = "proc_pidinfo has no safe interface")]
fn information(pid: u32) -> Option<libc::proc_bsdinfo> {
    let mut info = std::mem::MaybeUninit::<libc::proc_bsdinfo>::zeroed();
    let size = i32::try_from(size_of::<libc::proc_bsdinfo>()).ok()?;
    // SAFETY: the buffer has the size that the call is told, and the call writes nothing else.
    let written = unsafe {
        libc::proc_pidinfo(
            i32::try_from(pid).ok()?,
            libc::PROC_PIDTBSDINFO,
            0,
            info.as_mut_ptr().cast(),
            size,
        )
    };
    if written != size {
        return None;
    }
    // SAFETY: the call filled the whole of it, and all bit patterns are valid.
    Some(unsafe { info.assume_init() })
}

#[derive(Debug)]
pub(super) struct Handle(OwnedFd);

impl Handle {
    #[allow(unsafe_code, reason = "kevent takes events without lifetimes")]
    pub(super) fn open(pid: Pid) -> io::Result<Self> {
        let queue = kqueue()?;
        let event = Event::new(
            EventFilter::Proc {
                pid,
                flags: ProcessEvents::EXIT,
            },
            EventFlags::ADD | EventFlags::RECEIPT,
            std::ptr::null_mut(),
        );
        let mut out: Vec<Event> = Vec::with_capacity(1);
        // SAFETY: the event names no descriptor.
        unsafe {
            kevent(
                &queue,
                &[event],
                rustix::buffer::spare_capacity(&mut out),
                None,
            )
        }
        .map_err(|error| match error {
            rustix::io::Errno::SRCH => io::ErrorKind::NotFound.into(),
            error => io::Error::from(error),
        })?;
        Ok(Self(queue))
    }

    /// Becomes readable when the process has ended.
    pub(super) fn descriptor(&self) -> &OwnedFd {
        &self.0
    }

    pub(super) fn wait(&self, pid: Pid) -> io::Result<Option<ExitStatus>> {
        let status = rustix::process::waitpid(Some(pid), WaitOptions::empty())?;
        Ok(status.map(|(_, status)| ExitStatus::from_raw(status.as_raw())))
    }

    pub(super) fn reap(&self, pid: Pid) -> io::Result<Option<ExitStatus>> {
        let status = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG)?;
        Ok(status.map(|(_, status)| ExitStatus::from_raw(status.as_raw())))
    }

    pub(super) fn signal(&self, pid: Pid, signal: Signal) -> rustix::io::Result<()> {
        rustix::process::kill_process(pid, signal)
    }
}
