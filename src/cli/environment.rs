//! The environment variables that a command line was given.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use camino::Utf8PathBuf;

/// Variables by name. An empty value counts as absent, as shells' users expect.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    pub(crate) fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.0.insert(name.into(), value.into());
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(OsStr::new(name));
    }

    /// The value as text; absent when unset, empty or not UTF-8.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(OsStr::new(name))?
            .to_str()
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn path(&self, name: &str) -> Option<Utf8PathBuf> {
        self.get(name).map(Utf8PathBuf::from)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.0.iter()
    }
}
