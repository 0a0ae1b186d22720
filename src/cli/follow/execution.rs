//! Executions of agents and workflows, looked at in one way.

use std::str::FromStr as _;
use std::time::Duration;

use prost_types::Timestamp;

use crate::wire::agent_execution::{
    AgentExecution, AgentExecutionStatus, AgentMessage, ExecutionPhase as AgentPhase, MessageType,
};
use crate::wire::resource::ApiResourceMetadata;
use crate::wire::workflow_execution::{
    ExecutionPhase as WorkflowPhase, WorkflowExecution, WorkflowExecutionStatus, WorkflowTask,
    WorkflowTaskStatus,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExecutionKind {
    Agent,
    Workflow,
}

impl ExecutionKind {
    /// By the id's prefix.
    pub(crate) fn of(id: &str) -> Option<Self> {
        [Self::Agent, Self::Workflow]
            .into_iter()
            .find(|kind| id.starts_with(kind.prefix()))
    }

    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Agent => "aex-",
            Self::Workflow => "wex-",
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Workflow => "workflow",
        }
    }
}

/// An execution as the server has it.
#[derive(Debug, Clone)]
pub(crate) enum Execution {
    Agent(Box<AgentExecution>),
    Workflow(Box<WorkflowExecution>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Phase {
    #[default]
    Unspecified,
    Pending,
    InProgress,
    Completed,
    Failed,
    Cancelled,
}

impl Phase {
    pub(crate) const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Unspecified => "Unknown",
            Self::Pending => "Pending",
            Self::InProgress => "In progress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// One thing that an execution shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Its content may still grow.
    Message {
        speaker: &'static str,
        content: String,
    },
    /// Its status will change.
    Task {
        name: String,
        status: TaskStatus,
        error: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TaskStatus {
    Unspecified,
    Pending,
    Running,
    Completed,
    Failed,
    Skipped,
}

impl Execution {
    pub(crate) fn kind(&self) -> ExecutionKind {
        match self {
            Self::Agent(_) => ExecutionKind::Agent,
            Self::Workflow(_) => ExecutionKind::Workflow,
        }
    }

    pub(crate) fn metadata(&self) -> Option<&ApiResourceMetadata> {
        match self {
            Self::Agent(execution) => execution.metadata.as_ref(),
            Self::Workflow(execution) => execution.metadata.as_ref(),
        }
    }

    pub(crate) fn id(&self) -> &str {
        self.metadata().map_or("", |metadata| &metadata.id)
    }

    pub(crate) fn phase(&self) -> Phase {
        match self {
            Self::Agent(execution) => {
                match agent_status(execution).map(AgentExecutionStatus::phase) {
                    Some(AgentPhase::ExecutionPending) => Phase::Pending,
                    Some(AgentPhase::ExecutionInProgress) => Phase::InProgress,
                    Some(AgentPhase::ExecutionCompleted) => Phase::Completed,
                    Some(AgentPhase::ExecutionFailed) => Phase::Failed,
                    Some(AgentPhase::ExecutionCancelled) => Phase::Cancelled,
                    Some(AgentPhase::Unspecified) | None => Phase::Unspecified,
                }
            }
            Self::Workflow(execution) => {
                match workflow_status(execution).map(WorkflowExecutionStatus::phase) {
                    Some(WorkflowPhase::ExecutionPending) => Phase::Pending,
                    Some(WorkflowPhase::ExecutionInProgress) => Phase::InProgress,
                    Some(WorkflowPhase::ExecutionCompleted) => Phase::Completed,
                    Some(WorkflowPhase::ExecutionFailed) => Phase::Failed,
                    Some(WorkflowPhase::ExecutionCancelled) => Phase::Cancelled,
                    Some(WorkflowPhase::Unspecified) | None => Phase::Unspecified,
                }
            }
        }
    }

    pub(crate) fn error(&self) -> &str {
        match self {
            Self::Agent(execution) => agent_status(execution).map_or("", |status| &status.error),
            Self::Workflow(execution) => {
                workflow_status(execution).map_or("", |status| &status.error)
            }
        }
    }

    /// Messages of an agent, tasks of a workflow, oldest first.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        match self {
            Self::Agent(execution) => agent_status(execution)
                .map(|status| status.messages.iter().map(message).collect())
                .unwrap_or_default(),
            Self::Workflow(execution) => workflow_status(execution)
                .map(|status| status.tasks.iter().map(task).collect())
                .unwrap_or_default(),
        }
    }

    pub(crate) fn tool_calls(&self) -> usize {
        match self {
            Self::Agent(execution) => {
                agent_status(execution).map_or(0, |status| status.tool_calls.len())
            }
            Self::Workflow(_) => 0,
        }
    }

    /// From start to end, where the server noted both.
    pub(crate) fn duration(&self) -> Option<Duration> {
        let (start, end) = match self {
            Self::Agent(execution) => {
                agent_status(execution).map(|status| (&status.started_at, &status.completed_at))
            }
            Self::Workflow(execution) => {
                workflow_status(execution).map(|status| (&status.started_at, &status.completed_at))
            }
        }?;
        let start = Timestamp::from_str(start).ok()?;
        let end = Timestamp::from_str(end).ok()?;
        let nanoseconds =
            |time: &Timestamp| i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos);
        let elapsed = u64::try_from(nanoseconds(&end) - nanoseconds(&start)).ok()?;
        Some(Duration::from_nanos(elapsed))
    }
}

fn agent_status(execution: &AgentExecution) -> Option<&AgentExecutionStatus> {
    execution.status.as_ref()
}

fn workflow_status(execution: &WorkflowExecution) -> Option<&WorkflowExecutionStatus> {
    execution.status.as_ref()
}

fn message(message: &AgentMessage) -> Entry {
    let speaker = match message.r#type() {
        MessageType::MessageHuman => "💬 You",
        MessageType::MessageAi => "🤖 Agent",
        MessageType::MessageTool => "🔧 Tool",
        MessageType::MessageSystem => "ℹ️ System",
        MessageType::Unspecified => "❔ Unknown",
    };
    Entry::Message {
        speaker,
        content: message.content.clone(),
    }
}

fn task(task: &WorkflowTask) -> Entry {
    let status = match task.status() {
        WorkflowTaskStatus::WorkflowTaskPending => TaskStatus::Pending,
        WorkflowTaskStatus::WorkflowTaskInProgress => TaskStatus::Running,
        WorkflowTaskStatus::WorkflowTaskCompleted => TaskStatus::Completed,
        WorkflowTaskStatus::WorkflowTaskFailed => TaskStatus::Failed,
        WorkflowTaskStatus::WorkflowTaskSkipped => TaskStatus::Skipped,
        WorkflowTaskStatus::Unspecified => TaskStatus::Unspecified,
    };
    Entry::Task {
        name: task.task_name.clone(),
        status,
        error: task.error.clone(),
    }
}
