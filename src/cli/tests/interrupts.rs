//! Ctrl-C, and commands that are dropped.

use std::time::Duration;

use super::sandbox::Sandbox;
use crate::cli::interrupts::{Interrupts, Offer};
use crate::cli::{Exit, interrupts};

/// A program that starts itself again, says both pids and stays.
const STAYS: &str = r#"package main

import (
	"fmt"
	"os"
	"os/exec"
	"time"
)

func main() {
	if len(os.Args) == 1 {
		child := exec.Command(os.Args[0], "child")
		if err := child.Start(); err != nil {
			panic(err)
		}
		pids := fmt.Sprintf("%d %d", os.Getpid(), child.Process.Pid)
		if err := os.WriteFile("pids.new", []byte(pids), 0o600); err != nil {
			panic(err)
		}
		if err := os.Rename("pids.new", "pids"); err != nil {
			panic(err)
		}
	}
	time.Sleep(time.Hour)
}
"#;

/// A first build of the standard library takes that long on a busy machine.
const PATIENCE: Duration = Duration::from_secs(50);

async fn pids(sandbox: &Sandbox) -> Vec<i32> {
    let written = async {
        loop {
            if let Ok(text) = std::fs::read_to_string(sandbox.path("project/pids")) {
                return text.split(' ').map(|pid| pid.parse().unwrap()).collect();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, written)
        .await
        .expect("the program runs")
}

/// Killed processes need a moment to be gone.
async fn assert_gone(pids: &[i32]) {
    let gone = async {
        for pid in pids {
            let pid = rustix::process::Pid::from_raw(*pid).unwrap();
            while rustix::process::test_kill_process(pid).is_ok() && !is_zombie(pid) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone)
        .await
        .expect("the program and its child have ended");
}

/// Nobody may reap an orphan's end in a container without an init.
fn is_zombie(pid: rustix::process::Pid) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).is_ok_and(|stat| {
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim().starts_with('Z'))
    })
}

#[tokio::test]
async fn an_interrupt_ends_the_program_with_all_it_started() {
    let sandbox = Sandbox::new();
    sandbox.project(STAYS);
    let (interrupter, interrupts) = interrupts();
    let command = sandbox
        .stigmer(["apply", "--dry-run"])
        .interrupts(interrupts)
        .run();
    let interrupt = async {
        let pids = pids(&sandbox).await;
        interrupter.interrupt();
        pids
    };
    let (output, pids) = tokio::join!(command, interrupt);
    assert_eq!(output.code, Exit::Interrupted.code(), "{output}");
    assert!(output.stderr.ends_with("Interrupted.\n"), "{output}");
    assert_gone(&pids).await;
    sandbox.assert_clean();
}

#[tokio::test]
async fn a_dropped_command_leaves_nothing() {
    let sandbox = Sandbox::new();
    sandbox.project(STAYS);
    let mut command = Box::pin(sandbox.stigmer(["apply", "--dry-run"]).run());
    let pids = tokio::select! {
        output = &mut command => panic!("ended: {output}"),
        pids = pids(&sandbox) => pids,
    };
    drop(command);
    assert_gone(&pids).await;
    sandbox.assert_clean();
}

async fn leaves(interrupts: Interrupts, offer: &Offer) -> bool {
    let patience = Duration::from_millis(50);
    tokio::time::timeout(patience, interrupts.leave(offer))
        .await
        .is_ok()
}

#[tokio::test]
async fn the_first_interrupt_leaves_unless_an_execution_is_followed() {
    let (interrupter, heard) = interrupts();
    interrupter.interrupt();
    assert!(leaves(heard, &Offer::default()).await);

    let (interrupter, heard) = interrupts();
    let offer = Offer::default();
    offer.open();
    interrupter.interrupt();
    assert!(!leaves(heard, &offer).await);
    offer.taken().await;
}

#[tokio::test]
async fn two_interrupts_at_once_leave() {
    let (interrupter, heard) = interrupts();
    let offer = Offer::default();
    offer.open();
    interrupter.interrupt();
    interrupter.interrupt();
    assert!(leaves(heard, &offer).await);

    let (interrupter, heard) = interrupts();
    let offer = Offer::default();
    offer.open();
    interrupter.leave();
    assert!(leaves(heard, &offer).await);
}

#[tokio::test]
async fn without_a_source_nothing_leaves() {
    assert!(!leaves(Interrupts::default(), &Offer::default()).await);
    let (interrupter, heard) = interrupts();
    drop(interrupter);
    assert!(!leaves(heard, &Offer::default()).await);
}
