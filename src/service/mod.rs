//! The processes of a stack: one file per kind of service, `Spec` to `Running`, ready when really ready.

mod failure;
mod fork_server;
mod identity;
mod learning;
mod pollers;
mod ports;
mod process;
mod readiness;
mod stigmer_server;
mod temporal;
mod worker;

pub use failure::{Cause, ServiceFailure};
pub use fork_server::{ForkServerSpec, RunningForkServer};
pub use identity::{Identity, RUN_ID, STACK_ID};
pub use learning::Learning;
pub use pollers::{Polled, TaskQueues};
pub use ports::{PortBlock, PortError};
pub use process::{ProcessSpec, RunningProcess};
pub use stigmer_server::StigmerServerSpec;
pub use temporal::{RunningTemporal, TemporalSpec, register_namespace};
pub use worker::{Start, WorkerSpec};
