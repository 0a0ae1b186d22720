package types

// WorkflowDocument is the head of a workflow definition.
type WorkflowDocument struct {
	// Dsl is the version of the definition language, always "1.0.0".
	Dsl string `json:"dsl,omitempty"`
	// Namespace groups workflows.
	Namespace string `json:"namespace,omitempty"`
	// Name is the name of the workflow.
	Name string `json:"name,omitempty"`
	// Version is the semantic version of the definition.
	Version string `json:"version,omitempty"`
	// Description is for people.
	Description string `json:"description,omitempty"`
}

// WorkflowTask is a task inside another one. Make it with workflow.LoopBody, TryBody, CatchBody or ForkBranch.
type WorkflowTask struct {
	// Name is unique within the workflow.
	Name string `json:"name,omitempty"`
	// Kind is the kind of the task, such as "SET".
	Kind string `json:"kind,omitempty"`
	// TaskConfig is the JSON form of the settings that belong to the kind.
	TaskConfig map[string]interface{} `json:"taskConfig,omitempty"`
	// Export says what later tasks see of the result.
	Export *Export `json:"export,omitempty"`
	// Flow says where to go next.
	Flow *FlowControl `json:"flow,omitempty"`
}

// Export says what later tasks see of a result.
type Export struct {
	// As is an expression over the result; "${.}" is all of it.
	As string `json:"as,omitempty"`
}

// FlowControl says where a workflow goes on.
type FlowControl struct {
	// Then is the name of a later task, or "end".
	Then string `json:"then,omitempty"`
}

// HttpEndpoint says where a request goes.
type HttpEndpoint struct {
	// Uri is the address: a string, a context variable or a field of a task.
	Uri interface{} `json:"uri,omitempty"`
}

// SwitchCase is one way to go on.
type SwitchCase struct {
	// Name of the case, for people.
	Name string `json:"name,omitempty"`
	// When is a condition; an empty one always holds.
	When string `json:"when,omitempty"`
	// Then is the name of a later task, or "end".
	Then string `json:"then,omitempty"`
}

// ForkBranch is one branch of a fork.
type ForkBranch struct {
	// Name of the branch; its result is found under it.
	Name string `json:"name,omitempty"`
	// Do are the tasks of the branch, in order.
	Do []*WorkflowTask `json:"do,omitempty"`
}

// CatchBlock says what happens after a failure.
type CatchBlock struct {
	// As is the name under which the tasks see the error; empty means "error".
	As string `json:"as,omitempty"`
	// Do are the tasks that run.
	Do []*WorkflowTask `json:"do,omitempty"`
}

// ListenTo says which signals a task waits for.
type ListenTo struct {
	// Mode is "one" (any of them) or "all" (each of them once).
	Mode string `json:"mode,omitempty"`
	// Signals are what to wait for.
	Signals []*SignalSpec `json:"signals,omitempty"`
}

// SignalSpec is one thing to wait for.
type SignalSpec struct {
	// Id is the name of the signal, query or update.
	Id string `json:"id,omitempty"`
	// Type is "signal", "query" or "update".
	Type string `json:"type,omitempty"`
}

// AgentExecutionConfig sets how a workflow's call runs an agent.
type AgentExecutionConfig struct {
	// Model to use; empty means the runner's default.
	Model string `json:"model,omitempty"`
	// Timeout in seconds, 1 to 3600; 0 means 300.
	Timeout int32 `json:"timeout,omitempty"`
	// Temperature from 0 to 1.
	Temperature float32 `json:"temperature,omitempty"`
}
