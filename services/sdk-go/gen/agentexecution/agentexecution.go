// Package agentexecution holds the argument struct of an execution of an agent. The SDK itself has no use for it: such resources are made by the CLI
// and the API.
package agentexecution

import "github.com/stigmer/stigmer/sdk/go/gen/types"

// AgentExecutionArgs says what an execution of an agent is.
type AgentExecutionArgs struct {
	// SessionId is the session to go on with.
	SessionId string `json:"sessionId,omitempty"`
	// AgentId is the agent, for a new session.
	AgentId string `json:"agentId,omitempty"`
	// Message is what the agent is asked.
	Message string `json:"message,omitempty"`
	// ExecutionConfig sets how the agent runs.
	ExecutionConfig *types.ExecutionConfig `json:"executionConfig,omitempty"`
	// RuntimeEnv are the variables of the execution.
	RuntimeEnv map[string]*types.ExecutionValue `json:"runtimeEnv,omitempty"`
	// CallbackToken is set by a workflow that waits for the answer.
	CallbackToken []byte `json:"callbackToken,omitempty"`
}
