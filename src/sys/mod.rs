//! What only the operating system can do: sessions, process ends, inherited sockets. The only place with `unsafe`.

mod belongings;
mod child;
mod descriptor;
mod family;
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

pub use belongings::Belongings;
pub use child::{Inherit, Life, spawn};
pub use descriptor::{receive_descriptor, send_descriptor};
pub use family::{
    Sighting, adopt_orphans, ancestor_named, children_of, descends_from, marked, parent_and_name,
    with_environment_text,
};
pub use process::{Process, StartTime, has_idle_core, is_traced};
pub use socket::{ReservedPort, listen_on_loopback};
