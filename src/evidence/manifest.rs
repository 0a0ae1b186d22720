//! `manifest.json`: what was started, how, and how it ended.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::distribution::ServiceReport;

/// All of a stack, for people and scripts.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Manifest {
    pub test: String,
    pub run: String,
    pub stack: String,
    /// What the test, or whoever ended it, said.
    pub failure: String,
    /// Temporal namespace.
    pub namespace: String,
    pub services: Vec<ServiceEntry>,
    /// Milliseconds from the start of the stack until each step was done.
    pub timings_ms: BTreeMap<String, f64>,
    /// Processes that were left behind.
    pub leaks: Vec<String>,
}

/// One service process.
#[derive(Debug, Clone, Serialize)]
pub struct ServiceEntry {
    pub service: String,
    pub command: Vec<String>,
    /// Its whole environment; values of secrets are masked.
    pub environment: BTreeMap<String, String>,
    pub directory: String,
    pub pid: u32,
    /// How it ended; nothing when it ran until the stack was stopped.
    pub ended: Option<String>,
}

impl ServiceEntry {
    /// What is known of a service, without secrets.
    pub fn new(report: ServiceReport) -> Self {
        let spec = report.spec;
        Self {
            command: std::iter::once(spec.program.into_string())
                .chain(spec.arguments)
                .collect(),
            environment: spec
                .environment
                .into_iter()
                .map(|(name, value)| {
                    let value = if is_secret(&name) {
                        "***".to_owned()
                    } else {
                        value
                    };
                    (name, value)
                })
                .collect(),
            service: spec.service,
            directory: spec.directory.into_string(),
            pid: report.pid,
            ended: report.ended,
        }
    }
}

/// Whether a variable of this name holds a secret, going by the words that name secrets.
fn is_secret(name: &str) -> bool {
    ["KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL"]
        .iter()
        .any(|word| name.to_ascii_uppercase().contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ProcessSpec;

    #[test]
    fn secrets_are_masked() {
        let names = ["STIGMER_API_KEY", "GITHUB_token", "DB_PASSWORD", "HOME"];
        let report = ServiceReport {
            spec: ProcessSpec {
                service: "server".to_owned(),
                program: "/bin/true".into(),
                arguments: vec!["--flag".to_owned()],
                environment: names
                    .map(|name| (name.to_owned(), "value".to_owned()))
                    .into(),
                directory: "/".into(),
                log: "/log".into(),
            },
            pid: 1,
            ended: None,
        };
        let entry = ServiceEntry::new(report);
        for name in &names[..3] {
            assert_eq!(entry.environment[*name], "***");
        }
        assert_eq!(entry.environment["HOME"], "value");
        assert_eq!(entry.command, ["/bin/true", "--flag"]);
    }
}
