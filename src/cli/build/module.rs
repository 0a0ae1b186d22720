//! Modules around programs that have none, and what is added to those of others.

use std::fmt::Write as _;
use std::os::unix::fs::symlink;

use camino::{Utf8Path, Utf8PathBuf};

use super::digest::{self, SourceFile};
use super::error::BuildError;
use super::gomod::{GoMod, Replace, Require};
use super::sdk::{SDK_MODULE, STUBS_MODULE, Sdk};

/// Stands in panics, in front of the file's name.
const GENERATED_MODULE: &str = "stigmer.local/project";

/// Replaced modules have no version; this is how one writes that.
const NO_VERSION: &str = "v0.0.0";

/// Makes a module in `folder` out of `files`, which import the SDK.
pub(super) fn generate(
    folder: &Utf8Path,
    files: &[SourceFile],
    sdk: &Sdk,
) -> Result<(), BuildError> {
    for file in files {
        let copy = folder.join(&file.name);
        if let Some(parent) = copy.parent() {
            std::fs::create_dir_all(parent).map_err(BuildError::file("make", parent))?;
        }
        std::fs::copy(&file.path, &copy).map_err(BuildError::file("copy", &file.path))?;
    }
    let sdk_module = GoMod::read(&sdk.directory.join("go.mod"))?;
    let vendor = sdk.vendor();
    let mut requires = vec![Require {
        path: SDK_MODULE.to_owned(),
        version: NO_VERSION.to_owned(),
    }];
    requires.extend(sdk_module.requires.iter().cloned());
    if vendor.is_none() {
        let stubs_module = GoMod::read(&sdk.stubs.join("go.mod"))?;
        for require in stubs_module.requires {
            if !requires.iter().any(|known| known.path == require.path) {
                requires.push(require);
            }
        }
    }
    let replaces = replaces(&sdk_module, sdk);
    write(folder, "go.mod", &go_mod(&sdk_module, &requires, &replaces))?;
    match vendor {
        Some(vendor) => link_vendor(folder, sdk, &vendor, &sdk_module, &replaces),
        None => write(folder, "go.sum", &sums(sdk)),
    }
}

/// Makes `go.mod` and `go.sum` in `folder` for a project's own module: its own, with the SDK's place added where it
/// names none.
pub(super) fn extend(
    folder: &Utf8Path,
    root: &Utf8Path,
    module: &GoMod,
    sdk: Option<&Sdk>,
) -> Result<Utf8PathBuf, BuildError> {
    let mut text = module.text.clone();
    let mut sum = std::fs::read_to_string(root.join("go.sum")).unwrap_or_default();
    if let Some(sdk) = sdk {
        for (path, directory) in [(SDK_MODULE, &sdk.directory), (STUBS_MODULE, &sdk.stubs)] {
            if !module.replaces_module(path) {
                let _infallible = write!(text, "\nreplace {path} => {}\n", quoted(directory));
            }
        }
        sum.push('\n');
        sum.push_str(&sums(sdk));
    }
    write(folder, "go.sum", &sum)?;
    write(folder, "go.mod", &text)?;
    Ok(folder.join("go.mod"))
}

fn replaces(sdk_module: &GoMod, sdk: &Sdk) -> Vec<Replace> {
    let directory = |old: &str, new: &Utf8Path| Replace {
        old: old.to_owned(),
        new: new.to_string(),
        new_version: None,
    };
    let mut replaces = vec![
        directory(SDK_MODULE, &sdk.directory),
        directory(STUBS_MODULE, &sdk.stubs),
    ];
    for replace in &sdk_module.replaces {
        if replace.old != STUBS_MODULE {
            let new = replace.directory(&sdk.directory);
            replaces.push(Replace {
                new: new.map_or_else(|| replace.new.clone(), Utf8PathBuf::into_string),
                ..replace.clone()
            });
        }
    }
    replaces
}

fn go_mod(sdk_module: &GoMod, requires: &[Require], replaces: &[Replace]) -> String {
    let mut text = format!("module {GENERATED_MODULE}\n");
    if let Some(go) = &sdk_module.go {
        let _infallible = write!(text, "\ngo {go}\n");
    }
    for require in requires {
        let _infallible = write!(text, "\nrequire {} {}", require.path, require.version);
    }
    for replace in replaces {
        let version = replace.new_version.as_deref().unwrap_or_default();
        let new = quoted(Utf8Path::new(&replace.new));
        let _infallible = write!(text, "\nreplace {} => {new} {version}", replace.old);
    }
    text.push('\n');
    text
}

fn sums(sdk: &Sdk) -> String {
    [&sdk.directory, &sdk.stubs]
        .map(|folder| std::fs::read_to_string(folder.join("go.sum")).unwrap_or_default())
        .join("\n")
}

/// A vendor folder of links: the SDK, and what its own vendor folder has. Needs neither network nor module cache.
fn link_vendor(
    folder: &Utf8Path,
    sdk: &Sdk,
    sdk_vendor: &Utf8Path,
    sdk_module: &GoMod,
    replaces: &[Replace],
) -> Result<(), BuildError> {
    let list = sdk_vendor.join("modules.txt");
    let list = std::fs::read_to_string(&list).map_err(BuildError::file("read", &list))?;
    let vendor = folder.join("vendor");
    link(&sdk.directory, &vendor.join(SDK_MODULE))?;
    let mut modules: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix("# ")?.split(' ').next())
        .collect();
    modules.sort_unstable();
    modules.dedup();
    for module in modules {
        let source = sdk_vendor.join(module);
        let target = vendor.join(module);
        // A module below another one came with the other's link.
        if source.is_dir() && !target.exists() {
            link(&source, &target)?;
        }
    }
    write(
        &vendor,
        "modules.txt",
        &modules_txt(sdk, sdk_module, &list, replaces)?,
    )
}

/// The go command compares this list with `go.mod` line by line.
fn modules_txt(
    sdk: &Sdk,
    sdk_module: &GoMod,
    list: &str,
    replaces: &[Replace],
) -> Result<String, BuildError> {
    let go = sdk_module.go.as_deref().unwrap_or("1.17");
    let mut text = format!("# {SDK_MODULE} {NO_VERSION} => {}\n", sdk.directory);
    let _infallible = writeln!(text, "## explicit; go {go}");
    for package in packages(&sdk.directory)? {
        let _infallible = writeln!(text, "{SDK_MODULE}/{package}");
    }
    for line in list.lines() {
        // Replacements by folders: named at the end, and behind each module's version.
        let replaced = replaces.iter().find(|replace| {
            line.strip_prefix("# ")
                .is_some_and(|rest| rest.split(' ').next() == Some(&replace.old))
        });
        match (replaced, line.split_once(" => ")) {
            (Some(_), Some((module, _))) if module.split(' ').count() == 2 => {}
            (Some(replace), Some((module, _))) => {
                let _infallible = writeln!(text, "{module} => {}", replace.new);
            }
            _ => {
                let _infallible = writeln!(text, "{line}");
            }
        }
    }
    for replace in replaces {
        let _infallible = writeln!(text, "# {} => {}", replace.old, replace.new);
    }
    Ok(text)
}

/// Folders of the SDK that hold packages.
fn packages(directory: &Utf8Path) -> Result<Vec<String>, BuildError> {
    let mut packages: Vec<String> = digest::files(directory)?
        .into_iter()
        .filter(|file| file.name.extension() == Some("go") && !file.name.starts_with("vendor"))
        .filter_map(|file| file.name.parent().map(Utf8Path::to_string))
        .filter(|package| !package.is_empty())
        .collect();
    packages.dedup();
    Ok(packages)
}

fn link(source: &Utf8Path, target: &Utf8Path) -> Result<(), BuildError> {
    if let Some(parent) = target.parent() {
        std::fs::create_dir_all(parent).map_err(BuildError::file("make", parent))?;
    }
    symlink(source, target).map_err(BuildError::file("link", target))
}

fn write(folder: &Utf8Path, name: &str, text: &str) -> Result<(), BuildError> {
    let path = folder.join(name);
    std::fs::write(&path, text).map_err(BuildError::file("write", &path))
}

/// `go.mod` reads blanks and commas in names only in quotes.
fn quoted(path: &Utf8Path) -> String {
    format!("\"{path}\"")
}
