//! Which server to talk to, and who said so.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use thiserror::Error;

use super::environment::Environment;

const DEFAULT_ADDRESS: &str = "127.0.0.1:7234";
const VARIABLES: [&str; 2] = ["STIGMER_SERVER_ADDR", "STIGMER_SERVER"];

/// Address of a server and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerAddress {
    host: String,
    port: u16,
    origin: Origin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Flag,
    Variable(&'static str),
    File(Utf8PathBuf),
    Default,
}

#[derive(Debug, Error)]
pub(crate) enum SettingsError {
    #[error("the server address {text:?} ({origin}) is not HOST:PORT")]
    Address { text: String, origin: Origin },
    #[error("cannot read {path}")]
    Unreadable {
        path: Utf8PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{path} is not valid YAML")]
    Malformed {
        path: Utf8PathBuf,
        #[source]
        source: Box<serde_saphyr::Error>,
    },
}

impl SettingsError {
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Address { .. } => "Write it like 127.0.0.1:7234.".to_owned(),
            Self::Unreadable { path, .. } | Self::Malformed { path, .. } => {
                format!("Correct {path} or set {}.", VARIABLES[0])
            }
        }
    }
}

/// The user's file; keys of other programs are none of our business.
#[derive(Debug, Default, Deserialize)]
struct ConfigurationFile {
    server: Option<String>,
}

impl ServerAddress {
    /// The first of: the flag, the two variables, the file under HOME, the default.
    pub(crate) fn find(
        flag: Option<&str>,
        environment: &Environment,
    ) -> Result<Self, SettingsError> {
        if let Some(flag) = flag {
            return Self::parse(flag, Origin::Flag);
        }
        for name in VARIABLES {
            if let Some(value) = environment.get(name) {
                return Self::parse(value, Origin::Variable(name));
            }
        }
        if let Some(home) = environment.path("HOME") {
            let path = home.join(".stigmer").join("config.yaml");
            if let Some(server) = read(&path)?.server {
                return Self::parse(&server, Origin::File(path));
            }
        }
        Self::parse(DEFAULT_ADDRESS, Origin::Default)
    }

    fn parse(text: &str, origin: Origin) -> Result<Self, SettingsError> {
        let bare = text.strip_prefix("http://").unwrap_or(text);
        let parsed = bare
            .trim_end_matches('/')
            .rsplit_once(':')
            .and_then(|(host, port)| {
                let port = port.parse::<u16>().ok().filter(|port| *port != 0)?;
                let valid = !host.is_empty() && !host.contains(['/', ' ', '@']);
                valid.then(|| (dialled(host), port))
            });
        match parsed {
            Some((host, port)) => Ok(Self { host, port, origin }),
            None => Err(SettingsError::Address {
                text: text.to_owned(),
                origin,
            }),
        }
    }

    /// As tonic wants it.
    pub(crate) fn uri(&self) -> String {
        format!("http://{}:{}", self.host, self.port)
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// `localhost` may be ::1 first, where servers listen on 127.0.0.1 only.
fn dialled(host: &str) -> String {
    if host.eq_ignore_ascii_case("localhost") {
        "127.0.0.1".to_owned()
    } else {
        host.to_owned()
    }
}

fn read(path: &Utf8Path) -> Result<ConfigurationFile, SettingsError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(ConfigurationFile::default());
        }
        Err(source) => {
            return Err(SettingsError::Unreadable {
                path: path.to_owned(),
                source,
            });
        }
    };
    let parsed: Result<Option<ConfigurationFile>, _> = serde_saphyr::from_str(&text);
    match parsed {
        Ok(file) => Ok(file.unwrap_or_default()),
        Err(source) => Err(SettingsError::Malformed {
            path: path.to_owned(),
            source: Box::new(source),
        }),
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => formatter.write_str("from --server"),
            Self::Variable(name) => write!(formatter, "from {name}"),
            Self::File(path) => write!(formatter, "from {path}"),
            Self::Default => formatter.write_str("the default"),
        }
    }
}
