//! Which Stigmer is under test, and how the services of one stack are started.

mod kind;
mod plan;
mod reference;
mod services;

pub use kind::ServiceKind;
pub use plan::StackPlan;
pub use reference::Reference;
pub use services::{AgentRunnerStart, RunningServices, ServiceReport, ServicesSpec};
