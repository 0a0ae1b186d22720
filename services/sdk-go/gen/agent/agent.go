// Package agent holds the argument structs of agents and sub-agents. Programs use them as agent.AgentArgs and
// subagent.Args.
package agent

import "github.com/stigmer/stigmer/sdk/go/gen/types"

// AgentArgs says what an agent is.
type AgentArgs struct {
	// Description is one line for people.
	Description string `json:"description,omitempty"`
	// IconUrl is the address of a picture for people.
	IconUrl string `json:"iconUrl,omitempty"`
	// Instructions is the system prompt, at least 10 characters.
	Instructions string `json:"instructions,omitempty"`
	// McpServers are tool servers that the agent may use.
	McpServers []*types.McpServerDefinition `json:"mcpServers,omitempty"`
	// SkillRefs are skills whose text is added to the prompt.
	SkillRefs []*types.ApiResourceReference `json:"skillRefs,omitempty"`
	// SubAgents are helpers that the agent may hand tasks to.
	SubAgents []*types.SubAgent `json:"subAgents,omitempty"`
	// EnvSpec declares the variables that the agent needs.
	EnvSpec *types.EnvironmentSpec `json:"envSpec,omitempty"`
}

// InlineSubAgentArgs says what a sub-agent is.
type InlineSubAgentArgs struct {
	// Name is taken from the first argument of subagent.New; this field is not read.
	Name string `json:"name,omitempty"`
	// Description tells the agent when to use this helper.
	Description string `json:"description,omitempty"`
	// Instructions is the system prompt, at least 10 characters.
	Instructions string `json:"instructions,omitempty"`
	// McpServers names servers of the agent that the helper may use.
	McpServers []string `json:"mcpServers,omitempty"`
	// McpToolSelections limits the tools, by server name.
	McpToolSelections map[string]*types.McpToolSelection `json:"mcpToolSelections,omitempty"`
	// SkillRefs are skills whose text is added to the prompt.
	SkillRefs []*types.ApiResourceReference `json:"skillRefs,omitempty"`
}
