//! The order of a deployment.

use std::collections::BTreeMap;

use crate::cli::deploy::{Resource, items, waves};
use crate::cli::synthesis::{Declared, Synthesis};
use crate::wire::resource::ApiResourceMetadata;
use crate::wire::skill::Skill;
use crate::wire::workflow::Workflow;

fn declared<T>(resource: T) -> Declared<T> {
    Declared {
        file: String::new(),
        resource,
    }
}

fn named(name: &str) -> Option<ApiResourceMetadata> {
    Some(ApiResourceMetadata {
        name: name.to_owned(),
        ..ApiResourceMetadata::default()
    })
}

fn project() -> Vec<Declared<Resource>> {
    let skill = |name| Skill {
        metadata: named(name),
        ..Skill::default()
    };
    let workflow = |name| Workflow {
        metadata: named(name),
        ..Workflow::default()
    };
    items(Synthesis {
        skills: vec![declared(skill("s"))],
        agents: ["a", "b"]
            .map(|name| declared(super::sandbox::agent(name, "")))
            .to_vec(),
        workflows: vec![declared(workflow("w"))],
        dependencies: BTreeMap::new(),
    })
}

fn order(dependencies: &[(&str, &[&str])]) -> Result<Vec<Vec<usize>>, String> {
    let dependencies = dependencies
        .iter()
        .map(|(node, needs)| {
            (
                (*node).to_owned(),
                needs.iter().map(|need| (*need).to_owned()).collect(),
            )
        })
        .collect();
    waves(&project(), &dependencies).map_err(|error| error.to_string())
}

// Items are 0 skill s, 1 agent a, 2 agent b, 3 workflow w.

#[test]
fn workflows_come_after_everything_else_goes_side_by_side() {
    assert_eq!(order(&[]), Ok(vec![vec![0, 1, 2], vec![3]]));
}

#[test]
fn what_is_needed_comes_first() {
    assert_eq!(
        order(&[("agent:a", &["skill:s"])]),
        Ok(vec![vec![0, 2], vec![1], vec![3]])
    );
    assert_eq!(
        order(&[("agent:a", &["agent:b"]), ("agent:b", &["skill:s"])]),
        Ok(vec![vec![0], vec![2], vec![1], vec![3]])
    );
}

#[test]
fn what_is_not_of_the_project_is_taken_to_be_there() {
    assert_eq!(
        order(&[("agent:a", &["skill:elsewhere"])]),
        Ok(vec![vec![0, 1, 2], vec![3]])
    );
}

#[test]
fn a_circle_is_told_with_its_members() {
    let told = order(&[("agent:a", &["agent:b"]), ("agent:b", &["agent:a"])]).unwrap_err();
    assert_eq!(
        told,
        "these resources need each other in a circle: agent:a, agent:b, workflow:w"
    );
}
