//! Faults that a test asks for: carried out, told to nobody, and undone on the same address and data.

use std::net::TcpStream;

use stigmer_e2e::supervisor::{Action, Lease, LeaseError, Needs, Service};

use crate::support::{Ground, eventually, kill, only_server, server_and_workflow_runner};

async fn disturb(lease: &Lease, service: Service, action: Action) -> Result<String, LeaseError> {
    lease
        .disturber()
        .disturb(&lease.ready().stack, service, action)
        .await
}

fn own_temporal() -> Needs {
    Needs {
        dedicated_temporal: "it is killed".to_owned(),
        ..server_and_workflow_runner()
    }
}

#[tokio::test]
async fn a_server_that_is_killed_on_purpose_comes_back_on_its_port_and_fails_nobody() {
    let ground = Ground::new();
    let lease = ground.lease(only_server()).await.unwrap();
    let address = lease.ready().server.clone();
    let ended = disturb(&lease, Service::StigmerServer, Action::Kill)
        .await
        .unwrap();
    assert_eq!(ended, "signal 9 (SIGKILL)");
    TcpStream::connect(&address).unwrap_err();
    disturb(&lease, Service::StigmerServer, Action::Start)
        .await
        .unwrap();
    TcpStream::connect(&address).unwrap();
    assert_eq!(*lease.died().borrow(), None);
    assert_eq!(lease.end(true).unwrap().evidence, "");
    ground.end();
}

#[tokio::test]
async fn a_server_that_is_asked_to_end_says_how_it_ended() {
    let ground = Ground::new();
    let lease = ground.lease(only_server()).await.unwrap();
    let ended = disturb(&lease, Service::StigmerServer, Action::Terminate)
        .await
        .unwrap();
    assert_eq!(ended, "exit status 0");
    assert_eq!(lease.end(true).unwrap().evidence, "");
    ground.end();
}

#[tokio::test]
async fn a_service_that_came_back_and_then_dies_by_itself_fails_the_test() {
    let ground = Ground::new();
    let lease = ground.lease(only_server()).await.unwrap();
    disturb(&lease, Service::StigmerServer, Action::Kill)
        .await
        .unwrap();
    disturb(&lease, Service::StigmerServer, Action::Start)
        .await
        .unwrap();
    let mut died = lease.died();
    let server = ground.pid_of("stigmer-server");
    kill(server);
    died.changed().await.unwrap();
    assert_ne!(lease.end(true).unwrap().evidence, "");
    ground.end();
}

#[tokio::test]
async fn a_paused_server_answers_nothing_until_it_is_resumed() {
    let ground = Ground::new();
    let lease = ground.lease(only_server()).await.unwrap();
    let server = ground.pid_of("stigmer-server");
    let state = || {
        let stat = std::fs::read_to_string(format!("/proc/{server}/stat")).unwrap();
        stat.rsplit_once(") ").unwrap().1.chars().next().unwrap()
    };
    disturb(&lease, Service::StigmerServer, Action::Pause)
        .await
        .unwrap();
    eventually("it is stopped", || match state() {
        'T' => Ok(()),
        other => Err(other.to_string()),
    });
    disturb(&lease, Service::StigmerServer, Action::Resume)
        .await
        .unwrap();
    eventually("it goes on", || match state() {
        'T' => Err("T".to_owned()),
        _ => Ok(()),
    });
    lease.end(true).unwrap();
    ground.end();
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_its_reason() {
    let ground = Ground::new();
    let lease = ground.lease(server_and_workflow_runner()).await.unwrap();
    for (service, action, reason) in [
        (
            Service::AgentRunner,
            Action::Kill,
            "the stack has no agent-runner",
        ),
        (
            Service::StigmerServer,
            Action::Start,
            "stigmer-server was not ended",
        ),
        (Service::Temporal, Action::Kill, "ask for one of its own"),
    ] {
        let error = disturb(&lease, service, action)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(reason), "{error}");
    }
    disturb(&lease, Service::WorkflowRunner, Action::Kill)
        .await
        .unwrap();
    let error = disturb(&lease, Service::WorkflowRunner, Action::Kill)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("workflow-runner was ended already"),
        "{error}"
    );
    lease.end(true).unwrap();
    ground.end();
}

#[tokio::test]
async fn a_temporal_of_its_own_can_be_killed_and_comes_back_with_what_it_knew() {
    let ground = Ground::new();
    let lease = ground.lease(own_temporal()).await.unwrap();
    let other = ground.lease(server_and_workflow_runner()).await.unwrap();
    assert_ne!(lease.ready().temporal, other.ready().temporal);
    disturb(&lease, Service::Temporal, Action::Kill)
        .await
        .unwrap();
    TcpStream::connect(&lease.ready().temporal).unwrap_err();
    disturb(&lease, Service::Temporal, Action::Start)
        .await
        .unwrap();
    let described = std::process::Command::new(&lease.ready().temporal_program)
        .args([
            "operator",
            "namespace",
            "describe",
            &lease.ready().namespace,
        ])
        .args(["--address", &lease.ready().temporal])
        .env("HOME", ground.folder())
        .output()
        .unwrap();
    assert!(
        described.status.success(),
        "{}",
        String::from_utf8_lossy(&described.stderr)
    );
    assert_eq!(*other.died().borrow(), None);
    for lease in [lease, other] {
        assert_eq!(lease.end(true).unwrap().evidence, "");
    }
    ground.end();
}

#[tokio::test]
async fn a_temporal_of_its_own_that_is_left_in_peace_fails_the_test() {
    let ground = Ground::new();
    let lease = ground.lease(own_temporal()).await.unwrap();
    let ended = lease.end(true).unwrap();
    assert!(
        ended.complaint.contains("did nothing to it"),
        "{}",
        ended.complaint
    );
    assert_ne!(ended.evidence, "");
    ground.end();
}
