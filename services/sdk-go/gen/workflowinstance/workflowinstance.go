// Package workflowinstance holds the argument struct of an instance of a workflow. The SDK itself has no use for it: such resources are made by the CLI
// and the API.
package workflowinstance

import "github.com/stigmer/stigmer/sdk/go/gen/types"

// WorkflowInstanceArgs says what an instance of a workflow is.
type WorkflowInstanceArgs struct {
	// WorkflowId is the workflow.
	WorkflowId string `json:"workflowId,omitempty"`
	// Description is one line for people.
	Description string `json:"description,omitempty"`
	// EnvRefs are the environments that the instance gets.
	EnvRefs []*types.ApiResourceReference `json:"envRefs,omitempty"`
}
