//! Resources as people and programs see them.

use prost_types::Timestamp;

use crate::cli::document::Document;
use crate::cli::follow::Execution;
use crate::cli::kind::Kind;
use crate::wire::agent::Agent;
use crate::wire::agent_execution::AgentExecution;
use crate::wire::agent_instance::AgentInstance;
use crate::wire::environment::Environment;
use crate::wire::resource::{ApiResourceAudit, ApiResourceMetadata};
use crate::wire::session::Session;
use crate::wire::skill::Skill;
use crate::wire::workflow::Workflow;
use crate::wire::workflow_execution::WorkflowExecution;
use crate::wire::workflow_instance::WorkflowInstance;

/// A resource that was read.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) kind: Kind,
    pub(crate) metadata: ApiResourceMetadata,
    pub(crate) document: Document,
    audit: Option<ApiResourceAudit>,
    /// What is worth a line, by its label.
    facts: Vec<(&'static str, String)>,
}

impl Shown {
    /// Label and value, as `get` shows them.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        let metadata = &self.metadata;
        let mut lines = vec![
            ("Kind", self.kind.title().to_owned()),
            ("Name", metadata.name.clone()),
            ("ID", metadata.id.clone()),
            ("Organization", metadata.org.clone()),
        ];
        lines.extend(self.facts.iter().cloned());
        lines.push(("Created", self.created()));
        lines.push(("Updated", self.updated()));
        lines.retain(|(_, value)| !value.is_empty());
        lines
    }

    pub(crate) fn created(&self) -> String {
        self.audit
            .as_ref()
            .and_then(|audit| audit.spec_audit.as_ref()?.created_at)
            .map_or_else(String::new, to_the_second)
    }

    fn updated(&self) -> String {
        let audit = self.audit.as_ref();
        let changes = audit.map(|audit| [audit.spec_audit.as_ref(), audit.status_audit.as_ref()]);
        let times = changes.into_iter().flatten().flatten();
        times
            .filter_map(|change| change.updated_at)
            .max_by_key(|time| (time.seconds, time.nanos))
            .map_or_else(String::new, to_the_second)
    }

    /// The value of a line.
    pub(crate) fn fact(&self, label: &str) -> &str {
        self.facts
            .iter()
            .find(|(known, _)| *known == label)
            .map_or("", |(_, value)| value)
    }
}

impl From<Agent> for Shown {
    fn from(agent: Agent) -> Self {
        let document = Document::new("agent.v1.Agent", &agent);
        let spec = agent.spec.unwrap_or_default();
        let status = agent.status.unwrap_or_default();
        let servers = spec.mcp_servers.iter().map(|server| server.name.as_str());
        let sub_agents = spec
            .sub_agents
            .iter()
            .map(|sub_agent| sub_agent.name.as_str());
        let skills = spec.skill_refs.iter().map(|skill| skill.slug.as_str());
        Self {
            kind: Kind::Agent,
            metadata: agent.metadata.unwrap_or_default(),
            document,
            audit: status.audit,
            facts: vec![
                ("Description", spec.description.clone()),
                ("MCP servers", join(servers)),
                ("Skills", join(skills)),
                ("Sub-agents", join(sub_agents)),
                ("Instance", status.default_instance_id),
            ],
        }
    }
}

impl From<Workflow> for Shown {
    fn from(workflow: Workflow) -> Self {
        let document = Document::new("workflow.v1.Workflow", &workflow);
        let spec = workflow.spec.unwrap_or_default();
        let status = workflow.status.unwrap_or_default();
        let version = spec
            .document
            .as_ref()
            .map_or("", |document| &document.version);
        Self {
            kind: Kind::Workflow,
            metadata: workflow.metadata.unwrap_or_default(),
            document,
            audit: status.audit,
            facts: vec![
                ("Description", spec.description.clone()),
                ("Version", version.to_owned()),
                (
                    "Tasks",
                    join(spec.tasks.iter().map(|task| task.name.as_str())),
                ),
                ("Instance", status.default_instance_id),
            ],
        }
    }
}

impl From<Skill> for Shown {
    fn from(skill: Skill) -> Self {
        let document = Document::new("skill.v1.Skill", &skill);
        let status = skill.status.unwrap_or_default();
        Self {
            kind: Kind::Skill,
            metadata: skill.metadata.unwrap_or_default(),
            document,
            audit: status.audit,
            facts: vec![
                ("Tag", skill.spec.unwrap_or_default().tag),
                ("Version hash", status.version_hash),
            ],
        }
    }
}

impl From<Environment> for Shown {
    fn from(environment: Environment) -> Self {
        let document = Document::new("environment.v1.Environment", &environment);
        let spec = environment.spec.unwrap_or_default();
        let mut names: Vec<&str> = spec.data.keys().map(String::as_str).collect();
        names.sort_unstable();
        Self {
            kind: Kind::Environment,
            metadata: environment.metadata.unwrap_or_default(),
            document,
            audit: environment.status.unwrap_or_default().audit,
            facts: vec![
                ("Description", spec.description.clone()),
                ("Values", join(names.into_iter())),
            ],
        }
    }
}

impl From<AgentInstance> for Shown {
    fn from(instance: AgentInstance) -> Self {
        let document = Document::new("agentinstance.v1.AgentInstance", &instance);
        let spec = instance.spec.unwrap_or_default();
        let environments = spec
            .environment_refs
            .iter()
            .map(|environment| environment.slug.as_str());
        Self {
            kind: Kind::AgentInstance,
            metadata: instance.metadata.unwrap_or_default(),
            document,
            audit: instance.status.unwrap_or_default().audit,
            facts: vec![
                ("Description", spec.description.clone()),
                ("Environments", join(environments)),
                ("Agent", spec.agent_id),
            ],
        }
    }
}

impl From<WorkflowInstance> for Shown {
    fn from(instance: WorkflowInstance) -> Self {
        let document = Document::new("workflowinstance.v1.WorkflowInstance", &instance);
        let spec = instance.spec.unwrap_or_default();
        let environments = spec
            .env_refs
            .iter()
            .map(|environment| environment.slug.as_str());
        Self {
            kind: Kind::WorkflowInstance,
            metadata: instance.metadata.unwrap_or_default(),
            document,
            audit: instance.status.unwrap_or_default().audit,
            facts: vec![
                ("Description", spec.description.clone()),
                ("Environments", join(environments)),
                ("Workflow", spec.workflow_id),
            ],
        }
    }
}

impl From<Session> for Shown {
    fn from(session: Session) -> Self {
        let document = Document::new("session.v1.Session", &session);
        let spec = session.spec.unwrap_or_default();
        Self {
            kind: Kind::Session,
            metadata: session.metadata.unwrap_or_default(),
            document,
            audit: session.status.unwrap_or_default().audit,
            facts: vec![
                ("Subject", spec.subject),
                ("Agent instance", spec.agent_instance_id),
            ],
        }
    }
}

impl From<AgentExecution> for Shown {
    fn from(execution: AgentExecution) -> Self {
        let spec = execution.spec.clone().unwrap_or_default();
        let document = Document::new("agentexecution.v1.AgentExecution", &execution);
        let audit = execution
            .status
            .as_ref()
            .and_then(|status| status.audit.clone());
        let looked_at = Execution::Agent(Box::new(execution));
        let mut facts = vec![
            ("Agent", spec.agent_id),
            ("Session", spec.session_id),
            ("Message", spec.message),
        ];
        facts.extend(outcome(&looked_at));
        Self {
            kind: Kind::AgentExecution,
            metadata: looked_at.metadata().cloned().unwrap_or_default(),
            document,
            audit,
            facts,
        }
    }
}

impl From<WorkflowExecution> for Shown {
    fn from(execution: WorkflowExecution) -> Self {
        let spec = execution.spec.clone().unwrap_or_default();
        let document = Document::new("workflowexecution.v1.WorkflowExecution", &execution);
        let audit = execution
            .status
            .as_ref()
            .and_then(|status| status.audit.clone());
        let looked_at = Execution::Workflow(Box::new(execution));
        let mut facts = vec![
            ("Workflow", spec.workflow_id),
            ("Message", spec.trigger_message),
        ];
        facts.extend(outcome(&looked_at));
        Self {
            kind: Kind::WorkflowExecution,
            metadata: looked_at.metadata().cloned().unwrap_or_default(),
            document,
            audit,
            facts,
        }
    }
}

impl From<Execution> for Shown {
    fn from(execution: Execution) -> Self {
        match execution {
            Execution::Agent(execution) => Self::from(*execution),
            Execution::Workflow(execution) => Self::from(*execution),
        }
    }
}

/// What people compare; the data has the rest.
fn to_the_second(time: Timestamp) -> String {
    Timestamp { nanos: 0, ..time }.to_string()
}

fn outcome(execution: &Execution) -> [(&'static str, String); 2] {
    [
        ("Phase", execution.phase().word().to_owned()),
        ("Error", execution.error().to_owned()),
    ]
}

fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
