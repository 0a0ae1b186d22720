//! The protocol between tests and supervisor, made by `build.rs` from `proto/stigmer_e2e/supervisor.proto`.

mod generated {
    #![allow(
        clippy::all,
        unreachable_pub,
        unused_qualifications,
        reason = "generated code"
    )]
    tonic::include_proto!("stigmer_e2e.supervisor.v1");
}

pub use generated::{Action, Ended, Leak, Needs, Ready, Service};
pub(super) use generated::{
    Begin, DisturbRequest, DisturbResponse, Failure, Hello, LeaseEvent, LeaseRequest, Outcome,
    lease_event::Event, lease_request::Request, supervisor_client, supervisor_server,
};

/// Version of the protocol. It grows with every change that an older build would misunderstand.
pub(super) const PROTOCOL: u32 = 2;
