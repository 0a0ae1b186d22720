//! `poetry.lock`, as a list that pip installs from with digests.

use std::fmt::Write;

use serde::Deserialize;

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "lock-version")]
    version: String,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    #[serde(default)]
    groups: Vec<String>,
    markers: Option<Markers>,
    files: Vec<File>,
}

/// One expression for all groups, or one a group.
#[derive(Deserialize)]
#[serde(untagged)]
enum Markers {
    All(String),
    ByGroup(std::collections::BTreeMap<String, String>),
}

#[derive(Deserialize)]
struct File {
    hash: String,
}

/// Turns the lock into pip's form: a line a package of these groups, with its marker and all digests. `main` is the group
/// of what the program itself needs.
pub(super) fn from_lock(text: &str, groups: &[&str]) -> Result<String, String> {
    let lock: Lock = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    // Form 2.1 is the one that has `groups` and `markers`; a later minor version only adds.
    if !lock.metadata.version.starts_with("2.") || lock.metadata.version == "2.0" {
        return Err(format!(
            "lock-version {} is not 2.1 or a later 2.x",
            lock.metadata.version
        ));
    }
    let mut out = String::new();
    for package in &lock.package {
        let Some(group) = groups
            .iter()
            .find(|group| package.groups.iter().any(|of| of == *group))
        else {
            continue;
        };
        if package.files.is_empty() {
            return Err(format!("{} has no files", package.name));
        }
        let _ = write!(out, "{}=={}", package.name, package.version);
        let marker = match &package.markers {
            None => None,
            Some(Markers::All(marker)) => Some(marker),
            Some(Markers::ByGroup(markers)) => markers.get(*group),
        };
        if let Some(marker) = marker {
            let _ = write!(out, " ; {marker}");
        }
        for file in &package.files {
            let _ = write!(out, " --hash={}", file.hash);
        }
        out.push('\n');
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
[[package]]
name = "anyio"
version = "4.12.1"
groups = ["main", "dev"]
markers = {main = "python_version < \"3.13\"", dev = "extra == \"x\""}
files = [
    {file = "anyio.whl", hash = "sha256:aa"},
    {file = "anyio.tar.gz", hash = "sha256:bb"},
]

[[package]]
name = "colorama"
version = "0.4.6"
groups = ["main"]
markers = "sys_platform == \"win32\""
files = [{file = "colorama.whl", hash = "sha256:cc"}]

[[package]]
name = "pytest"
version = "9.0.0"
groups = ["dev"]
files = [{file = "pytest.whl", hash = "sha256:dd"}]

[metadata]
lock-version = "2.1"
python-versions = ">=3.11"
content-hash = "x"
"#;

    #[test]
    fn the_main_group_is_listed_with_markers_and_digests() {
        assert_eq!(
            from_lock(LOCK, &["main"]).unwrap(),
            "anyio==4.12.1 ; python_version < \"3.13\" --hash=sha256:aa --hash=sha256:bb\n\
             colorama==0.4.6 ; sys_platform == \"win32\" --hash=sha256:cc\n"
        );
    }

    #[test]
    fn further_groups_come_on_top() {
        let requirements = from_lock(LOCK, &["main", "dev"]).unwrap();
        assert_eq!(requirements.lines().count(), 3);
        assert!(requirements.ends_with("pytest==9.0.0 --hash=sha256:dd\n"));
    }

    #[test]
    fn an_older_form_is_refused() {
        let error = from_lock(&LOCK.replace("\"2.1\"", "\"2.0\""), &["main"]).unwrap_err();
        assert!(error.contains("2.0"), "{error}");
    }

    #[test]
    fn a_package_without_files_is_refused() {
        let lock = LOCK.replace("[{file = \"colorama.whl\", hash = \"sha256:cc\"}]", "[]");
        assert_eq!(
            from_lock(&lock, &["main"]).unwrap_err(),
            "colorama has no files"
        );
    }
}
