//! The one process per run that owns every service process of the run, and how tests reach it.

mod client;
mod clock;
mod dedicated;
mod disturb;
mod folder;
mod forks;
mod handover;
mod launch;
mod lease;
mod ownership;
mod protocol;
mod reclaim;
mod run;
mod scope;
mod serve;
mod shape;
mod spares;
mod stack_error;
mod stack_temporal;
mod stacks;
mod temporal;

pub use client::{Disturber, Lease, LeaseError, LeaseVoice, SupervisorClient};
pub use folder::{FolderError, StateFolder};
pub use launch::LaunchError;
pub use protocol::{Action, Ended, Leak, Needs, Ready, Service};
pub use run::{SupervisorSpec, supervise};
pub use scope::{Owner, Scope};
