//! Deploying resources side by side, each after those that it needs.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use thiserror::Error;

use super::archive;
use super::connection::{APPLY_LIMIT, Connection};
use super::console::Console;
use super::error::CliError;
use super::shown::Shown;
use super::slug::slug_of;
use super::synthesis::{Declared, Synthesis};
use crate::wire::agent::Agent;
use crate::wire::agent::agent_command_controller_client::AgentCommandControllerClient;
use crate::wire::resource::{ApiResourceAudit, ApiResourceMetadata, ApiResourceOwnerScope};
use crate::wire::skill::skill_command_controller_client::SkillCommandControllerClient;
use crate::wire::skill::{PushSkillRequest, Skill};
use crate::wire::workflow::Workflow;
use crate::wire::workflow::workflow_command_controller_client::WorkflowCommandControllerClient;

/// The server validates each workflow in a workflow of its own; more at once only wait there.
const MOST_AT_ONCE: usize = 16;

#[derive(Debug, Error)]
pub(crate) enum DeployError {
    #[error("the project declares what cannot be deployed:{}", lines(problems))]
    Invalid { problems: Vec<String> },
    #[error("these resources need each other in a circle: {}", nodes.join(", "))]
    Circle { nodes: Vec<String> },
    #[error("{} of {total} resource(s) were not deployed:{}", problems.len(), lines(problems))]
    Refused {
        total: usize,
        problems: Vec<String>,
        hint: Option<String>,
    },
}

impl DeployError {
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid { .. } => Some("Correct these in the project's program.".to_owned()),
            Self::Circle { .. } => Some("Take one of the references out.".to_owned()),
            Self::Refused { hint, .. } => hint.clone(),
        }
    }
}

fn lines(problems: &[String]) -> String {
    problems
        .iter()
        .map(|problem| format!("\n  {problem}"))
        .collect()
}

/// A resource as the server has it now.
#[derive(Debug, Clone)]
pub(crate) struct Deployed {
    pub(crate) resource: Resource,
    /// It was there before.
    pub(crate) updated: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Resource {
    Skill(Box<Skill>),
    Agent(Box<Agent>),
    Workflow(Box<Workflow>),
}

impl Resource {
    pub(crate) fn metadata(&self) -> Option<&ApiResourceMetadata> {
        match self {
            Self::Skill(skill) => skill.metadata.as_ref(),
            Self::Agent(agent) => agent.metadata.as_ref(),
            Self::Workflow(workflow) => workflow.metadata.as_ref(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.metadata().map_or("", |metadata| &metadata.name)
    }

    pub(crate) fn id(&self) -> &str {
        self.metadata().map_or("", |metadata| &metadata.id)
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Skill(_) => "Skill",
            Self::Agent(_) => "Agent",
            Self::Workflow(_) => "Workflow",
        }
    }

    fn node(&self) -> String {
        format!(
            "{}:{}",
            self.kind().to_lowercase(),
            slug_of(self.metadata())
        )
    }

    fn audit(&self) -> Option<&ApiResourceAudit> {
        match self {
            Self::Skill(skill) => skill.status.as_ref()?.audit.as_ref(),
            Self::Agent(agent) => agent.status.as_ref()?.audit.as_ref(),
            Self::Workflow(workflow) => workflow.status.as_ref()?.audit.as_ref(),
        }
    }

    /// The server notes whether its last change made the resource or changed it.
    fn was_updated(&self) -> bool {
        self.audit()
            .and_then(|audit| audit.spec_audit.as_ref())
            .is_some_and(|change| change.event == "updated")
    }

    fn belong_to(&mut self, org: &str) {
        let metadata = match self {
            Self::Skill(skill) => &mut skill.metadata,
            Self::Agent(agent) => &mut agent.metadata,
            Self::Workflow(workflow) => &mut workflow.metadata,
        };
        let metadata = metadata.get_or_insert_default();
        org.clone_into(&mut metadata.org);
        if metadata.owner_scope() == ApiResourceOwnerScope::Unspecified {
            metadata.set_owner_scope(ApiResourceOwnerScope::Organization);
        }
    }
}

impl From<Resource> for Shown {
    fn from(resource: Resource) -> Self {
        match resource {
            Resource::Skill(skill) => Self::from(*skill),
            Resource::Agent(agent) => Self::from(*agent),
            Resource::Workflow(workflow) => Self::from(*workflow),
        }
    }
}

/// Deploys everything; with a console, says so in the order of declaration. Within a wave all failures are collected,
/// later waves are not begun.
pub(crate) async fn deploy(
    connection: &Connection,
    synthesis: Synthesis,
    org: &str,
    told: Option<&Console>,
) -> Result<Vec<Deployed>, CliError> {
    let dependencies = synthesis.dependencies.clone();
    let mut items = items(synthesis);
    for item in &mut items {
        item.resource.belong_to(org);
    }
    let total = items.len();
    let mut deployed: BTreeMap<usize, Deployed> = BTreeMap::new();
    for wave in waves(&items, &dependencies)? {
        // Boxed: the compiler cannot see that a stream of borrowing futures may move between threads.
        let calls: Vec<BoxFuture<'_, _>> = wave
            .iter()
            .map(|index| apply(connection, &items[*index].resource).boxed())
            .collect();
        let mut outcomes = stream::iter(calls).buffered(MOST_AT_ONCE);
        let mut failures = Vec::new();
        for &index in &wave {
            let item = &items[index];
            announce(told, &items, index);
            match outcomes.next().await {
                Some(Ok(resource)) => {
                    confirm(told, &resource);
                    let updated = resource.was_updated();
                    deployed.insert(index, Deployed { resource, updated });
                }
                Some(Err(error)) => failures.push((item.file.clone(), error)),
                None => {}
            }
        }
        if !failures.is_empty() {
            return Err(refused(total, failures));
        }
    }
    Ok(deployed.into_values().collect())
}

/// Everything that was declared: skills, agents, workflows.
pub(crate) fn items(synthesis: Synthesis) -> Vec<Declared<Resource>> {
    let skills = synthesis.skills.into_iter().map(|skill| Declared {
        file: skill.file,
        resource: Resource::Skill(Box::new(skill.resource)),
    });
    let agents = synthesis.agents.into_iter().map(|agent| Declared {
        file: agent.file,
        resource: Resource::Agent(Box::new(agent.resource)),
    });
    let workflows = synthesis.workflows.into_iter().map(|workflow| Declared {
        file: workflow.file,
        resource: Resource::Workflow(Box::new(workflow.resource)),
    });
    skills.chain(agents).chain(workflows).collect()
}

/// Groups that can go side by side. What is not of this project is taken to be on the server already. Workflows come
/// after all agents: their calls of agents are found at run time only.
pub(crate) fn waves(
    items: &[Declared<Resource>],
    dependencies: &BTreeMap<String, Vec<String>>,
) -> Result<Vec<Vec<usize>>, DeployError> {
    let nodes: Vec<String> = items.iter().map(|item| item.resource.node()).collect();
    let mut waiting: BTreeSet<usize> = (0..items.len()).collect();
    let mut waves = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |index: &usize| {
            let named = dependencies
                .get(&nodes[*index])
                .map_or(&[][..], Vec::as_slice);
            let is_workflow = nodes[*index].starts_with("workflow:");
            waiting.iter().filter(|other| *other != index).all(|other| {
                let implied = is_workflow && !nodes[*other].starts_with("workflow:");
                !implied && !named.contains(&nodes[*other])
            })
        };
        let wave: Vec<usize> = waiting.iter().copied().filter(is_ready).collect();
        if wave.is_empty() {
            let nodes = waiting.iter().map(|index| nodes[*index].clone()).collect();
            return Err(DeployError::Circle { nodes });
        }
        waiting.retain(|index| !wave.contains(index));
        waves.push(wave);
    }
    Ok(waves)
}

async fn apply(connection: &Connection, resource: &Resource) -> Result<Resource, CliError> {
    let doing = format!(
        "deploy {} '{}'",
        resource.kind().to_lowercase(),
        resource.name()
    );
    match resource {
        Resource::Skill(skill) => {
            let mut client = SkillCommandControllerClient::new(connection.channel());
            let call = client.push(push_request(skill)?);
            let skill = connection.call(doing, APPLY_LIMIT, call).await?;
            Ok(Resource::Skill(Box::new(skill)))
        }
        Resource::Agent(agent) => {
            let mut client = AgentCommandControllerClient::new(connection.channel());
            let call = client.apply(Agent::clone(agent));
            let agent = connection.call(doing, APPLY_LIMIT, call).await?;
            Ok(Resource::Agent(Box::new(agent)))
        }
        Resource::Workflow(workflow) => {
            let mut client = WorkflowCommandControllerClient::new(connection.channel());
            let call = client.apply(Workflow::clone(workflow));
            let workflow = connection.call(doing, APPLY_LIMIT, call).await?;
            Ok(Resource::Workflow(Box::new(workflow)))
        }
    }
}

/// Skills are pushed as archives; one from a program is its text alone.
fn push_request(skill: &Skill) -> Result<PushSkillRequest, CliError> {
    let metadata = skill.metadata.clone().unwrap_or_default();
    let spec = skill.spec.clone().unwrap_or_default();
    Ok(PushSkillRequest {
        name: metadata.name,
        scope: metadata.owner_scope,
        org: metadata.org,
        artifact: archive::of_text(&spec.skill_md)?,
        tag: spec.tag,
    })
}

fn announce(told: Option<&Console>, items: &[Declared<Resource>], index: usize) {
    let Some(console) = told else { return };
    let resource = &items[index].resource;
    let kind = resource.kind();
    let of_kind = |items: &[Declared<Resource>]| {
        items
            .iter()
            .filter(|item| item.resource.kind() == kind)
            .count()
    };
    let (number, count) = (of_kind(&items[..=index]), of_kind(items));
    let kind = kind.to_lowercase();
    console.info(format_args!(
        "Deploying {kind} {number}/{count}: {}",
        resource.name()
    ));
}

fn confirm(told: Option<&Console>, resource: &Resource) {
    let Some(console) = told else { return };
    let (kind, name, id) = (resource.kind(), resource.name(), resource.id());
    console.info(format_args!("✓ {kind} deployed: {name} (ID: {id})"));
}

/// A server that is gone is told once, not once a resource.
fn refused(total: usize, mut failures: Vec<(String, CliError)>) -> CliError {
    let is_lost =
        |error: &CliError| matches!(error, CliError::Server(error) if error.is_connection_lost());
    if let Some(lost) = failures.iter().position(|(_, error)| is_lost(error)) {
        return failures.swap_remove(lost).1;
    }
    let hint = failures.first().and_then(|(_, error)| error.hint());
    let problems = failures
        .into_iter()
        .map(|(file, error)| format!("{file}: {}", error.message().replace('\n', "\n  ")))
        .collect();
    DeployError::Refused {
        total,
        problems,
        hint,
    }
    .into()
}
