//! The one process per run that owns every service process of the run, and how tests reach it.

mod client;
mod folder;
mod handover;
mod launch;
mod lease;
mod ownership;
mod protocol;
mod reclaim;
mod run;
mod scope;
mod serve;
mod stacks;
mod temporal;

pub use client::{Lease, LeaseError, LeaseVoice, SupervisorClient};
pub use folder::{FolderError, StateFolder};
pub use launch::LaunchError;
pub use protocol::{Ended, Leak, Needs, Ready};
pub use run::{SupervisorSpec, supervise};
pub use scope::{Owner, Scope};
