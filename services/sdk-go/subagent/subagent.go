// Package subagent makes helpers that live inside an agent, each with instructions, tools and skills of its own.
//
//	helper, err := subagent.New("security", &subagent.Args{
//		Instructions: "Look for security problems and explain each of them",
//	})
//	if err != nil {
//		return err
//	}
//	reviewer.AddSubAgent(helper)
package subagent

import (
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	genagent "github.com/stigmer/stigmer/sdk/go/gen/agent"
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/internal/reference"
)

// Args says what a sub-agent is.
type Args = genagent.InlineSubAgentArgs

// SubAgent is a helper of an agent.
type SubAgent struct {
	name           string
	description    string
	instructions   string
	mcpServers     []string
	toolSelections map[string]*types.McpToolSelection
	skillRefs      []*apiresource.ApiResourceReference
}

// New makes a sub-agent. What it says is checked together with the agent that it is added to.
func New(name string, args *Args) (SubAgent, error) {
	if args == nil {
		args = &Args{}
	}
	skills, err := reference.Skills(args.SkillRefs)
	if err != nil {
		return SubAgent{}, err
	}
	return SubAgent{
		name:           name,
		description:    args.Description,
		instructions:   args.Instructions,
		mcpServers:     args.McpServers,
		toolSelections: args.McpToolSelections,
		skillRefs:      skills,
	}, nil
}

// Name is unique within the agent.
func (s SubAgent) Name() string { return s.name }

// Description tells the agent when to use this helper.
func (s SubAgent) Description() string { return s.description }

// Instructions is the system prompt.
func (s SubAgent) Instructions() string { return s.instructions }

// MCPServerNames are the servers of the agent that the helper may use.
func (s SubAgent) MCPServerNames() []string { return s.mcpServers }

// ToolSelections limits the tools, by server name.
func (s SubAgent) ToolSelections() map[string]*types.McpToolSelection { return s.toolSelections }

// SkillRefs are the skills whose text is added to the prompt.
func (s SubAgent) SkillRefs() []*apiresource.ApiResourceReference { return s.skillRefs }

// String shows the name.
func (s SubAgent) String() string { return "SubAgent(" + s.name + ")" }
