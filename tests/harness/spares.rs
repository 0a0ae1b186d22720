//! Stacks that wait for a test.

use stigmer_e2e::supervisor::Ready;

use crate::support::{Ground, eventually, everything, kill};

/// Waits until a spare is ready: its processes are there beside those of `taken`.
fn spare_is_ready(ground: &Ground, taken: &Ready) {
    eventually("a spare is ready", || {
        let processes = ground.processes();
        let servers = processes
            .iter()
            .filter(|line| line.contains("stigmer-server"))
            .count();
        let runners = processes
            .iter()
            .filter(|line| line.contains("workflow-runner"))
            .count();
        if (servers, runners) == (2, 2) {
            Ok(())
        } else {
            Err(format!("beside {}: {processes:#?}", taken.stack))
        }
    });
}

#[tokio::test]
async fn a_test_that_comes_later_takes_a_stack_that_was_made_before_it_asked() {
    let ground = Ground::new().set("STIGMER_E2E_SPARES", "1");
    let first = ground.lease(everything()).await.unwrap();
    spare_is_ready(&ground, first.ready());
    let before = ground
        .pid_of("workflow-runner")
        .max(highest(&ground, "workflow-runner"));
    let second = ground.lease(everything()).await.unwrap();
    assert_ne!(first.ready().stack, second.ready().stack);
    // It has the processes that were there already; a new spare's come after that.
    let log =
        std::fs::read_to_string(format!("{}/workflow-runner.log", second.ready().logs)).unwrap();
    assert!(
        !log.is_empty(),
        "the stack's runner had not begun when the stack was handed out"
    );
    assert!(before > 0);
    for lease in [first, second] {
        assert_eq!(lease.end(true).unwrap().evidence, "");
    }
    ground.end();
}

#[tokio::test]
async fn a_spare_that_died_while_it_waited_is_given_to_nobody() {
    let ground = Ground::new().set("STIGMER_E2E_SPARES", "1");
    let first = ground.lease(everything()).await.unwrap();
    spare_is_ready(&ground, first.ready());
    let youngest = highest(&ground, "stigmer-server");
    kill(youngest);
    eventually("it is dead", || {
        match stigmer_e2e::sys::StartTime::of(youngest) {
            None => Ok(()),
            Some(_) => Err("it lives".to_owned()),
        }
    });
    let second = ground.lease(everything()).await.unwrap();
    std::net::TcpStream::connect(&second.ready().server).unwrap();
    for lease in [first, second] {
        assert_eq!(lease.end(true).unwrap().evidence, "");
    }
    ground.end();
}

#[tokio::test]
async fn without_spares_nothing_is_made_that_nobody_asked_for() {
    let ground = Ground::new().set("STIGMER_E2E_SPARES", "0");
    let lease = ground.lease(everything()).await.unwrap();
    let stacks = || {
        ground
            .processes()
            .iter()
            .filter(|line| line.contains("stigmer-server"))
            .count()
    };
    // Another stack is asked for and given back: nothing came beside it.
    let other = ground.lease(everything()).await.unwrap();
    assert_eq!(stacks(), 2, "{:#?}", ground.processes());
    other.end(true).unwrap();
    assert_eq!(stacks(), 1, "{:#?}", ground.processes());
    lease.end(true).unwrap();
    ground.end();
}

fn highest(ground: &Ground, text: &str) -> u32 {
    let processes = ground.processes();
    let pids = processes.iter().filter(|line| line.contains(text));
    pids.map(|line| line.split(' ').next().unwrap().parse().unwrap())
        .max()
        .unwrap()
}
