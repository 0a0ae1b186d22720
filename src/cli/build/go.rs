//! The Go toolchain, in an environment that depends on nothing but what the command line was given.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use camino::{Utf8Path, Utf8PathBuf};
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use super::cache::Cache;
use super::error::BuildError;
use crate::cli::environment::Environment;
use crate::cli::process::Group;

/// Variables that change what the compiler makes; they are inputs of a build.
pub(super) const INPUT_VARIABLES: [&str; 6] = [
    "CGO_ENABLED",
    "GOAMD64",
    "GOARM64",
    "GODEBUG",
    "GOEXPERIMENT",
    "GOFIPS140",
];

#[derive(Debug)]
pub(super) struct Go {
    program: Utf8PathBuf,
    environment: Environment,
}

/// One `go build`.
#[derive(Debug)]
pub(super) struct Compilation<'a> {
    /// What people call it.
    pub(super) main: &'a str,
    /// Where the go command runs; its messages name files from here.
    pub(super) directory: &'a Utf8Path,
    /// Flags, then the package or files.
    pub(super) arguments: Vec<String>,
    /// Where nothing may be fetched.
    pub(super) offline: bool,
    /// Scratch folder; the program appears there.
    pub(super) work: &'a Utf8Path,
}

impl Go {
    /// `STIGMER_GO`, else `go` on PATH.
    pub(super) fn find(environment: &Environment, cache: &Cache) -> Result<Self, BuildError> {
        let program = match environment.path("STIGMER_GO") {
            Some(program) if is_program(&program) => program,
            Some(program) => {
                return Err(BuildError::NoGo {
                    reason: format!("STIGMER_GO is {program}, which is no program"),
                });
            }
            None => environment
                .get("PATH")
                .unwrap_or_default()
                .split(':')
                .filter(|folder| !folder.is_empty())
                .map(|folder| Utf8Path::new(folder).join("go"))
                .find(|program| is_program(program))
                .ok_or_else(|| BuildError::NoGo {
                    reason: "no `go` on PATH and STIGMER_GO is not set".to_owned(),
                })?,
        };
        Ok(Self {
            program,
            environment: controlled(environment, cache)?,
        })
    }

    /// What `go version` says: version and platform.
    pub(super) async fn version(&self) -> Result<String, BuildError> {
        let mut command = self.command(Utf8Path::new("/"));
        command.arg("version");
        let (status, text) = self.output(command).await?;
        if status.success() {
            Ok(text.trim().to_owned())
        } else {
            Err(BuildError::NoGo {
                reason: format!("{} version: {status}\n{}", self.program, text.trim()),
            })
        }
    }

    pub(super) async fn compile(&self, compilation: &Compilation<'_>) -> Result<(), BuildError> {
        let mut command = self.command(compilation.directory);
        // Without paths of this machine and without symbols one program serves every place that has the same content,
        // links faster, and still tells function and line in a panic.
        command
            .args(["build", "-trimpath", "-ldflags=-s -w", "-o"])
            .arg(compilation.work.join("program"))
            .args(&compilation.arguments)
            // A killed compiler leaves its scratch files there.
            .env("GOTMPDIR", compilation.work);
        if compilation.offline {
            command.env("GOPROXY", "off");
        }
        let (status, text) = self.output(command).await?;
        if status.success() {
            return Ok(());
        }
        let lines = text.trim_end().to_owned();
        let main = compilation.main.to_owned();
        if lines.lines().any(is_compiler_line) {
            Err(BuildError::Compile { main, lines })
        } else {
            Err(BuildError::Go {
                main,
                status: status.to_string(),
                lines,
            })
        }
    }

    fn command(&self, directory: &Utf8Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(directory)
            .env_clear()
            .envs(self.environment.iter())
            .stdin(Stdio::null());
        command
    }

    /// Runs to the end; output and errors come in one text, as they would on a terminal.
    async fn output(
        &self,
        mut command: Command,
    ) -> Result<(std::process::ExitStatus, String), BuildError> {
        let start = |source| BuildError::Start {
            program: self.program.clone(),
            source,
        };
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut group = Group::spawn(&mut command).map_err(start)?;
        let mut stdout = group.child().stdout.take();
        let mut stderr = group.child().stderr.take();
        let (mut text, mut errors) = (Vec::new(), Vec::new());
        let (read_text, read_errors, status) = tokio::join!(
            async {
                match &mut stdout {
                    Some(pipe) => pipe.read_to_end(&mut text).await,
                    None => Ok(0),
                }
            },
            async {
                match &mut stderr {
                    Some(pipe) => pipe.read_to_end(&mut errors).await,
                    None => Ok(0),
                }
            },
            group.wait(),
        );
        read_text.map_err(start)?;
        read_errors.map_err(start)?;
        text.extend(errors);
        Ok((
            status.map_err(start)?,
            String::from_utf8_lossy(&text).into_owned(),
        ))
    }
}

/// The environment of every go command.
fn controlled(given: &Environment, cache: &Cache) -> Result<Environment, BuildError> {
    let mut environment = given.clone();
    // Caches of their own where none are named: a private HOME must not get a copy of the module cache.
    for (name, folder) in [
        ("GOCACHE", "go/build"),
        ("GOMODCACHE", "go/mod"),
        ("GOPATH", "go/path"),
    ] {
        if given.get(name).is_none() {
            environment.set(name, cache.folder(folder).into_string());
        }
    }
    // The user's settings stay where they are, though the configuration folder moves below.
    environment.set("GOENV", settings_file(given));
    // The one way to turn telemetry off: its mode lies in the configuration folder.
    let configuration = cache.folder("go/configuration");
    let (variable, telemetry) = if cfg!(target_os = "macos") {
        (
            "HOME",
            configuration.join("Library/Application Support/go/telemetry"),
        )
    } else {
        ("XDG_CONFIG_HOME", configuration.join("go/telemetry"))
    };
    std::fs::create_dir_all(&telemetry).map_err(BuildError::file("make", &telemetry))?;
    let mode = telemetry.join("mode");
    if !mode.exists() {
        std::fs::write(&mode, "off").map_err(BuildError::file("write", &mode))?;
    }
    environment.set(variable, configuration.into_string());
    // No toolchain is downloaded, no flag comes from outside, the program runs here.
    environment.set("GOTOOLCHAIN", "local");
    environment.set("GOFLAGS", "-buildvcs=false");
    environment.set("GOWORK", "off");
    environment.set("GO111MODULE", "on");
    environment.remove("GOOS");
    environment.remove("GOARCH");
    if given.get("CGO_ENABLED").is_none() {
        environment.set("CGO_ENABLED", "0");
    }
    Ok(environment)
}

fn settings_file(given: &Environment) -> String {
    if let Some(file) = given.get("GOENV") {
        return file.to_owned();
    }
    let folder = if cfg!(target_os = "macos") {
        given
            .path("HOME")
            .map(|home| home.join("Library/Application Support"))
    } else {
        given
            .path("XDG_CONFIG_HOME")
            .or_else(|| Some(given.path("HOME")?.join(".config")))
    };
    folder.map_or_else(
        || "off".to_owned(),
        |folder| folder.join("go/env").into_string(),
    )
}

/// `./main.go:5:2: undefined: x`
fn is_compiler_line(line: &str) -> bool {
    let Some((_, rest)) = line.split_once(".go:") else {
        return false;
    };
    rest.split(':').next().is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_program(path: &Utf8Path) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
