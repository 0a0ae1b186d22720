//! Whether a worker is there: workers have no port, but Temporal knows who polls a task queue.

use crate::wire::temporal::workflow_service_client::WorkflowServiceClient;
use crate::wire::temporal::{DescribeTaskQueueRequest, TaskQueue, TaskQueueType};
use tonic::transport::Channel;

/// Task queues that a worker has to poll before it counts as ready.
#[derive(Debug, Clone)]
pub struct TaskQueues {
    /// Name of a queue, and what is polled there.
    pub queues: Vec<(String, Polled)>,
}

/// What a worker polls a queue for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polled {
    Workflows,
    Activities,
}

/// Looks at the queues of one worker until it has seen it on each.
#[derive(Debug)]
pub(super) struct PollerProbe {
    client: WorkflowServiceClient<Channel>,
    namespace: String,
    /// The SDKs call a worker `PID@HOST…`; another process's pollers stay listed for minutes after it has ended.
    identity: String,
    missing: Vec<(String, Polled)>,
}

impl PollerProbe {
    pub(super) fn new(temporal: Channel, namespace: &str, pid: u32, queues: &TaskQueues) -> Self {
        Self {
            client: WorkflowServiceClient::new(temporal),
            namespace: namespace.to_owned(),
            identity: format!("{pid}@"),
            missing: queues.queues.clone(),
        }
    }

    /// One look at the queues that are missing.
    pub(super) async fn look(&mut self) -> Result<(), String> {
        while let Some((queue, polled)) = self.missing.last() {
            let request = DescribeTaskQueueRequest {
                namespace: self.namespace.clone(),
                task_queue: Some(TaskQueue {
                    name: queue.clone(),
                }),
                task_queue_type: match polled {
                    Polled::Workflows => TaskQueueType::Workflow,
                    Polled::Activities => TaskQueueType::Activity,
                }
                .into(),
            };
            let pollers = self
                .client
                .describe_task_queue(request)
                .await
                .map_err(|status| format!("Temporal: {}", status.message()))?
                .into_inner()
                .pollers;
            if !pollers
                .iter()
                .any(|p| p.identity.starts_with(&self.identity))
            {
                return Err(format!("no poller on the task queue {queue}"));
            }
            self.missing.pop();
        }
        Ok(())
    }
}
