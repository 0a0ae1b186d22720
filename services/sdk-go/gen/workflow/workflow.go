package workflow

import "github.com/stigmer/stigmer/sdk/go/gen/types"

// WorkflowArgs is a workflow in the shape of the platform's message. workflow.New takes a struct of its own.
type WorkflowArgs struct {
	// Description is one line for people.
	Description string `json:"description,omitempty"`
	// Document is the head of the definition.
	Document *types.WorkflowDocument `json:"document,omitempty"`
	// Tasks run in this order.
	Tasks []*types.WorkflowTask `json:"tasks,omitempty"`
	// EnvSpec declares the variables that the workflow needs.
	EnvSpec *types.EnvironmentSpec `json:"envSpec,omitempty"`
}

// SignalArgs is one thing that a LISTEN task waits for.
type SignalArgs struct {
	// Id is the name of the signal, query or update.
	Id string `json:"id,omitempty"`
	// Type is "signal", "query" or "update".
	Type string `json:"type,omitempty"`
}
