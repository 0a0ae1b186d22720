//! Messages and clients of the wire contract and of Temporal, made by `build.rs` from `proto/`.

mod generated;

pub use generated::ai::stigmer::agentic::{
    agent::v1 as agent, agentexecution::v1 as agent_execution, agentinstance::v1 as agent_instance,
    environment::v1 as environment, executioncontext::v1 as execution_context,
    session::v1 as session, skill::v1 as skill, workflow::v1 as workflow,
    workflowexecution::v1 as workflow_execution, workflowinstance::v1 as workflow_instance,
    workflowrunner::v1 as workflow_runner,
};
pub use generated::ai::stigmer::commons::{apiresource as resource, rpc};
pub(crate) use generated::temporal::api::workflowservice::v1 as temporal;

/// The contract's files as an encoded `google.protobuf.FileDescriptorSet`, without comments.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/wire.descriptors"));
