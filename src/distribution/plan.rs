//! What a distribution has to know to start the services of one stack.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::service::Identity;

/// One stack: where it lives and whom its services talk to.
#[derive(Debug, Clone)]
pub struct StackPlan {
    pub identity: Identity,
    /// Private folder: database, HOME, TMPDIR.
    pub folder: Utf8PathBuf,
    /// Folder of the logs, one per service.
    pub logs: Utf8PathBuf,
    pub namespace: String,
    /// Temporal's frontend.
    pub temporal: SocketAddr,
    /// Where the server listens or will listen.
    pub server: SocketAddr,
    /// Base address of the scripted model.
    pub model: Option<SocketAddr>,
    /// `PATH` of the services: what an agent's tool servers are looked for on.
    pub path: String,
    /// How long each service may take to become ready.
    pub start_limit: Duration,
    /// Beyond what the distribution sets, for all services: time limits, for one.
    pub environment: BTreeMap<String, String>,
}

impl StackPlan {
    /// Nobody listens there: calls to what a stack does not have fail at once.
    pub const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

    /// Folder of the server's database.
    pub fn database(&self) -> Utf8PathBuf {
        self.folder.join("database")
    }

    /// Folders that have to exist before a service is started.
    pub fn folders(&self) -> Vec<Utf8PathBuf> {
        ["home", "tmp", "storage", "workspace"]
            .iter()
            .map(|name| self.folder.join(name))
            .collect()
    }

    /// The environment that all services share: nothing of the caller's but `PATH`.
    pub(super) fn base_environment(&self) -> BTreeMap<String, String> {
        let mut environment = BTreeMap::from(
            [
                ("HOME", self.folder.join("home").as_str()),
                ("TMPDIR", self.folder.join("tmp").as_str()),
                ("PATH", self.path.as_str()),
                ("LANG", "C.UTF-8"),
                ("TZ", "UTC"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        self.identity.mark(&mut environment);
        environment
    }

    /// Log of a service.
    pub(super) fn log(&self, service: &str) -> Utf8PathBuf {
        self.logs.join(format!("{service}.log"))
    }

    /// Where processes start: the private folder.
    pub(super) fn directory(&self) -> &Utf8Path {
        &self.folder
    }
}
