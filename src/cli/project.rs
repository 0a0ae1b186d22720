//! Which program declares the resources: a project with a `Stigmer.yaml`, or a single Go file.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use thiserror::Error;

pub(crate) const PROJECT_FILE: &str = "Stigmer.yaml";
const RUNTIME: &str = "go";

/// A program and where it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Project {
    /// What the project file says; `None` for a single Go file.
    pub(crate) file: Option<ProjectFile>,
    /// The entry point.
    pub(crate) main: Utf8PathBuf,
    /// Where the program runs.
    pub(crate) directory: Utf8PathBuf,
}

/// A valid `Stigmer.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectFile {
    pub(crate) name: String,
    pub(crate) runtime: String,
    pub(crate) version: Option<String>,
    pub(crate) main: Utf8PathBuf,
}

#[derive(Debug, Error)]
pub(crate) enum ProjectError {
    #[error("{PROJECT_FILE} not found in {place}")]
    Missing { place: String },
    #[error("{path} does not exist")]
    NoSuchPath { path: Utf8PathBuf },
    #[error("cannot read {path}")]
    Unreadable {
        path: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path} is not valid YAML")]
    Malformed {
        path: Utf8PathBuf,
        #[source]
        source: Box<serde_saphyr::Error>,
    },
    #[error("{path}: {}", problems.join("; "))]
    Invalid {
        path: Utf8PathBuf,
        problems: Vec<String>,
    },
    #[error("{path} is neither a directory, a {PROJECT_FILE} nor a Go file")]
    Unsuitable { path: Utf8PathBuf },
}

impl ProjectError {
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Missing { .. } => "This is not a Stigmer project directory.\n\n\
                 To make it one, write a Stigmer.yaml:\n\
                 \x20 name: my-project\n\
                 \x20 runtime: go\n\n\
                 Or, if you have a Stigmer.yaml in another directory:\n\
                 \x20 stigmer apply --config /path/to/Stigmer.yaml"
                .to_owned(),
            Self::Invalid { .. } => {
                "A project needs `name:` and `runtime: go`; `version:` and `main:` are optional."
                    .to_owned()
            }
            Self::Malformed { path, .. } | Self::Unreadable { path, .. } => {
                format!("Correct {path}.")
            }
            Self::NoSuchPath { .. } | Self::Unsuitable { .. } => {
                "Give a directory with a Stigmer.yaml, that file, or a single .go file.".to_owned()
            }
        }
    }
}

/// The file as it is written; everything optional, so that all mistakes are told together.
#[derive(Debug, Default, Deserialize)]
struct Written {
    name: Option<String>,
    runtime: Option<String>,
    version: Option<String>,
    main: Option<Utf8PathBuf>,
}

impl Project {
    /// True when `directory` is a project.
    pub(crate) fn is_here(directory: &Utf8Path) -> bool {
        directory.join(PROJECT_FILE).is_file()
    }

    /// Finds the project that `config` names, or that of `directory`.
    pub(crate) fn load(
        config: Option<&Utf8Path>,
        directory: &Utf8Path,
    ) -> Result<Self, ProjectError> {
        let Some(config) = config else {
            let file = directory.join(PROJECT_FILE);
            if !file.is_file() {
                return Err(ProjectError::Missing {
                    place: "current directory".to_owned(),
                });
            }
            return Self::read(file);
        };
        let path = directory.join(config);
        if path.is_dir() {
            let file = path.join(PROJECT_FILE);
            return if file.is_file() {
                Self::read(file)
            } else {
                Err(ProjectError::Missing {
                    place: path.into_string(),
                })
            };
        }
        if !path.exists() {
            return Err(ProjectError::NoSuchPath { path });
        }
        match path.extension() {
            Some("go") => Ok(Self::single_file(path)),
            Some("yaml" | "yml") => Self::read(path),
            _ => Err(ProjectError::Unsuitable { path }),
        }
    }

    fn single_file(main: Utf8PathBuf) -> Self {
        let directory = parent(&main);
        Self {
            file: None,
            main,
            directory,
        }
    }

    fn read(path: Utf8PathBuf) -> Result<Self, ProjectError> {
        let text = std::fs::read_to_string(&path).map_err(|source| ProjectError::Unreadable {
            path: path.clone(),
            source,
        })?;
        let written: Result<Option<Written>, _> = serde_saphyr::from_str(&text);
        let written = written.map_err(|source| ProjectError::Malformed {
            path: path.clone(),
            source: Box::new(source),
        })?;
        let directory = parent(&path);
        let file = written
            .unwrap_or_default()
            .check(&directory)
            .map_err(|problems| ProjectError::Invalid { path, problems })?;
        Ok(Self {
            main: directory.join(&file.main),
            file: Some(file),
            directory,
        })
    }
}

impl Written {
    fn check(self, directory: &Utf8Path) -> Result<ProjectFile, Vec<String>> {
        let mut problems = Vec::new();
        let name = self.name.unwrap_or_default();
        if name.trim().is_empty() {
            problems.push("'name' is required".to_owned());
        }
        let runtime = self.runtime.unwrap_or_default();
        if runtime.trim().is_empty() {
            problems.push("'runtime' is required".to_owned());
        } else if runtime != RUNTIME {
            problems.push(format!(
                "unsupported runtime '{runtime}' (currently supported: {RUNTIME})"
            ));
        }
        let main = self.main.unwrap_or_else(|| "main.go".into());
        if main.extension() != Some("go") {
            problems.push(format!("'main' must be a Go file, not '{main}'"));
        } else if !directory.join(&main).is_file() {
            problems.push(format!("'main' names {main}, which does not exist"));
        }
        if problems.is_empty() {
            Ok(ProjectFile {
                name,
                runtime,
                version: self.version,
                main,
            })
        } else {
            Err(problems)
        }
    }
}

fn parent(path: &Utf8Path) -> Utf8PathBuf {
    path.parent().unwrap_or(Utf8Path::new("/")).to_owned()
}
