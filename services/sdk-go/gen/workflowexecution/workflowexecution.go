// Package workflowexecution holds the argument struct of an execution of a workflow. The SDK itself has no use for it: such resources are made by the CLI
// and the API.
package workflowexecution

import "github.com/stigmer/stigmer/sdk/go/gen/types"

// WorkflowExecutionArgs says what an execution of a workflow is.
type WorkflowExecutionArgs struct {
	// WorkflowInstanceId is the instance to run.
	WorkflowInstanceId string `json:"workflowInstanceId,omitempty"`
	// WorkflowId is the workflow, for its default instance.
	WorkflowId string `json:"workflowId,omitempty"`
	// TriggerMessage is why the workflow runs.
	TriggerMessage string `json:"triggerMessage,omitempty"`
	// TriggerMetadata says more about that.
	TriggerMetadata map[string]string `json:"triggerMetadata,omitempty"`
	// RuntimeEnv are the variables of the execution.
	RuntimeEnv map[string]*types.ExecutionValue `json:"runtimeEnv,omitempty"`
	// CallbackToken is set by a workflow that waits for the result.
	CallbackToken []byte `json:"callbackToken,omitempty"`
}
