//! Which Stigmer is under test, and how the services of one stack are started.

mod plan;
mod reference;
mod services;

pub use plan::StackPlan;
pub use reference::Reference;
pub use services::{RunningServices, ServiceReport, ServicesSpec};
