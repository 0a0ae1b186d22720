//! `STIGMER_E2E_HOLD=1`: the stack of a failed test stays up, to be looked at.

use std::fs::File;
use std::net::TcpStream;
use std::process::{Command, Stdio};

use camino::Utf8Path;
use rustix::process::Signal;
use stigmer_e2e::sys::{Inherit, Life, spawn};

use crate::runs::{InnerRun, signal};
use crate::support::eventually;

/// What was printed, once this is among it.
fn printed(log: &Utf8Path, text: &str) -> String {
    let mut printed = String::new();
    eventually(text, || {
        printed = std::fs::read_to_string(log).unwrap();
        match printed.contains(text) {
            true => Ok(()),
            false => Err(printed.clone()),
        }
    });
    printed
}

#[test]
fn a_failed_test_says_where_its_stack_is_and_keeps_it_until_an_interrupt() {
    let InnerRun {
        ground,
        mut command,
    } = InnerRun::of("returns_an_error");
    let log = ground.folder().join("printed");
    let output = File::create(&log).unwrap();
    command
        .env("STIGMER_E2E_HOLD", "1")
        .stdout(output.try_clone().unwrap())
        .stderr(output);
    // In a session of its own it has no terminal to write to, wherever this test runs.
    let mut runner = spawn(&mut command, Life::Own, &Inherit::nothing()).unwrap();
    let printed = printed(&log, "time limit");
    assert!(printed.contains("the disk is on fire"), "{printed}");
    assert!(printed.contains("`--profile hold` has none"), "{printed}");

    let find = |start: &str| {
        let line = printed.lines().find_map(|line| line.strip_prefix(start));
        line.unwrap_or_else(|| panic!("no {start} in {printed}"))
            .trim()
    };
    TcpStream::connect(find("stigmer-server ")).unwrap();
    // What it suggests works as it stands, in a shell that knows nothing else.
    let block = printed.split_once("is held\n").unwrap().1;
    let lines: Vec<&str> = block
        .lines()
        .filter(|line| line.starts_with("export ") || line.ends_with(" executions list"))
        .collect();
    let listed = Command::new("sh")
        .args(["-c", &lines.join("\n")])
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{listed:?} of {lines:?}");
    assert!(runner.try_wait().unwrap().is_none(), "the run went on");

    signal(runner.id(), Signal::INT);
    runner.wait().unwrap();
    ground.nothing_is_left();
}
