//! What the supervisor does with a test that was built against another version of the protocol.

use stigmer_e2e::supervisor::StateFolder;
use tonic::Code;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Endpoint;
use tonic_prost::ProstCodec;

use crate::support::{Ground, only_server};

/// The first message of a lease, as a client of any version writes it: these numbers can never change.
#[derive(Clone, PartialEq, prost::Message)]
struct LeaseRequest {
    #[prost(message, optional, tag = "1")]
    begin: Option<Begin>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Begin {
    #[prost(uint32, tag = "1")]
    protocol: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct LeaseEvent {}

#[tokio::test]
async fn a_test_of_another_build_is_told_so() {
    let ground = Ground::new();
    // Starts the supervisor.
    let lease = ground.lease(only_server()).await.unwrap();
    let state = StateFolder::open(
        ground
            .variables()
            .get("XDG_RUNTIME_DIR")
            .map(String::as_str),
        None,
    )
    .unwrap();
    let socket = state.run(ground.run()).socket();
    let channel = Endpoint::from_shared(format!("unix:{socket}"))
        .unwrap()
        .connect()
        .await
        .unwrap();
    let mut client = Grpc::new(channel);
    client.ready().await.unwrap();
    let begin = LeaseRequest {
        begin: Some(Begin { protocol: 99 }),
    };
    let mut events = client
        .streaming(
            tonic::Request::new(tokio_stream::once(begin)),
            PathAndQuery::from_static("/stigmer_e2e.supervisor.v1.Supervisor/Lease"),
            ProstCodec::<LeaseRequest, LeaseEvent>::default(),
        )
        .await
        .unwrap()
        .into_inner();
    let refusal = events.message().await.unwrap_err();
    assert_eq!(refusal.code(), Code::FailedPrecondition);
    assert!(refusal.message().contains("version 99"), "{refusal}");
    assert!(refusal.message().contains("build both anew"), "{refusal}");
    // Nobody else is harmed.
    assert_eq!(lease.end(true).unwrap().evidence, "");
    ground.end();
}
