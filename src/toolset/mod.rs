//! The programs a run uses: where each is found, how missing ones are provisioned, what is wrong with them.
//!
//! Looked for in this order: `STIGMER_E2E_<TOOL>`; `PATH`, only where `STIGMER_E2E_TOOLSET=path`; provisioned under
//! `target/e2e/toolset`. Tests never provision.

mod digest;
mod doctor;
mod error;
mod pins;
mod probe;
mod provision;
mod resolve;
mod surroundings;
mod tool;

pub use digest::{SourceDigests, agent_runner_digest, go_program_digest};
pub use doctor::{Diagnosis, diagnose};
pub use error::{Problem, ToolsetError};
pub use provision::{ProvisionError, Provisioned, agent_runner_requirements, provision};
pub use resolve::{AgentRunnerCommand, Toolset};
pub use surroundings::Surroundings;
pub use tool::{Found, Origin, Tool};
