//! macOS: kqueue for process ends. There is no parent-death signal and no subreaper; see ARCHITECTURE.md.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::event::kqueue::{Event, EventFilter, EventFlags, ProcessEvents, kevent, kqueue};
use rustix::process::{Pid, Signal, WaitOptions};

use super::StartTime;

pub(super) fn die_with_parent(_parent: u32) -> io::Result<()> {
    Ok(())
}

#[allow(unsafe_code, reason = "proc_pidinfo has no safe interface")]
pub(super) fn start_time(pid: u32) -> Option<StartTime> {
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
    let info = unsafe { info.assume_init() };
    (info.pbi_status != libc::SZOMB)
        .then(|| StartTime(info.pbi_start_tvsec * 1_000_000 + info.pbi_start_tvusec))
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
