//! Provisioning: what is missing is installed or built, exactly and once.

mod agent_runner;
mod error;
mod layout;
mod programs;
mod progress;
mod python;
mod requirements;
mod run;
mod services;
mod step;

pub use agent_runner::agent_runner_requirements;
pub use error::ProvisionError;
pub(super) use layout::recorded_layout;
pub use run::{Provisioned, provision};
