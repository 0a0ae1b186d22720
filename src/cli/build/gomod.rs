//! The little of a `go.mod` that building needs.

use camino::{Utf8Path, Utf8PathBuf};

use super::error::BuildError;

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct GoMod {
    pub(super) text: String,
    pub(super) path: String,
    pub(super) go: Option<String>,
    pub(super) requires: Vec<Require>,
    pub(super) replaces: Vec<Replace>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Require {
    pub(super) path: String,
    pub(super) version: String,
}

/// `old [version] => new [version]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replace {
    pub(super) old: String,
    pub(super) new: String,
    pub(super) new_version: Option<String>,
}

impl Replace {
    /// The directory that replaces the module, where it is one.
    pub(super) fn directory(&self, module_root: &Utf8Path) -> Option<Utf8PathBuf> {
        self.new_version
            .is_none()
            .then(|| module_root.join(&self.new))
    }
}

impl GoMod {
    pub(super) fn read(path: &Utf8Path) -> Result<Self, BuildError> {
        let text = std::fs::read_to_string(path).map_err(BuildError::file("read", path))?;
        Ok(Self::parse(text))
    }

    /// Lenient: the go command complains of what is wrong, with better words.
    pub(super) fn parse(text: String) -> Self {
        let mut module = Self::default();
        let mut block: Option<String> = None;
        for line in text.lines() {
            let line = line.split("//").next().unwrap_or_default();
            let words: Vec<&str> = line
                .split_whitespace()
                .map(|word| word.trim_matches(['"', '`']))
                .collect();
            match (words.as_slice(), &block) {
                ([], _) => {}
                ([")"], _) => block = None,
                ([verb, "("], _) => block = Some((*verb).to_owned()),
                (rest, Some(verb)) => module.directive(verb, rest),
                ([verb, rest @ ..], None) => module.directive(verb, rest),
            }
        }
        module.text = text;
        module
    }

    fn directive(&mut self, verb: &str, words: &[&str]) {
        match (verb, words) {
            ("module", [path]) => self.path = (*path).to_owned(),
            ("go", [version]) => self.go = Some((*version).to_owned()),
            ("require", [path, version]) => self.requires.push(Require {
                path: (*path).to_owned(),
                version: (*version).to_owned(),
            }),
            ("replace", words) => self.replace(words),
            _ => {}
        }
    }

    fn replace(&mut self, words: &[&str]) {
        let Some(arrow) = words.iter().position(|word| *word == "=>") else {
            return;
        };
        let (old, new) = (&words[..arrow], &words[arrow + 1..]);
        if let (Some(old), Some(target)) = (old.first(), new.first()) {
            self.replaces.push(Replace {
                old: (*old).to_owned(),
                new: (*target).to_owned(),
                new_version: new.get(1).map(|version| (*version).to_owned()),
            });
        }
    }

    pub(super) fn replaces_module(&self, path: &str) -> bool {
        self.replaces.iter().any(|replace| replace.old == path)
    }
}
