// Package message declares what the runner's workflow, its activities and their callers tell each other over Temporal.
// Nothing in here may hold the value of a secret.
package message

import (
	"time"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/environment"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
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
	Policy    Policy      `json:"policy"`
}

// Policy are the settings of the runner that shape a run. They are recorded with the run, so that a runner with other
// settings replays it the same way.
type Policy struct {
	// TaskTimeout limits one attempt of a task without a limit of its own.
	TaskTimeout time.Duration `json:"task_timeout"`
	// TaskWait limits how long a task waits for a worker of the user's.
	TaskWait      time.Duration `json:"task_wait"`
	RetryAttempts int           `json:"retry_attempts"`
	RetryInterval time.Duration `json:"retry_interval"`
	// ActivityQueue is where CALL_ACTIVITY finds its worker.
	ActivityQueue string `json:"activity_queue"`
}

// Names of the runner's own activities; those that others know are in the contract package.
const (
	ReportActivity = "ReportStatus"
)

// InputMetadata is the entry of an execution's trigger_metadata that holds the input of a RUN task as JSON.
const InputMetadata = "stigmer.ai/input"
