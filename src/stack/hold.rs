//! `STIGMER_E2E_HOLD=1`: the stack of a failed test stays up, to be looked at.

use std::io::Write;

use super::environment::command_environment;
use crate::supervisor::Ready;
use crate::toolset::Surroundings;

/// Whether failed tests are held.
pub(super) fn wanted() -> bool {
    std::env::var_os("STIGMER_E2E_HOLD").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Says where everything is and how to talk to it, and stays until the process is interrupted: the stack ends with it.
pub(super) fn hold(failure: &str, surroundings: &Surroundings, run: &str, ready: &Ready) -> ! {
    say(&text(failure, surroundings, run, ready));
    loop {
        std::thread::park();
    }
}

/// To the terminal itself where there is one: a runner keeps a test's output until the test has ended.
#[expect(clippy::print_stderr, reason = "this is for the person who looks")]
fn say(text: &str) {
    let terminal = std::fs::File::options().write(true).open("/dev/tty");
    match terminal.and_then(|mut terminal| terminal.write_all(text.as_bytes())) {
        Ok(()) => {}
        Err(_) => eprint!("{text}"),
    }
}

fn text(failure: &str, surroundings: &Surroundings, run: &str, ready: &Ready) -> String {
    use std::fmt::Write;
    let mut text = format!(
        "\nstigmer-e2e: the test failed, its stack {} is held\n{failure}\n\n",
        ready.stack
    );
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "{name:<16} {value}");
        }
    };
    line("stigmer-server", &ready.server);
    line("Temporal", &ready.temporal);
    line("namespace", &ready.namespace);
    line("model", &ready.model);
    line("logs", &ready.logs);
    let _ = writeln!(text);
    for (name, value) in command_environment(surroundings, run, ready) {
        if name.starts_with("STIGMER_") && !name.starts_with("STIGMER_E2E_") {
            let _ = writeln!(text, "export {name}={value}");
        }
    }
    if let Some(stigmer) = surroundings
        .built("stigmer")
        .filter(|_| !ready.server.is_empty())
    {
        let _ = writeln!(text, "{stigmer} executions list");
    }
    if !ready.temporal_program.is_empty() {
        let _ = writeln!(
            text,
            "{} workflow list --address {} --namespace {}",
            ready.temporal_program, ready.temporal, ready.namespace
        );
    }
    if !ready.store_program.is_empty() {
        let _ = writeln!(text, "{} keys {}", ready.store_program, ready.database);
    }
    text.push_str("\nCtrl-C ends it.\n");
    text
}
