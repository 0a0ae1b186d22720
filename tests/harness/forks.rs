//! Agent-runners that are forked, those that are not, and fork servers that die.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use stigmer_e2e::supervisor::{Lease, Needs};
use stigmer_e2e::sys::{Process, StartTime, children_of, parent_and_name};

use crate::support::{Ground, everything, kill};

/// Without a workflow-runner: what these tests look at is the Python.
fn agent_runner() -> Needs {
    Needs {
        workflow_runner: false,
        ..everything()
    }
}

/// A run that keeps no spares: every stack is made when it is asked for.
fn ground() -> Ground {
    Ground::new().set("STIGMER_E2E_SPARES", "0")
}

async fn start(ground: &Ground) -> Lease {
    ground.lease(agent_runner()).await.unwrap()
}

fn supervisor_of(ground: &Ground) -> u32 {
    ground.pid_of("stigmer-e2e supervisor")
}

/// Numbers of the agent-runner's processes: forked ones look like the fork server, which is told by its parent's other
/// children.
fn pythons(ground: &Ground) -> Vec<u32> {
    let supervisor = supervisor_of(ground);
    let processes = ground.processes();
    let pids = processes.iter().filter(|line| line.contains("bin/python"));
    pids.map(|line| line.split(' ').next().unwrap().parse().unwrap())
        .filter(|&pid| parent_and_name(pid).is_some_and(|(parent, _)| parent == supervisor))
        .collect()
}

#[tokio::test]
async fn a_forked_worker_is_the_supervisors_own_child_and_ends_with_its_stack() {
    let ground = ground();
    let lease = start(&ground).await;
    // The fork server and the worker.
    assert_eq!(pythons(&ground).len(), 2, "{:#?}", ground.processes());
    lease.end(true).unwrap();
    assert_eq!(pythons(&ground).len(), 1, "{:#?}", ground.processes());
    ground.end();
}

/// The worker of the stack that was started last.
fn youngest(ground: &Ground) -> u32 {
    let started = |pid: &u32| StartTime::of(*pid).map(StartTime::to_number);
    pythons(ground).into_iter().max_by_key(started).unwrap()
}

/// A library of those that only clients of few models need is in the process.
fn has_what_few_need(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/maps")).is_ok_and(|maps| maps.contains("/jiter"))
}

#[cfg_attr(not(target_os = "linux"), ignore = "it looks into /proc")]
#[tokio::test]
async fn what_few_workers_need_is_imported_when_there_is_time_and_nobody_waits_for_it() {
    let ground = ground();
    let first = start(&ground).await;
    assert!(!has_what_few_need(youngest(&ground)));
    let successor = || {
        let fork_server = ground.pid_of("fork_server.py");
        children_of(fork_server).first().map(|child| child.pid)
    };
    // The imports wait for a core, but not for ever.
    let deadline = Instant::now() + Duration::from_secs(60);
    while !successor().is_some_and(has_what_few_need) {
        assert!(Instant::now() < deadline, "nobody imports it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    loop {
        let lease = start(&ground).await;
        let done = has_what_few_need(youngest(&ground));
        assert_eq!(lease.end(true).unwrap().evidence, "");
        if done {
            break;
        }
        assert!(Instant::now() < deadline, "nobody forks from it");
    }
    // Without it, workers come from the fork server again.
    let successor = Process::open(successor().unwrap()).unwrap();
    successor.signal(Signal::KILL).unwrap();
    successor.ended().await.unwrap();
    let last = start(&ground).await;
    assert!(!has_what_few_need(youngest(&ground)));
    for lease in [first, last] {
        assert_eq!(lease.end(true).unwrap().evidence, "");
    }
    ground.end();
}

#[tokio::test]
async fn a_worker_of_a_killed_fork_server_lives_on_and_the_next_has_another() {
    let ground = ground();
    let first = start(&ground).await;
    let fork_server = ground.pid_of("fork_server.py");
    kill(fork_server);
    let second = start(&ground).await;
    assert_eq!(*first.died().borrow(), None);
    for lease in [first, second] {
        assert_eq!(lease.end(true).unwrap().evidence, "");
    }
    ground.end();
}

#[tokio::test]
async fn a_forked_worker_that_dies_is_reported_with_its_signal() {
    let ground = ground();
    let lease = start(&ground).await;
    let mut died = lease.died();
    // The younger of the two is the worker.
    let worker = pythons(&ground).into_iter().max().unwrap();
    kill(worker);
    died.changed().await.unwrap();
    let screen = died.borrow().clone().unwrap();
    assert!(
        screen.contains("agent-runner ended by itself (signal 9 (SIGKILL))"),
        "{screen}"
    );
    drop(lease);
    ground.end();
}

#[tokio::test]
async fn a_killed_supervisor_takes_forked_workers_along() {
    let ground = ground();
    let lease = start(&ground).await;
    kill(supervisor_of(&ground));
    crate::support::eventually("no process is left", || match ground.processes() {
        left if left.is_empty() => Ok(()),
        left => Err(left.join("\n")),
    });
    drop(lease);
}

#[tokio::test]
async fn without_forks_the_worker_is_started_the_plain_way() {
    let ground = ground().set("STIGMER_E2E_AGENT_RUNNER_START", "exec");
    let lease = start(&ground).await;
    assert_eq!(pythons(&ground).len(), 1, "{:#?}", ground.processes());
    assert!(
        !ground
            .processes()
            .iter()
            .any(|line| line.contains("fork_server.py"))
    );
    assert_eq!(lease.end(true).unwrap().evidence, "");
    ground.end();
}

#[tokio::test]
async fn a_foreign_program_is_learned_at_its_first_end_and_forked_after_that() {
    let ground = ground();
    // A cache of its own: what is learned here is not for other runs, and what they learned not for this one.
    let sources = std::env::current_dir()
        .unwrap()
        .join("services/agent-runner/src");
    let main = ground.folder().join("main.py");
    let text = format!(
        "import sys\nsys.path.insert(0, {sources:?})\nimport runpy\n\
         runpy.run_module('agent_runner', run_name='__main__')\n# {}\n",
        ground.folder()
    );
    std::fs::write(&main, text).unwrap();
    let ground = ground.set("STIGMER_E2E_AGENT_RUNNER", main.as_str());
    let first = start(&ground).await;
    assert!(
        ground
            .processes()
            .iter()
            .any(|line| line.contains("learn.py"))
    );
    assert_eq!(first.end(true).unwrap().evidence, "");
    let second = start(&ground).await;
    assert!(
        ground
            .processes()
            .iter()
            .any(|line| line.contains("fork_server.py"))
    );
    assert_eq!(second.end(true).unwrap().evidence, "");
    ground.end();
}

#[tokio::test]
async fn a_way_to_start_that_does_not_exist_is_refused_with_its_cure() {
    let ground = ground().set("STIGMER_E2E_AGENT_RUNNER_START", "spoon");
    let error = ground.lease(agent_runner()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("STIGMER_E2E_AGENT_RUNNER_START is \"spoon\""),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("`fork` or `exec`"));
    ground.end();
}
