// Package executioncontext holds the argument struct of the context of an execution. The SDK itself has no use for it: such resources are made by the CLI
// and the API.
package executioncontext

import "github.com/stigmer/stigmer/sdk/go/gen/types"

// ExecutionContextArgs says what the context of an execution is.
type ExecutionContextArgs struct {
	// ExecutionId is the execution.
	ExecutionId string `json:"executionId,omitempty"`
	// Data holds the variables by name.
	Data map[string]*types.ExecutionValue `json:"data,omitempty"`
}
