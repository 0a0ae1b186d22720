//! The `stigmer` command line as a program: the library with this process's surroundings.

use std::io::{IsTerminal as _, stderr, stdin, stdout};

use stigmer_e2e::cli::{Cli, Interrupter, Terminal, interrupts};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (interrupter, interrupts) = interrupts();
    let terminal = Terminal {
        stdin: stdin().is_terminal(),
        stdout: stdout().is_terminal(),
        stderr: stderr().is_terminal(),
        width: rustix::termios::tcgetwinsize(stdout())
            .ok()
            .map(|size| size.ws_col.into()),
    };
    let directory = camino::Utf8PathBuf::try_from(std::env::current_dir()?)?;
    let code = runtime.block_on(async {
        tokio::spawn(hear(interrupter));
        Cli::new()
            .args(std::env::args_os().skip(1))
            .envs(std::env::vars_os())
            .cwd(directory)
            .stdin_from(tokio::io::stdin())
            .terminal(terminal)
            .interrupts(interrupts)
            .stream(stdout(), stderr())
            .await
    });
    // A read from a terminal cannot be taken back: the runtime's end would wait for the user's next line.
    std::process::exit(code);
}

/// Ctrl-C is one interrupt. To be told to end is two: nobody is there to be asked.
async fn hear(interrupter: Interrupter) -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = interrupt.recv() => interrupter.interrupt(),
            _ = terminate.recv() => interrupter.leave(),
            _ = hang_up.recv() => interrupter.leave(),
        }
    }
}
