package settings

import "time"

// Timeouts are the time limits of the platform, each from `STIGMER_TIMEOUT_<NAME>` in Go's notation ("90s", "10m").
// The defaults are the contract's.
type Timeouts struct {
	// AgentRun limits a whole agent execution.
	AgentRun time.Duration `env:"STIGMER_TIMEOUT_AGENT_RUN" envDefault:"10m"`
	// AgentScheduleToStart limits how long an agent execution waits for a runner.
	AgentScheduleToStart time.Duration `env:"STIGMER_TIMEOUT_AGENT_SCHEDULE_TO_START" envDefault:"60s"`
	// AgentHeartbeat limits the silence of an agent-runner.
	AgentHeartbeat time.Duration `env:"STIGMER_TIMEOUT_AGENT_HEARTBEAT" envDefault:"30s"`
	// EnsureThread limits one attempt to prepare an agent's thread.
	EnsureThread time.Duration `env:"STIGMER_TIMEOUT_ENSURE_THREAD" envDefault:"30s"`
	// WorkflowRun limits a whole workflow execution.
	WorkflowRun time.Duration `env:"STIGMER_TIMEOUT_WORKFLOW_RUN" envDefault:"30m"`
	// WorkflowScheduleToStart limits how long a workflow execution waits for a runner. The real Stigmer has no such
	// limit, so that an execution without a runner stays PENDING for as long as it may run.
	WorkflowScheduleToStart time.Duration `env:"STIGMER_TIMEOUT_WORKFLOW_SCHEDULE_TO_START" envDefault:"60s"`
	// WorkflowHeartbeat limits the silence of a workflow-runner.
	WorkflowHeartbeat time.Duration `env:"STIGMER_TIMEOUT_WORKFLOW_HEARTBEAT" envDefault:"30s"`
	// Validation limits the validation of a workflow's structure.
	Validation time.Duration `env:"STIGMER_TIMEOUT_VALIDATION" envDefault:"30s"`
	// Task limits one attempt of a workflow's task.
	Task time.Duration `env:"STIGMER_TIMEOUT_TASK" envDefault:"5m"`
	// ExternalCompletion limits one attempt to complete an activity that waits for an agent.
	ExternalCompletion time.Duration `env:"STIGMER_TIMEOUT_EXTERNAL_COMPLETION" envDefault:"1m"`
	// TemporalDial limits one attempt to reach Temporal.
	TemporalDial time.Duration `env:"STIGMER_TIMEOUT_TEMPORAL_DIAL" envDefault:"5s"`
	// Drain limits how long a stop waits for calls and workers to end.
	Drain time.Duration `env:"STIGMER_TIMEOUT_DRAIN" envDefault:"5s"`
}
