//! The services of `services/`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::service::{Polled, ProcessSpec, RUN_ID, STACK_ID, TaskQueues};
use crate::toolset::{Tool, Toolset};

use super::plan::StackPlan;

/// The reference distribution.
#[derive(Debug, Clone)]
pub struct Reference {
    toolset: Arc<Toolset>,
}

/// The server and the scripted model accept any key; the runners want one.
const API_KEY: &str = "stigmer-e2e";
/// The scripted model answers to every name.
const MODEL: &str = "scripted";

impl Reference {
    /// With these programs.
    pub fn new(toolset: Arc<Toolset>) -> Self {
        Self { toolset }
    }

    /// How the server is started; its socket comes on top.
    pub fn stigmer_server(&self, plan: &StackPlan) -> ProcessSpec {
        let environment = with(
            plan,
            [
                ("DB_PATH", plan.database().into_string()),
                ("STORAGE_PATH", plan.folder.join("storage").into_string()),
                ("TEMPORAL_HOST_PORT", plan.temporal.to_string()),
                ("TEMPORAL_NAMESPACE", plan.namespace.clone()),
                ("LOG_LEVEL", "info".to_owned()),
                ("ENV", "test".to_owned()),
            ],
        );
        ProcessSpec {
            service: "stigmer-server".to_owned(),
            program: self.toolset.path(Tool::StigmerServer).to_owned(),
            arguments: Vec::new(),
            environment,
            directory: plan.directory().to_owned(),
            log: plan.log("stigmer-server"),
        }
    }

    /// What the server's health service has to call SERVING. With runners, its own workers have to be there too.
    pub fn health(&self, with_runners: bool) -> Vec<String> {
        let names = if with_runners {
            &["", "temporal"][..]
        } else {
            &[""]
        };
        names.iter().map(|&name| name.to_owned()).collect()
    }

    /// How the workflow-runner is started.
    pub fn workflow_runner(&self, plan: &StackPlan) -> ProcessSpec {
        let environment = with(
            plan,
            [
                ("STIGMER_BACKEND_ENDPOINT", plan.server.to_string()),
                ("STIGMER_API_KEY", API_KEY.to_owned()),
                ("STIGMER_SERVICE_USE_TLS", "false".to_owned()),
                ("TEMPORAL_SERVICE_ADDRESS", plan.temporal.to_string()),
                ("TEMPORAL_NAMESPACE", plan.namespace.clone()),
                ("LOG_LEVEL", "info".to_owned()),
            ],
        );
        ProcessSpec {
            service: "workflow-runner".to_owned(),
            program: self.toolset.path(Tool::WorkflowRunner).to_owned(),
            arguments: Vec::new(),
            environment,
            directory: plan.directory().to_owned(),
            log: plan.log("workflow-runner"),
        }
    }

    /// What the workflow-runner polls.
    pub fn workflow_runner_queues(&self) -> TaskQueues {
        queues(&[
            ("workflow_execution_runner", Polled::Activities),
            ("zigflow_execution", Polled::Workflows),
            ("zigflow_execution", Polled::Activities),
            ("workflow_validation_runner", Polled::Activities),
        ])
    }

    /// How the agent-runner is started.
    pub fn agent_runner(&self, plan: &StackPlan) -> ProcessSpec {
        let command = self.toolset.agent_runner();
        // A stack without a model has nobody there: calls fail at once.
        let model = plan.model.unwrap_or(StackPlan::NOWHERE);
        let mut environment = with(
            plan,
            [
                ("MODE", "local".to_owned()),
                ("STIGMER_BACKEND_ENDPOINT", plan.server.to_string()),
                ("STIGMER_API_KEY", API_KEY.to_owned()),
                ("TEMPORAL_SERVICE_ADDRESS", plan.temporal.to_string()),
                ("TEMPORAL_NAMESPACE", plan.namespace.clone()),
                (
                    "SANDBOX_ROOT_DIR",
                    plan.folder.join("workspace").into_string(),
                ),
                ("STIGMER_LLM_PROVIDER", "ollama".to_owned()),
                ("STIGMER_LLM_MODEL", MODEL.to_owned()),
                ("STIGMER_LLM_API_KEY", API_KEY.to_owned()),
                ("OLLAMA_BASE_URL", format!("http://{model}")),
                ("OPENAI_BASE_URL", format!("http://{model}/v1")),
                ("ANTHROPIC_BASE_URL", format!("http://{model}")),
                // The MCP library hands on little of the environment: without its marks a tool server could not be found.
                (
                    "STIGMER_TOOL_SERVER_INHERIT",
                    format!("{RUN_ID},{STACK_ID}"),
                ),
                ("LOG_LEVEL", "INFO".to_owned()),
                ("PYTHONUNBUFFERED", "1".to_owned()),
                ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
            ],
        );
        if let Some(path) = command.python_path {
            environment.insert("PYTHONPATH".to_owned(), path.into_string());
        }
        ProcessSpec {
            service: "agent-runner".to_owned(),
            program: command.python,
            arguments: command.arguments,
            environment,
            directory: plan.directory().to_owned(),
            log: plan.log("agent-runner"),
        }
    }

    /// What the agent-runner polls.
    pub fn agent_runner_queues(&self) -> TaskQueues {
        queues(&[("agent_execution_runner", Polled::Activities)])
    }
}

fn with<const N: usize>(plan: &StackPlan, own: [(&str, String); N]) -> BTreeMap<String, String> {
    let mut environment = plan.base_environment();
    environment.extend(own.map(|(name, value)| (name.to_owned(), value)));
    environment.extend(plan.environment.clone());
    environment
}

fn queues(names: &[(&str, Polled)]) -> TaskQueues {
    TaskQueues {
        queues: names
            .iter()
            .map(|&(name, polled)| (name.to_owned(), polled))
            .collect(),
    }
}
