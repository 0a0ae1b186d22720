//! A directory of its own for a test, and command lines that see nothing else.

use camino::{Utf8Path, Utf8PathBuf};
use prost::Message;

use crate::cli::{Cli, Output};
use crate::wire::agent::{Agent, AgentSpec};
use crate::wire::resource::ApiResourceMetadata;

pub(super) struct Sandbox {
    root: tempfile::TempDir,
}

impl Sandbox {
    pub(super) fn new() -> Self {
        let sandbox = Self {
            root: tempfile::tempdir().unwrap(),
        };
        for folder in ["home", "project", "tmp"] {
            std::fs::create_dir(sandbox.path(folder)).unwrap();
        }
        sandbox
    }

    pub(super) fn path(&self, below: &str) -> Utf8PathBuf {
        Utf8Path::from_path(self.root.path()).unwrap().join(below)
    }

    pub(super) fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A project with this program.
    pub(super) fn project(&self, main: &str) {
        self.write("project/Stigmer.yaml", "name: tested\nruntime: go\n");
        self.write(
            "project/go.mod",
            "module example.test/tested\n\ngo 1.26.0\n",
        );
        self.write("project/main.go", main);
    }

    /// A command line in the project's directory, without a server.
    pub(super) fn stigmer<const N: usize>(&self, arguments: [&str; N]) -> Cli {
        Cli::new()
            .args(arguments)
            .cwd(self.path("project"))
            .env("HOME", self.path("home").into_string())
            .env("TMPDIR", self.path("tmp").into_string())
            .env("STIGMER_CACHE_DIR", self.path("cache").into_string())
            .env("STIGMER_GO", go().into_string())
            .env("GOCACHE", go_cache().into_string())
            .env("GOPROXY", "off")
    }

    /// Nothing is left where commands work.
    pub(super) fn assert_clean(&self) {
        for folder in ["tmp", "cache/work"] {
            let path = self.path(folder);
            let left: Vec<_> = path
                .read_dir_utf8()
                .map(|entries| {
                    entries
                        .flatten()
                        .map(|entry| entry.path().to_owned())
                        .collect()
                })
                .unwrap_or_default();
            assert!(left.is_empty(), "left behind: {left:?}");
        }
    }
}

/// The Go of the tests: what `cargo e2e provision` found, or the one on PATH.
pub(super) fn go() -> Utf8PathBuf {
    if let Ok(go) = std::env::var("STIGMER_E2E_GO") {
        return go.into();
    }
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':')
        .map(|folder| Utf8Path::new(folder).join("go"))
        .find(|go| go.is_file())
        .expect("no Go for the tests of `apply`: put one on PATH or set STIGMER_E2E_GO")
}

/// Shared with other builds: the standard library is compiled once.
fn go_cache() -> Utf8PathBuf {
    let below = |variable: &str, folder: &str| {
        std::env::var(variable)
            .ok()
            .map(|value| Utf8PathBuf::from(value).join(folder))
    };
    below("GOCACHE", "")
        .or_else(|| below("XDG_CACHE_HOME", "go-build"))
        .or_else(|| below("HOME", ".cache/go-build"))
        .unwrap_or_else(|| Utf8PathBuf::from("/tmp/go-build"))
}

/// A program that declares these files, as the SDK would.
pub(super) fn declaring(files: &[(&str, Vec<u8>)]) -> String {
    let mut statements = String::new();
    for (name, content) in files {
        statements += &format!(
            "\tif err := os.WriteFile(filepath.Join(os.Getenv(\"STIGMER_OUT_DIR\"), {name:?}), []byte{{{}}}, 0o600); err != nil {{\n\t\tpanic(err)\n\t}}\n",
            content
                .iter()
                .map(u8::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    format!(
        "package main\n\nimport (\n\t\"os\"\n\t\"path/filepath\"\n)\n\nfunc main() {{\n{statements}}}\n"
    )
}

pub(super) fn agent(name: &str, instructions: &str) -> Agent {
    Agent {
        api_version: "agentic.stigmer.ai/v1".to_owned(),
        kind: "Agent".to_owned(),
        metadata: Some(ApiResourceMetadata {
            name: name.to_owned(),
            ..ApiResourceMetadata::default()
        }),
        spec: Some(AgentSpec {
            instructions: instructions.to_owned(),
            description: format!("Description of {name}"),
            ..AgentSpec::default()
        }),
        status: None,
    }
}

/// A program that declares one good agent.
pub(super) fn one_agent(name: &str) -> String {
    declaring(&[(
        "agent-0.pb",
        agent(name, "Answer in one sentence.").encode_to_vec(),
    )])
}

pub(super) fn assert_code(output: &Output, code: i32) {
    assert_eq!(output.code, code, "{output}");
}
