//! What a project's program declared: the files that the SDK wrote.

use std::collections::BTreeMap;
use std::io;

use camino::Utf8Path;
use prost::Message;
use thiserror::Error;

use crate::wire::agent::Agent;
use crate::wire::skill::Skill;
use crate::wire::workflow::Workflow;

const DEPENDENCIES: &str = "dependencies.json";

/// Resources in the order of their numbers, each with the file that it came from.
#[derive(Debug, Default)]
pub(crate) struct Synthesis {
    pub(crate) skills: Vec<Declared<Skill>>,
    pub(crate) agents: Vec<Declared<Agent>>,
    pub(crate) workflows: Vec<Declared<Workflow>>,
    /// Per resource, what has to be there before it: `agent:slug` needs `skill:slug`.
    pub(crate) dependencies: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Declared<T> {
    pub(crate) file: String,
    pub(crate) resource: T,
}

#[derive(Debug, Error)]
pub(crate) enum SynthesisError {
    #[error("no resources found in synthesis output")]
    Nothing,
    #[error("cannot read {file}")]
    Unreadable {
        file: String,
        #[source]
        source: io::Error,
    },
    #[error("{file} is not the {kind} that its name promises")]
    Undecodable {
        file: String,
        kind: &'static str,
        #[source]
        source: prost::DecodeError,
    },
    #[error("{DEPENDENCIES} is not an object of lists")]
    Dependencies(#[source] serde_json::Error),
}

impl SynthesisError {
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Nothing => "The program has to declare resources in `stigmer.Run(func(ctx *stigmer.Context) error { … })`, \
                 with agent.New or workflow.New on that ctx."
                .to_owned(),
            _ => "The SDK writes these files; does its version fit this command line?".to_owned(),
        }
    }
}

impl Synthesis {
    pub(crate) fn read(directory: &Utf8Path) -> Result<Self, SynthesisError> {
        let names = names(directory)?;
        let synthesis = Self {
            skills: decode(directory, &names, "skill", "Skill")?,
            agents: decode(directory, &names, "agent", "Agent")?,
            workflows: decode(directory, &names, "workflow", "Workflow")?,
            dependencies: dependencies(directory)?,
        };
        if synthesis.total() == 0 {
            return Err(SynthesisError::Nothing);
        }
        Ok(synthesis)
    }

    pub(crate) fn total(&self) -> usize {
        self.skills.len() + self.agents.len() + self.workflows.len()
    }
}

fn names(directory: &Utf8Path) -> Result<Vec<String>, SynthesisError> {
    let unreadable = |source| SynthesisError::Unreadable {
        file: directory.to_string(),
        source,
    };
    let mut names = Vec::new();
    for entry in directory.read_dir_utf8().map_err(unreadable)? {
        names.push(entry.map_err(unreadable)?.file_name().to_owned());
    }
    Ok(names)
}

/// Decodes `kind-N.pb`, in the order of N.
fn decode<T: Message + Default>(
    directory: &Utf8Path,
    names: &[String],
    prefix: &str,
    kind: &'static str,
) -> Result<Vec<Declared<T>>, SynthesisError> {
    let mut numbered: Vec<(u32, &String)> = names
        .iter()
        .filter_map(|name| {
            let number = name
                .strip_prefix(prefix)?
                .strip_prefix('-')?
                .strip_suffix(".pb")?;
            Some((number.parse().ok()?, name))
        })
        .collect();
    numbered.sort();
    let decode_one = |(_, name): (u32, &String)| {
        let bytes =
            std::fs::read(directory.join(name)).map_err(|source| SynthesisError::Unreadable {
                file: name.clone(),
                source,
            })?;
        let resource =
            T::decode(bytes.as_slice()).map_err(|source| SynthesisError::Undecodable {
                file: name.clone(),
                kind,
                source,
            })?;
        Ok(Declared {
            file: name.clone(),
            resource,
        })
    };
    numbered.into_iter().map(decode_one).collect()
}

fn dependencies(directory: &Utf8Path) -> Result<BTreeMap<String, Vec<String>>, SynthesisError> {
    match std::fs::read(directory.join(DEPENDENCIES)) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(SynthesisError::Dependencies),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(source) => Err(SynthesisError::Unreadable {
            file: DEPENDENCIES.to_owned(),
            source,
        }),
    }
}
