//! Services that do not start, or do not stay: the test learns at once what happened, and nothing is left.

use std::time::{Duration, Instant};

use stigmer_e2e::supervisor::Needs;

use crate::support::{Ground, everything, kill, only_server, server_and_workflow_runner};

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

/// A server that hangs in the hands of a debugger, a child of its own, until a file is there.
const DEBUGGED: &str = r#"exec python3 - "$0.release" <<'END'
import ctypes, os, sys, time
libc = ctypes.CDLL(None)
PR_SET_PTRACER, ANY, PTRACE_SEIZE = 0x59616D61, -1, 0x4206
libc.prctl(PR_SET_PTRACER, ctypes.c_ulong(ANY), 0, 0, 0)
if os.fork() == 0:
    libc.ptrace(PTRACE_SEIZE, os.getppid(), None, None)
    while not os.path.exists(sys.argv[1]):
        time.sleep(0.01)
    os._exit(0)
time.sleep(600)
END"#;

#[cfg_attr(not(target_os = "linux"), ignore = "it looks into /proc")]
#[tokio::test]
async fn under_a_debugger_no_start_is_too_slow() {
    let ground = Ground::new();
    let server = ground.program("fake-server", DEBUGGED);
    let release = format!("{server}.release");
    let ground = ground
        .set("STIGMER_E2E_STIGMER_SERVER", server.as_str())
        .set("STIGMER_E2E_START_TIMEOUT", SHORT);
    let refusal = ground.refusal(only_server());
    let mut refusal = Box::pin(refusal);
    // Three times its limit.
    let held = tokio::time::timeout(Duration::from_millis(4500), &mut refusal).await;
    assert!(held.is_err(), "{held:?}");
    std::fs::write(release, "").unwrap();
    let screen = refusal.as_mut().await;
    drop(refusal);
    assert!(screen.contains("stigmer-server was not ready"), "{screen}");
    ground.end();
}

#[tokio::test]
async fn a_server_that_listens_but_is_never_healthy_is_not_ready() {
    let ground = Ground::new().set("STIGMER_E2E_START_TIMEOUT", "4s");
    let needs = Needs {
        // Nobody listens there, so that its workers never start.
        environment: [("TEMPORAL_HOST_PORT".to_owned(), "127.0.0.1:1".to_owned())].into(),
        ..server_and_workflow_runner()
    };
    let screen = ground.refusal(needs).await;
    assert!(screen.contains("stigmer-server was not ready"), "{screen}");
    assert!(
        screen.contains(r#"last probe: health of "temporal" is NOT_SERVING"#),
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
    kill(server);
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
    kill(temporal);
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
    ground.end();
}

#[tokio::test]
async fn a_port_of_temporal_that_was_taken_in_between_costs_one_more_start() {
    let ground = Ground::new();
    let real = {
        let surroundings = stigmer_e2e::toolset::Surroundings::of_this_process().unwrap();
        let tool = stigmer_e2e::toolset::Tool::Temporal;
        let toolset = stigmer_e2e::toolset::Toolset::resolve(&surroundings, &[tool]).unwrap();
        toolset.path(tool).to_owned()
    };
    let mark = ground.folder().join("taken");
    let temporal = ground.program(
        "fake-temporal",
        &format!(
            "if [ ! -e {mark} ]; then touch {mark}; echo 'listen tcp 127.0.0.1:7235: bind: address already in use'; \
             exit 1; fi\nexec {real} \"$@\""
        ),
    );
    let ground = ground.set("STIGMER_E2E_TEMPORAL", temporal.as_str());
    let lease = ground.lease(server_and_workflow_runner()).await.unwrap();
    assert!(mark.is_file());
    lease.end(true).unwrap();
    ground.end();
}
