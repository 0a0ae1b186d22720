//! What only the operating system can do: sessions, process ends, inherited sockets. The only place with `unsafe`.

mod child;
mod process;
mod socket;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
compile_error!("only Linux and macOS are supported; on Windows use WSL");

pub use child::{Inherit, spawn};
pub use process::{Process, StartTime};
pub use socket::listen_on_loopback;
