//! Runs by the real runner: how tests end in it, how it ends itself, and what is left.

use std::process::{Child, Command, Output, Stdio};

use camino::Utf8PathBuf;
use rustix::process::{Pid, Signal, kill_process};
use stigmer_e2e::toolset::{Surroundings, Tool, Toolset};

use crate::support::{Ground, eventually};

/// A run of inner tests in a world of its own.
struct InnerRun {
    ground: Ground,
    command: Command,
}

impl InnerRun {
    fn of(test: &str) -> Self {
        let ground = Ground::new();
        let surroundings = Surroundings::of_this_process().unwrap();
        let toolset = Toolset::resolve(&surroundings, &[Tool::Nextest]).unwrap();
        let mut command = Command::new(toolset.path(Tool::Nextest));
        command
            .args([
                "nextest",
                "run",
                "--test",
                "harness",
                "--run-ignored",
                "only",
            ])
            .args([
                "--profile",
                "inner",
                "--no-capture",
                "-E",
                &format!("test(=inner::{test})"),
            ])
            .current_dir(surroundings.workspace())
            .env_clear()
            .envs(ground.variables())
            .env("STIGMER_E2E_TEST_HANGING", ground.folder().join("hanging"))
            .stdin(Stdio::null());
        Self { ground, command }
    }

    /// Runs to the end. Answers what was printed, and the world.
    fn output(mut self) -> (Output, Ground) {
        let output = self.command.output().unwrap();
        (output, self.ground)
    }

    /// Starts, and waits until the inner test hangs.
    fn hanging(mut self) -> (Child, Ground) {
        let child = self
            .command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mark: Utf8PathBuf = self.ground.folder().join("hanging");
        eventually("the inner test hangs", || {
            if mark.is_file() {
                Ok(())
            } else {
                Err("not yet".to_owned())
            }
        });
        (child, self.ground)
    }
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Runs a test that has to fail; answers what was printed, after nothing is left.
fn failing(test: &str) -> (String, Ground) {
    let (output, ground) = InnerRun::of(test).output();
    let text = text(&output);
    assert_eq!(
        output.status.code(),
        Some(100),
        "the run did not fail\n{text}"
    );
    ground.nothing_is_left();
    (text, ground)
}

#[test]
fn a_test_that_passes_leaves_nothing() {
    let (output, ground) = InnerRun::of("passes").output();
    assert!(output.status.success(), "{}", text(&output));
    ground.nothing_is_left();
    assert_eq!(ground.evidence_files(), Vec::<Utf8PathBuf>::new());
}

#[test]
fn a_test_that_returns_an_error_keeps_its_evidence_and_names_it() {
    let (text, ground) = failing("returns_an_error");
    assert!(text.contains("the disk is on fire"), "{text}");
    assert!(text.contains("stigmer-e2e: evidence: "), "{text}");
    assert!(
        ground
            .evidence("manifest.json")
            .contains("the disk is on fire")
    );
}

#[test]
fn a_test_that_panics_keeps_its_evidence() {
    let (_, ground) = failing("panics");
    assert!(ground.evidence("manifest.json").contains("something else"));
}

#[test]
fn a_panic_in_a_task_that_nobody_waits_for_fails_the_test() {
    let (text, ground) = failing("panics_in_a_task");
    assert!(text.contains("nobody hears this"), "{text}");
    assert!(
        ground
            .evidence("manifest.json")
            .contains("nobody hears this")
    );
}

#[test]
fn a_test_that_calls_exit_keeps_its_evidence() {
    // Its exit status says that it passed; the runner believes it.
    let (output, ground) = InnerRun::of("calls_exit").output();
    assert!(output.status.success(), "{}", text(&output));
    ground.nothing_is_left();
    assert!(
        ground
            .evidence("manifest.json")
            .contains("ended without an outcome")
    );
}

#[test]
fn a_child_that_a_test_left_behind_fails_it_and_is_ended() {
    let (text, ground) = failing("leaves_a_child_behind");
    assert!(text.contains("the test left processes behind"), "{text}");
    assert!(text.contains("sleep 611"), "{text}");
    assert!(ground.evidence("manifest.json").contains("sleep 611"));
}

#[test]
fn a_grandchild_in_a_session_of_its_own_is_found_all_the_same() {
    let (text, _) = failing("leaves_a_grandchild_in_another_session_behind");
    assert!(text.contains("sleep 612"), "{text}");
}

#[test]
fn a_zombie_is_no_leak() {
    let (output, ground) = InnerRun::of("leaves_a_zombie_behind").output();
    assert!(output.status.success(), "{}", text(&output));
    ground.nothing_is_left();
}

#[test]
fn a_test_that_the_runner_kills_for_its_time_keeps_its_evidence() {
    let (text, ground) = failing("hangs_past_its_time");
    assert!(text.contains("TIMEOUT"), "{text}");
    assert!(
        ground
            .evidence("manifest.json")
            .contains("ended without an outcome")
    );
}

#[test]
fn a_runner_that_is_killed_takes_everything_along() {
    let (mut runner, ground) = InnerRun::of("hangs").hanging();
    runner.kill().unwrap();
    runner.wait().unwrap();
    ground.nothing_is_left();
}

#[test]
fn an_interrupt_ends_everything() {
    interrupted(1);
}

#[test]
fn two_interrupts_end_everything() {
    interrupted(2);
}

fn interrupted(times: usize) {
    let (mut runner, ground) = InnerRun::of("hangs").hanging();
    for _ in 0..times {
        signal(runner.id(), Signal::INT);
    }
    runner.wait().unwrap();
    ground.nothing_is_left();
}

#[test]
fn a_runner_that_is_terminated_ends_everything() {
    let (mut runner, ground) = InnerRun::of("hangs").hanging();
    signal(runner.id(), Signal::TERM);
    runner.wait().unwrap();
    ground.nothing_is_left();
}

#[test]
fn a_test_that_is_killed_keeps_its_evidence_and_the_run_goes_on() {
    let (mut runner, ground) = InnerRun::of("hangs").hanging();
    let test = std::fs::read_to_string(ground.folder().join("hanging")).unwrap();
    signal(test.parse().unwrap(), Signal::KILL);
    assert_eq!(runner.wait().unwrap().code(), Some(100));
    ground.nothing_is_left();
    assert!(
        ground
            .evidence("manifest.json")
            .contains("ended without an outcome")
    );
}

#[test]
fn two_runs_at_once_do_not_meet() {
    let (mut one, first) = InnerRun::of("hangs").hanging();
    let (mut other, second) = InnerRun::of("hangs").hanging();
    one.kill().unwrap();
    one.wait().unwrap();
    first.nothing_is_left();
    assert!(
        !second.processes().is_empty(),
        "the other run was ended as well"
    );
    assert!(other.try_wait().unwrap().is_none());
    other.kill().unwrap();
    other.wait().unwrap();
    second.nothing_is_left();
}

#[test]
fn listing_tests_starts_nothing() {
    let ground = Ground::new();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--list", "--format", "terse", "--ignored"])
        .env_clear()
        .envs(ground.variables())
        .output()
        .unwrap();
    assert!(text(&output).contains("inner::passes: test"));
    ground.nothing_is_left();
}

#[test]
fn under_cargo_test_many_threads_share_one_run_that_ends_with_the_binary() {
    let ground = Ground::new();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "--test-threads",
            "3",
            "inner::passes",
            "inner::returns_an_error",
        ])
        .args(["inner::panics", "--nocapture"])
        .env_clear()
        .envs(ground.variables())
        .output()
        .unwrap();
    let text = text(&output);
    assert!(text.contains("1 passed; 2 failed"), "{text}");
    ground.nothing_is_left();
    let manifests = ground
        .evidence_files()
        .iter()
        .filter(|path| path.ends_with("manifest.json"))
        .count();
    assert_eq!(manifests, 2, "{text}");
}

fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}
