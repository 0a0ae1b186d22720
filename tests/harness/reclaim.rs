//! What runs leave whose supervisor was killed, and what a later run makes of it.

use std::process::{Child, Command, Stdio};

use rustix::process::Signal;
use stigmer_e2e::service::RUN_ID;
use stigmer_e2e::supervisor::StateFolder;
use stigmer_e2e::sys::{Inherit, Life, Process, StartTime, spawn};

use crate::support::{Ground, eventually, only_server};

/// A process in a session of its own, as a service's lost grandchild is one.
fn stray(environment: &[(&str, &str)]) -> Child {
    let mut command = Command::new("sleep");
    command
        .arg("600")
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    spawn(&mut command, Life::Own, &Inherit::nothing()).unwrap()
}

fn state_of(ground: &Ground) -> StateFolder {
    let runtime = ground.variables().get("XDG_RUNTIME_DIR");
    StateFolder::open(runtime.map(String::as_str), None).unwrap()
}

#[tokio::test]
async fn what_a_crashed_run_left_is_cleared_by_the_next_and_nothing_else() {
    let ground = Ground::new();
    let crashed = state_of(&ground).run(ground.run());
    let lease = ground.lease(only_server()).await.unwrap();
    let mut lost = stray(&[(RUN_ID, ground.run())]);
    let mut strangers = stray(&[(RUN_ID, "ffffffff")]);
    let supervisor = Process::open(ground.pid_of("stigmer-e2e supervisor")).unwrap();
    supervisor.signal(Signal::KILL).unwrap();
    supervisor.ended().await.unwrap();
    drop(lease);
    assert!(crashed.path().exists(), "the crashed run left its folder");

    let next = Ground::beside(&ground);
    next.lease(only_server()).await.unwrap().end(true).unwrap();
    eventually("the debris is gone", || {
        match (crashed.path().exists(), lost.try_wait().unwrap()) {
            (false, Some(_)) => Ok(()),
            left => Err(format!("{left:?}")),
        }
    });
    assert!(
        strangers.try_wait().unwrap().is_none(),
        "a process of another run was ended"
    );
    strangers.kill().unwrap();
    strangers.wait().unwrap();
    next.end();
    ground.end();
}

/// The numbers of processes come again: the supervisor of a folder is known by its start time, too.
#[tokio::test]
async fn a_process_that_got_the_number_of_a_dead_supervisor_is_neither_believed_nor_harmed() {
    let ground = Ground::new();
    let mut recycled = stray(&[]);
    let pid = recycled.id();
    let started = StartTime::of(pid).unwrap().to_number();
    let state = state_of(&ground);
    let folder = |run: &str, started: u64| {
        let folder = state.run(run);
        folder.make().unwrap();
        let ownership = format!(r#"{{"supervisor_pid":{pid},"supervisor_started":{started}}}"#);
        std::fs::write(folder.ownership(), ownership).unwrap();
        folder
    };
    let of_a_dead_one = folder("0000dead", started - 1);
    let of_a_living_one = folder("0000a11e", started);
    ground
        .lease(only_server())
        .await
        .unwrap()
        .end(true)
        .unwrap();
    eventually(
        "the folder of the dead one is gone",
        || match of_a_dead_one.path().exists() {
            false => Ok(()),
            true => Err("it is there".to_owned()),
        },
    );
    assert!(of_a_living_one.path().exists(), "a living run was robbed");
    assert!(recycled.try_wait().unwrap().is_none(), "it was ended");
    recycled.kill().unwrap();
    recycled.wait().unwrap();
    std::fs::remove_dir_all(of_a_living_one.path()).unwrap();
    state.remove_lock("0000a11e");
    ground.end();
}

#[tokio::test]
async fn a_process_that_got_the_number_of_the_owner_is_not_taken_for_it() {
    let ground = Ground::new();
    let error = ground
        .lease_of_owner_started(1, only_server())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("watch the owner of the run"),
        "{error}"
    );
    ground.end();
}
