//! Services that do not start, or do not stay: the test learns at once what happened, and nothing is left.

use std::time::Instant;

use crate::support::{Ground, eventually, everything, only_server, server_and_workflow_runner};

/// For what never gets ready: longer than one probe may take.
const SHORT: &str = "1500ms";

#[tokio::test]
async fn a_program_that_is_missing_is_named_with_its_cure() {
    let ground = Ground::new().set("STIGMER_E2E_STIGMER_SERVER", "/nonexistent/stigmer-server");
    let screen = ground.refusal(only_server()).await;
    assert!(
        screen.contains("stigmer-server: /nonexistent/stigmer-server cannot be run"),
        "{screen}"
    );
    assert!(
        screen.contains("hint: correct STIGMER_E2E_STIGMER_SERVER"),
        "{screen}"
    );
    ground.end();
}

#[tokio::test]
async fn programs_that_are_not_provisioned_are_all_named_with_the_command_that_cures_it() {
    let ground = Ground::new();
    let empty = ground.folder().join("target");
    let ground = ground.set("CARGO_TARGET_DIR", empty.as_str());
    let supervisor = env!("CARGO_BIN_EXE_stigmer-e2e");
    let ground = ground.set("STIGMER_E2E_SUPERVISOR", supervisor);
    let screen = ground.refusal(everything()).await;
    for tool in [
        "stigmer-server",
        "workflow-runner",
        "agent-runner-python",
        "temporal",
    ] {
        assert!(
            screen.contains(&format!("{tool}: is not provisioned")),
            "{screen}"
        );
    }
    assert!(
        screen.contains("hint: run `cargo e2e provision`"),
        "{screen}"
    );
    ground.end();
}

#[tokio::test]
async fn a_program_that_is_not_executable_is_named_with_its_cure() {
    let ground = Ground::new();
    let path = ground.folder().join("plain-file");
    std::fs::write(&path, "text").unwrap();
    let ground = ground.set("STIGMER_E2E_STIGMER_SERVER", path.as_str());
    let screen = ground.refusal(only_server()).await;
    assert!(screen.contains("Permission denied"), "{screen}");
    assert!(
        screen.contains("hint: correct STIGMER_E2E_STIGMER_SERVER"),
        "{screen}"
    );
    ground.end();
}

#[tokio::test]
async fn a_server_that_exits_at_once_shows_status_command_and_last_lines() {
    let ground = Ground::new();
    let server = ground.program("fake-server", "echo 'no such configuration' >&2; exit 3");
    let ground = ground.set("STIGMER_E2E_STIGMER_SERVER", server.as_str());
    let screen = ground.refusal(only_server()).await;
    assert!(
        screen.contains("stigmer-server ended by itself (exit status 3)"),
        "{screen}"
    );
    assert!(
        screen.contains(&format!("command: {server} --listen-fd")),
        "{screen}"
    );
    assert!(screen.contains("    no such configuration"), "{screen}");
    // The log that the screen names is the one that was kept.
    let log = screen
        .lines()
        .find_map(|line| line.trim().strip_prefix("log: "))
        .unwrap();
    assert!(
        std::fs::read_to_string(log)
            .unwrap()
            .contains("no such configuration")
    );
    ground.end();
}

#[tokio::test]
async fn a_server_that_a_signal_ends_shows_which() {
    let ground = Ground::new();
    let server = ground.program("fake-server", "kill -SEGV $$");
    let ground = ground.set("STIGMER_E2E_STIGMER_SERVER", server.as_str());
    let screen = ground.refusal(only_server()).await;
    assert!(screen.contains("signal 11 (SIGSEGV)"), "{screen}");
    ground.end();
}

#[tokio::test]
async fn a_server_that_hangs_at_its_start_fails_with_the_last_probe() {
    let ground = Ground::new();
    let server = ground.program("fake-server", "exec sleep 600");
    let ground = ground
        .set("STIGMER_E2E_STIGMER_SERVER", server.as_str())
        .set("STIGMER_E2E_START_TIMEOUT", SHORT);
    let screen = ground.refusal(only_server()).await;
    assert!(screen.contains("stigmer-server was not ready"), "{screen}");
    assert!(
        screen.contains("last probe: no answer within 1s"),
        "{screen}"
    );
    ground.end();
}

#[tokio::test]
async fn a_worker_that_never_polls_is_not_ready() {
    let ground = Ground::new();
    let runner = ground.program("fake-runner", "exec sleep 600");
    let ground = ground
        .set("STIGMER_E2E_WORKFLOW_RUNNER", runner.as_str())
        .set("STIGMER_E2E_START_TIMEOUT", "4s");
    let screen = ground.refusal(server_and_workflow_runner()).await;
    assert!(screen.contains("workflow-runner was not ready"), "{screen}");
    assert!(
        screen.contains("last probe: no poller on the task queue"),
        "{screen}"
    );
    ground.end();
}

#[tokio::test]
async fn a_start_that_failed_is_told_to_every_later_stack_at_once() {
    let ground = Ground::new();
    let temporal = ground.program(
        "fake-temporal",
        "echo x >>\"$HOME/../../../../starts\"; exec sleep 600",
    );
    let ground = ground
        .set("STIGMER_E2E_TEMPORAL", temporal.as_str())
        .set("STIGMER_E2E_START_TIMEOUT", SHORT);
    let first = ground.refusal(server_and_workflow_runner()).await;
    assert!(first.contains("temporal was not ready"), "{first}");
    let begun = Instant::now();
    let second = ground.refusal(server_and_workflow_runner()).await;
    assert_eq!(first, second);
    // Not a speed test: it would have waited for the start timeout again.
    assert!(
        begun.elapsed().as_millis() < 1500,
        "the second stack waited again"
    );
    ground.end();
}

#[tokio::test]
async fn a_service_that_dies_later_is_reported_to_its_test_at_once() {
    let ground = Ground::new();
    let lease = ground.lease(only_server()).await.unwrap();
    let mut died = lease.died();
    let server = ground.pid_of("stigmer-server");
    stigmer_e2e::sys::Process::open(server)
        .unwrap()
        .signal(rustix::process::Signal::KILL)
        .unwrap();
    died.changed().await.unwrap();
    let screen = died.borrow().clone().unwrap();
    assert!(
        screen.contains("stigmer-server ended by itself (signal 9 (SIGKILL))"),
        "{screen}"
    );
    // The test did not say that it failed; the death did.
    let ended = lease.end(true).unwrap();
    assert!(!ended.evidence.is_empty());
    assert!(ground.evidence("manifest.json").contains("SIGKILL"));
    ground.end();
}

#[tokio::test]
async fn the_death_of_temporal_fails_the_tests_that_use_it_and_not_those_that_come_later() {
    let ground = Ground::new();
    let first = ground.lease(server_and_workflow_runner()).await.unwrap();
    let other = ground.lease(only_server()).await.unwrap();
    let mut died = first.died();
    let temporal = ground.pid_of("temporal server start-dev");
    stigmer_e2e::sys::Process::open(temporal)
        .unwrap()
        .signal(rustix::process::Signal::KILL)
        .unwrap();
    died.changed().await.unwrap();
    assert!(
        died.borrow()
            .clone()
            .unwrap()
            .contains("temporal ended by itself")
    );
    assert_eq!(*other.died().borrow(), None);
    let later = ground.lease(server_and_workflow_runner()).await.unwrap();
    assert!(later.end(true).unwrap().evidence.is_empty());
    assert!(other.end(true).unwrap().evidence.is_empty());
    drop(first);
    ground.end();
}

#[tokio::test]
async fn a_start_timeout_that_is_no_time_is_refused_with_its_cure() {
    let ground = Ground::new().set("STIGMER_E2E_START_TIMEOUT", "soon");
    let error = ground.lease(only_server()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("STIGMER_E2E_START_TIMEOUT is \"soon\""),
        "{error}"
    );
    assert_eq!(
        error.hint().as_deref(),
        Some("write a number and a unit: `30s`, `2m`")
    );
    // Remembered: the next process of the run is told the same, without another start.
    let again = ground.lease(only_server()).await.unwrap_err();
    assert_eq!(again.to_string(), error.to_string());
    eventually("the supervisor is gone", || match ground.processes() {
        left if left.is_empty() => Ok(()),
        left => Err(left.join("\n")),
    });
}
