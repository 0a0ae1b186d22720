// Package contract holds the names that the programs of a Stigmer share over Temporal. They are those of the real
// Stigmer, so that its runners work with our server and ours with its server.
package contract

// Workflow types, also the first part of their workflow ids: `{type}/{execution id}`.
const (
	AgentExecutionWorkflow    = "stigmer/agent-execution/invoke"
	WorkflowExecutionWorkflow = "stigmer/workflow-execution/invoke"
	// ValidationWorkflow runs the runner's validation; its ids are `stigmer/workflow-validation/{uuid}`.
	ValidationWorkflow         = "ValidateWorkflow"
	ValidationWorkflowIDPrefix = "stigmer/workflow-validation/"
	// ServerlessWorkflow interprets a definition; its ids are `workflow-exec-{execution id}`.
	ServerlessWorkflow         = "ExecuteServerlessWorkflow"
	ServerlessWorkflowIDPrefix = "workflow-exec-"
)

// Activities of the agent-runner.
const (
	EnsureThreadActivity = "EnsureThread"
	ExecuteAgentActivity = "ExecuteGraphton"
)

// Activities of the server.
const (
	// UpdateStatusActivity persists a failure that no runner could report; agent and workflow queue both have one.
	UpdateStatusActivity         = "UpdateExecutionStatus"
	CompleteExternalActivityName = "stigmer/system/complete-external-activity"
)

// Activities of the workflow-runner.
const (
	ExecuteWorkflowActivity  = "ExecuteWorkflow"
	ValidateWorkflowActivity = "validateWorkflow"
	CallAgentActivity        = "CallAgentActivity"
)

// ActivityTaskQueueMemo is the memo key under which a workflow finds the queue of its runner.
const ActivityTaskQueueMemo = "activityTaskQueue"

// OrganizationVariable is the environment entry by which a workflow's tasks know their organization.
const OrganizationVariable = "__stigmer_org_id"

// Default task queues; each can be set by an environment variable.
const (
	AgentExecutionStigmerQueue     = "agent_execution_stigmer"
	AgentExecutionRunnerQueue      = "agent_execution_runner"
	WorkflowExecutionStigmerQueue  = "workflow_execution_stigmer"
	WorkflowExecutionRunnerQueue   = "workflow_execution_runner"
	WorkflowValidationStigmerQueue = "workflow_validation_stigmer"
	WorkflowValidationRunnerQueue  = "workflow_validation_runner"
	ServerlessExecutionQueue       = "zigflow_execution"
)
