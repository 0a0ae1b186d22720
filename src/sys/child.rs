//! Starting a child that we own: a session of its own, and no life after ours.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

use super::platform;

/// Descriptors that a child inherits beside its standard streams, under the same numbers.
#[derive(Debug, Default)]
pub struct Inherit<'a> {
    descriptors: Vec<BorrowedFd<'a>>,
}

impl<'a> Inherit<'a> {
    /// Nothing but the standard streams.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Adds a descriptor and answers the number that the child finds it under.
    pub fn add(&mut self, descriptor: &'a impl AsFd) -> RawFd {
        let descriptor = descriptor.as_fd();
        self.descriptors.push(descriptor);
        descriptor.as_raw_fd()
    }
}

/// Whether a child outlives us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// On Linux the kernel ends the child when the calling *thread* ends: spawn from a thread that lives as long as the
    /// child shall. On macOS nothing ends the child when this process is killed.
    WithParent,
    /// The child looks after itself.
    Own,
}

/// Starts a child in a session of its own, so that its descendants can be found and ended together, and no signal for
/// our process group reaches it.
#[allow(
    unsafe_code,
    reason = "the code between fork and exec has no safe interface"
)]
pub fn spawn(command: &mut Command, life: Life, inherit: &Inherit<'_>) -> io::Result<Child> {
    let descriptors: Vec<RawFd> = inherit.descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    let parent = std::process::id();
    // SAFETY: the closure runs between fork and exec and makes only system calls that are async-signal-safe; it does
    // not allocate. The descriptors are open there, since `inherit` borrows them until the child exists.
    unsafe {
        command.pre_exec(move || {
            rustix::process::setsid()?;
            if life == Life::WithParent {
                platform::die_with_parent(parent)?;
            }
            for &descriptor in &descriptors {
                let descriptor = BorrowedFd::borrow_raw(descriptor);
                rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::empty())?;
            }
            Ok(())
        });
    }
    command.spawn()
}
