package agent

import (
	"sync"

	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/sdk/go/environment"
	genagent "github.com/stigmer/stigmer/sdk/go/gen/agent"
	"github.com/stigmer/stigmer/sdk/go/mcpserver"
	"github.com/stigmer/stigmer/sdk/go/stigmer/naming"
	"github.com/stigmer/stigmer/sdk/go/subagent"
)

// AgentArgs says what an agent is.
type AgentArgs = genagent.AgentArgs

// Context is what New needs of a *stigmer.Context.
type Context interface {
	RegisterAgent(*Agent)
}

// Agent is an agent of the program. Its fields may be changed until the program ends.
type Agent struct {
	// Name has lower-case letters, digits and hyphens, at most 63.
	Name string
	// Slug is the name by which others refer to the agent.
	Slug string
	// Instructions is the system prompt, at least 10 characters.
	Instructions string
	// Description is one line for people.
	Description string
	// IconURL is the address of a picture for people.
	IconURL string
	// Org is the organization of AddOrgSkillRef. The agent itself belongs to the organization it is applied to.
	Org string
	// SkillRefs are skills whose text is added to the prompt.
	SkillRefs []*apiresource.ApiResourceReference
	// MCPServers are the tool servers that the agent may use.
	MCPServers []mcpserver.MCPServer
	// SubAgents are helpers that the agent may hand tasks to.
	SubAgents []subagent.SubAgent
	// EnvironmentVariables are the variables that the agent needs.
	EnvironmentVariables []environment.Variable

	// environmentDescription replaces the generated one.
	environmentDescription string
	// mu guards the lists against methods that are called side by side.
	mu sync.Mutex
}

// New makes an agent and registers it with the context, which may be nil. The error names everything that is wrong with the
// arguments; instructions and the like are checked when the program ends, so that they may still be changed.
func New(ctx Context, name string, args *AgentArgs) (*Agent, error) {
	if args == nil {
		args = &AgentArgs{}
	}
	created := &Agent{
		Name:                 name,
		Slug:                 naming.GenerateSlug(name),
		Instructions:         args.Instructions,
		Description:          args.Description,
		IconURL:              args.IconUrl,
		SkillRefs:            []*apiresource.ApiResourceReference{},
		MCPServers:           []mcpserver.MCPServer{},
		SubAgents:            []subagent.SubAgent{},
		EnvironmentVariables: []environment.Variable{},
	}
	if err := validateName(name); err != nil {
		return nil, err
	}
	if err := created.addArguments(args); err != nil {
		return nil, err
	}
	if ctx != nil {
		ctx.RegisterAgent(created)
	}
	return created, nil
}

// String shows the name.
func (a *Agent) String() string { return "Agent(name=" + a.Name + ")" }
