//! `soak`: kills runs at random moments and counts what they leave behind.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::Signal;
use stigmer_e2e::supervisor::StateFolder;
use stigmer_e2e::sys::{Process, Sighting, children_of, with_environment_text};
use stigmer_e2e::toolset::Surroundings;

use super::provision;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// How many runs to kill
    #[arg(long, default_value_t = 20)]
    runs: usize,
    /// Seed of what is killed when; printed at the start, so that a soak can be repeated
    #[arg(long)]
    seed: Option<u64>,
}

/// Runs live at most so long; half of them are killed before their first stack is there.
const LONGEST_MS: u64 = 2500;
/// What ends in milliseconds is given seconds, for machines that do much else.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often to look.
const INTERVAL: Duration = Duration::from_millis(2);

/// What is killed, and how.
#[derive(Debug, Clone, Copy)]
enum Blow {
    Owner(Signal),
    /// A process of the run whose command line has this text, by SIGKILL.
    Part(&'static str),
    Nothing,
}

const BLOWS: [Blow; 9] = [
    Blow::Owner(Signal::KILL),
    Blow::Owner(Signal::KILL),
    Blow::Owner(Signal::TERM),
    Blow::Owner(Signal::INT),
    Blow::Part("stigmer-e2e supervisor"),
    Blow::Part("fork_server.py"),
    Blow::Part("temporal server"),
    Blow::Part("stigmer-server"),
    Blow::Nothing,
];

#[expect(clippy::print_stdout, reason = "the count is the command's output")]
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::of_this_process()?;
    provision::ensure(&surroundings)?;
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let ground = Ground::new()?;
    let mut leaks = 0;
    let mut slowest = Duration::ZERO;
    for round in 1..=arguments.runs {
        let blow = BLOWS[random.usize(..BLOWS.len())];
        let after = Duration::from_millis(random.u64(..LONGEST_MS));
        let (left, took) = ground.round(&mut random, blow, after)?;
        slowest = slowest.max(took);
        leaks += left.len();
        println!(
            "{round}: {blow:?} after {} ms, all gone {} ms after the run",
            after.as_millis(),
            took.as_millis()
        );
        for line in left {
            println!("    LEFT BEHIND: {line}");
        }
    }
    // A run that ends by itself clears the folders of those whose supervisor was killed.
    let (left, _) = ground.round(&mut random, Blow::Nothing, Duration::ZERO)?;
    let folders = ground.folders();
    for line in left.iter().chain(&folders) {
        println!("LEFT BEHIND: {line}");
    }
    leaks += left.len() + folders.len();
    println!(
        "{} runs, {leaks} leaks, slowest clearing {} ms",
        arguments.runs,
        slowest.as_millis()
    );
    Ok(if leaks == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Where the runs keep their state: a world that nobody else uses.
struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    fn new() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("soak").tempdir()?;
        Ok(Self { folder })
    }

    fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).expect("a temporary folder has a plain name")
    }

    /// One run, killed. Answers what it left, and how long it took until nothing was.
    fn round(
        &self,
        random: &mut fastrand::Rng,
        blow: Blow,
        after: Duration,
    ) -> anyhow::Result<(Vec<String>, Duration)> {
        let mut owner = self.start(random.u64(..))?;
        let begun = Instant::now();
        while begun.elapsed() < after && owner.try_wait()?.is_none() {
            std::thread::sleep(INTERVAL);
        }
        match blow {
            Blow::Owner(signal) => Process::open(owner.id())?.signal(signal)?,
            Blow::Part(text) => self.kill(text),
            Blow::Nothing => {}
        }
        owner.wait()?;
        let ended = Instant::now();
        let mut left = self.processes();
        while !left.is_empty() && ended.elapsed() < PATIENCE {
            std::thread::sleep(INTERVAL);
            left = self.processes();
        }
        let took = ended.elapsed();
        for sighting in &left {
            if let Ok(process) = Process::open(sighting.pid) {
                process.signal(Signal::KILL)?;
            }
        }
        Ok((
            left.iter()
                .map(|s| format!("{} {}", s.pid, s.command))
                .collect(),
            took,
        ))
    }

    fn start(&self, seed: u64) -> anyhow::Result<Child> {
        let program = std::env::current_exe()?;
        let evidence = self.path().join("evidence");
        Command::new(&program)
            .args(["soak-round", "--seed", &seed.to_string()])
            .args(["--milliseconds", &LONGEST_MS.to_string()])
            .env("XDG_RUNTIME_DIR", self.path())
            .env("STIGMER_E2E_DIR", evidence)
            .env("STIGMER_E2E_SUPERVISOR", &program)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A terminal's Ctrl-C is for the soak, which ends its rounds by being their parent no more.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot run {}", program.display()))
    }

    fn kill(&self, text: &str) {
        if let Some(found) = self.processes().iter().find(|s| s.command.contains(text))
            && let Ok(process) = Process::open(found.pid)
        {
            // One that has ended meanwhile is as good.
            let _ = process.signal(Signal::KILL);
        }
    }

    /// Living processes of the runs: their environment names the folder.
    fn processes(&self) -> Vec<Sighting> {
        let own: Vec<u32> = children_of(std::process::id())
            .iter()
            .map(|s| s.pid)
            .collect();
        with_environment_text(self.path().as_str())
            .into_iter()
            .filter(|sighting| !own.contains(&sighting.pid))
            .collect()
    }

    /// What is left of the runs' state.
    fn folders(&self) -> Vec<String> {
        let Ok(state) = StateFolder::open(Some(self.path().as_str()), None) else {
            return Vec::new();
        };
        let Ok(entries) = state.path().read_dir_utf8() else {
            return Vec::new();
        };
        entries
            .flatten()
            .filter(|entry| entry.file_name() != "ports")
            .map(|entry| -> Utf8PathBuf { entry.into_path() })
            .map(Utf8PathBuf::into_string)
            .collect()
    }
}
