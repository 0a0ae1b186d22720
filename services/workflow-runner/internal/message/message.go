// Package message declares what the runner's workflow, its activities and their callers tell each other over Temporal.
// Nothing in here may hold the value of a secret.
package message

import (
	"time"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/environment"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// Names of the runner's own activities; those that others know are in the contract package.
const (
	ReportActivity       = "ReportStatus"
	HTTPActivity         = "CallHTTPActivity"
	GRPCActivity         = "CallGRPCActivity"
	CallWorkflowActivity = "CallWorkflowActivity"
	CancelCallActivity   = "CancelCallActivity"
)

// Run is what a workflow needs beside its definition.
type Run struct {
	ExecutionID  string `json:"execution_id"`
	Organization string `json:"organization,omitempty"`
	// Variables name the secrets without their values.
	Variables []environment.Variable `json:"variables,omitempty"`
	// Nonce is part of the placeholders of this run's secrets.
	Nonce string `json:"nonce"`
	// Input is what the caller gave: `$input`.
	Input     value.Value `json:"input"`
	StartedAt string      `json:"started_at"`
	// Deadline is when the run ends itself as failed; zero for never.
	Deadline time.Time `json:"deadline,omitzero"`
	Policy   Policy    `json:"policy"`
}

// InputMetadata is the entry of an execution's trigger_metadata that holds the input of a RUN task as JSON.
const InputMetadata = "stigmer.ai/input"

// Policy are the settings of the runner that shape a run. They are recorded with the run, so that a runner with other
// settings replays it the same way.
type Policy struct {
	// TaskTimeout limits one attempt of a task without a limit of its own.
	TaskTimeout time.Duration `json:"task_timeout"`
	// TaskWait limits how long a task waits for a worker of the user's.
	TaskWait      time.Duration `json:"task_wait"`
	RetryAttempts int           `json:"retry_attempts"`
	RetryInterval time.Duration `json:"retry_interval"`
	// RunLimit limits a whole run, and with that a RUN task.
	RunLimit time.Duration `json:"run_limit"`
	// ActivityQueue is where CALL_ACTIVITY finds its worker.
	ActivityQueue string `json:"activity_queue"`
}

// Caller tells an activity for which run it works.
type Caller struct {
	ExecutionID  string `json:"execution_id"`
	Organization string `json:"organization,omitempty"`
	Nonce        string `json:"nonce"`
	// HasSecrets is false for most runs, whose activities then need not ask the server for values.
	HasSecrets bool `json:"has_secrets,omitempty"`
}

// HTTPRequest is an HTTP_CALL with its expressions replaced.
type HTTPRequest struct {
	Method  string            `json:"method"`
	URI     string            `json:"uri"`
	Headers map[string]string `json:"headers,omitempty"`
	// Body is nil for none.
	Body    *value.Value  `json:"body,omitempty"`
	Timeout time.Duration `json:"timeout"`
}

// GRPCRequest is a GRPC_CALL with its expressions replaced.
type GRPCRequest struct {
	Service string        `json:"service"`
	Method  string        `json:"method"`
	Request value.Value   `json:"request"`
	Timeout time.Duration `json:"timeout"`
}

// AgentCall is an AGENT_CALL with its expressions replaced.
type AgentCall struct {
	Agent   string            `json:"agent"`
	Scope   int32             `json:"scope"`
	Message string            `json:"message"`
	Env     map[string]string `json:"env,omitempty"`
	Model   string            `json:"model,omitempty"`
	// Tag marks the execution that is made, so that a second attempt and a cancellation find it.
	Tag string `json:"tag"`
}

// WorkflowCall is a RUN with its expressions replaced.
type WorkflowCall struct {
	Workflow string       `json:"workflow"`
	Input    *value.Value `json:"input,omitempty"`
	Tag      string       `json:"tag"`
}

// CallKind says what a call runs.
type CallKind string

// Kinds of calls.
const (
	CallOfAgent    CallKind = "agent"
	CallOfWorkflow CallKind = "workflow"
)

// CancelCall ends what a call has started.
type CancelCall struct {
	Kind   CallKind `json:"kind"`
	Tag    string   `json:"tag"`
	Reason string   `json:"reason"`
}

// Result is what a task's activity gives.
type Result struct {
	Value value.Value `json:"value"`
	// Notes are shown in the metadata of the task.
	Notes map[string]any `json:"notes,omitempty"`
}

// Types of errors of tasks, as a catch sees them.
const (
	HTTPError       = "CallHTTP error"
	GRPCError       = "CallGRPC error"
	AgentError      = "CallAgent error"
	WorkflowError   = "CallWorkflow error"
	ActivityError   = "CallActivity error"
	ExpressionError = "Expression error"
	TimeoutError    = "Timeout"
)

// Failure are the details of a task's error.
type Failure struct {
	// Status is the code of an HTTP response.
	Status int `json:"status,omitempty"`
	// Code is the code of a gRPC response.
	Code string `json:"code,omitempty"`
	// Body is the body of an HTTP response.
	Body *value.Value `json:"body,omitempty"`
}
