//! What lies in the server's database, read beside the living server.

use std::collections::BTreeSet;
use std::io;
use std::process::Command;

use camino::Utf8PathBuf;
use serde_json::Value;

/// Why the database could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the stack has no server, so it has no database")]
    NoServer,
    #[error("cannot run {program}")]
    Run {
        program: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{program} could not read the database: {message}")]
    Failed {
        program: Utf8PathBuf,
        message: String,
    },
    #[error("{program} answered something that is not JSON")]
    Answer {
        program: Utf8PathBuf,
        #[source]
        source: serde_json::Error,
    },
}

/// The keys of a database at one moment, and how to read their values.
#[derive(Debug)]
pub struct Store {
    program: Utf8PathBuf,
    database: Utf8PathBuf,
    keys: BTreeSet<String>,
}

impl Store {
    pub(super) fn read(program: Utf8PathBuf, database: Utf8PathBuf) -> Result<Self, StoreError> {
        let answer = ask(&program, &["keys", database.as_str()])?;
        let keys = serde_json::from_value(answer).map_err(|source| StoreError::Answer {
            program: program.clone(),
            source,
        })?;
        Ok(Self {
            program,
            database,
            keys,
        })
    }

    /// Whether this key is there.
    pub fn contains(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// All keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }

    /// The value of a key as it is now: a resource as JSON, an index entry as a string.
    pub fn get(&self, key: &str) -> Result<Value, StoreError> {
        let answer = ask(&self.program, &["get", self.database.as_str(), key])?;
        Ok(answer.get(key).cloned().unwrap_or(Value::Null))
    }
}

fn ask(program: &Utf8PathBuf, arguments: &[&str]) -> Result<Value, StoreError> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|source| StoreError::Run {
            program: program.clone(),
            source,
        })?;
    if !output.status.success() {
        return Err(StoreError::Failed {
            program: program.clone(),
            message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    serde_json::from_slice(&output.stdout).map_err(|source| StoreError::Answer {
        program: program.clone(),
        source,
    })
}
