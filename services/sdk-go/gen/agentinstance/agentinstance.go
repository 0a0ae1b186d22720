// Package agentinstance holds the argument struct of an instance of an agent. The SDK itself has no use for it: such resources are made by the CLI
// and the API.
package agentinstance

import "github.com/stigmer/stigmer/sdk/go/gen/types"

// AgentInstanceArgs says what an instance of an agent is.
type AgentInstanceArgs struct {
	// AgentId is the agent.
	AgentId string `json:"agentId,omitempty"`
	// Description is one line for people.
	Description string `json:"description,omitempty"`
	// EnvironmentRefs are the environments that the instance gets.
	EnvironmentRefs []*types.ApiResourceReference `json:"environmentRefs,omitempty"`
}
