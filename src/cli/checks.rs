//! What can be said of resources before a server sees them. The server checks more; these are told all at once, with
//! the file, and in a dry run too.

use std::collections::BTreeSet;

use super::deploy::DeployError;
use super::slug::slug_of;
use super::synthesis::{Declared, Synthesis};
use crate::wire::agent::{Agent, SubAgent};
use crate::wire::resource::ApiResourceMetadata;
use crate::wire::skill::Skill;
use crate::wire::workflow::{Workflow, WorkflowTask};

/// Below that, the server refuses instructions.
const LEAST_INSTRUCTIONS: usize = 10;

pub(crate) fn check(synthesis: &Synthesis) -> Result<(), DeployError> {
    let mut problems = Vec::new();
    check_kind(&synthesis.skills, "skill", &mut problems, |skill| {
        (skill.metadata.as_ref(), skill_problems(skill))
    });
    check_kind(&synthesis.agents, "agent", &mut problems, |agent| {
        (agent.metadata.as_ref(), agent_problems(agent))
    });
    check_kind(
        &synthesis.workflows,
        "workflow",
        &mut problems,
        |workflow| (workflow.metadata.as_ref(), workflow_problems(workflow)),
    );
    if problems.is_empty() {
        Ok(())
    } else {
        Err(DeployError::Invalid { problems })
    }
}

fn check_kind<T>(
    declared: &[Declared<T>],
    kind: &str,
    problems: &mut Vec<String>,
    inspect: impl Fn(&T) -> (Option<&ApiResourceMetadata>, Vec<String>),
) {
    let mut slugs = BTreeSet::new();
    for item in declared {
        let (metadata, mut found) = inspect(&item.resource);
        let name = metadata.map_or("", |metadata| metadata.name.as_str());
        let slug = slug_of(metadata);
        if name.is_empty() {
            found.push("metadata.name: is required".to_owned());
        } else if slug.is_empty() {
            found.push("metadata.name: needs a letter or a digit".to_owned());
        } else if !slugs.insert(slug.clone()) {
            found.push(format!(
                "metadata.name: another {kind} of this project is {slug}, too"
            ));
        }
        let file = &item.file;
        problems.extend(
            found
                .into_iter()
                .map(|problem| format!("{file}: {kind} '{name}': {problem}")),
        );
    }
}

fn skill_problems(skill: &Skill) -> Vec<String> {
    let text = skill.spec.as_ref().map_or("", |spec| &spec.skill_md);
    require(&[("spec.skill_md", text)])
}

fn agent_problems(agent: &Agent) -> Vec<String> {
    let Some(spec) = &agent.spec else {
        return vec!["spec: is required".to_owned()];
    };
    let mut problems = Vec::new();
    check_instructions("spec.instructions", &spec.instructions, &mut problems);
    let mut names = BTreeSet::new();
    for (
        index,
        SubAgent {
            name, instructions, ..
        },
    ) in spec.sub_agents.iter().enumerate()
    {
        let path = format!("spec.sub_agents[{index}]");
        if name.is_empty() {
            problems.push(format!("{path}.name: is required"));
        } else if !names.insert(name) {
            problems.push(format!("{path}.name: another sub-agent is '{name}', too"));
        }
        check_instructions(&format!("{path}.instructions"), instructions, &mut problems);
    }
    problems
}

fn check_instructions(path: &str, text: &str, problems: &mut Vec<String>) {
    let length = text.chars().count();
    if length < LEAST_INSTRUCTIONS {
        problems.push(format!(
            "{path}: must have at least {LEAST_INSTRUCTIONS} characters, has {length}"
        ));
    }
}

fn workflow_problems(workflow: &Workflow) -> Vec<String> {
    let Some(spec) = &workflow.spec else {
        return vec!["spec: is required".to_owned()];
    };
    let mut problems = match &spec.document {
        None => vec!["spec.document: is required".to_owned()],
        Some(document) => require(&[
            ("spec.document.namespace", &document.namespace),
            ("spec.document.name", &document.name),
            ("spec.document.version", &document.version),
        ]),
    };
    if spec.tasks.is_empty() {
        problems.push("spec.tasks: must have at least one task".to_owned());
    }
    let mut names = BTreeSet::new();
    for (
        index,
        WorkflowTask {
            name,
            kind,
            task_config,
            ..
        },
    ) in spec.tasks.iter().enumerate()
    {
        let path = format!("spec.tasks[{index}]");
        if name.is_empty() {
            problems.push(format!("{path}.name: is required"));
        } else if !names.insert(name) {
            problems.push(format!("{path}.name: another task is '{name}', too"));
        }
        if *kind == 0 {
            problems.push(format!("{path}.kind: is required"));
        }
        if task_config.is_none() {
            problems.push(format!("{path}.task_config: is required"));
        }
    }
    problems
}

fn require(fields: &[(&str, &str)]) -> Vec<String> {
    fields
        .iter()
        .filter(|(_, value)| value.is_empty())
        .map(|(path, _)| format!("{path}: is required"))
        .collect()
}
