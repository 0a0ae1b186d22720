package agent

import (
	"fmt"
	"maps"
	"slices"

	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/internal/reference"
	"github.com/stigmer/stigmer/sdk/go/internal/validation"
	"github.com/stigmer/stigmer/sdk/go/mcpserver"
	"github.com/stigmer/stigmer/sdk/go/subagent"
)

// addArguments adds the lists of the arguments, as if they had been added by the methods.
func (a *Agent) addArguments(args *AgentArgs) error {
	report := validation.NewReport("Agent", a.Name)
	skills, err := reference.Skills(args.SkillRefs)
	report.AddError(err)
	a.SkillRefs = append(a.SkillRefs, skills...)
	for index, definition := range args.McpServers {
		if server := serverOf(report, index, definition); server != nil {
			a.MCPServers = append(a.MCPServers, server)
		}
	}
	for index, definition := range args.SubAgents {
		sub, err := subAgentOf(index, definition)
		report.AddError(err)
		a.SubAgents = append(a.SubAgents, sub)
	}
	if args.EnvSpec != nil {
		a.environmentDescription = args.EnvSpec.Description
		a.EnvironmentVariables = append(a.EnvironmentVariables, variablesOf(args.EnvSpec)...)
	}
	return report.Err()
}

// serverOf makes the server that a definition declares. The constructors of servers report nothing: what they are given is
// checked when the program ends.
func serverOf(report *validation.Report, index int, definition *types.McpServerDefinition) mcpserver.MCPServer {
	if definition == nil {
		definition = &types.McpServerDefinition{}
	}
	kinds := 0
	var server mcpserver.MCPServer
	if definition.Stdio != nil {
		kinds++
		stdio, _ := mcpserver.Stdio(nil, definition.Name, definition.Stdio)
		server = stdio.EnableTools(definition.EnabledTools...)
	}
	if definition.Http != nil {
		kinds++
		http, _ := mcpserver.HTTP(nil, definition.Name, definition.Http)
		server = http.EnableTools(definition.EnabledTools...)
	}
	if definition.Docker != nil {
		kinds++
		docker, _ := mcpserver.Docker(nil, definition.Name, definition.Docker)
		server = docker.EnableTools(definition.EnabledTools...)
	}
	if kinds != 1 {
		report.Add(fmt.Sprintf("mcp_servers[%d]", index), definition.Name, "oneof",
			fmt.Sprintf("needs exactly one of Stdio, Http and Docker, has %d", kinds), validation.ErrRequired)
		return nil
	}
	return server
}

func subAgentOf(index int, definition *types.SubAgent) (subagent.SubAgent, error) {
	if definition == nil || definition.InlineSpec == nil || definition.AgentInstanceRefs != nil {
		return subagent.SubAgent{}, validation.NewValidationErrorWithCause(
			fmt.Sprintf("sub_agents[%d]", index), "", "required",
			"needs InlineSpec and nothing else: a sub-agent is defined inside its agent", validation.ErrRequired)
	}
	args := subagent.Args(*definition.InlineSpec)
	return subagent.New(definition.InlineSpec.Name, &args)
}

// variablesOf lists the declared variables in order of their names, since a map has none.
func variablesOf(spec *types.EnvironmentSpec) []environment.Variable {
	var variables []environment.Variable
	for _, name := range slices.Sorted(maps.Keys(spec.Data)) {
		value := spec.Data[name]
		if value == nil {
			value = &types.EnvironmentValue{}
		}
		variables = append(variables, environment.Variable{
			Name: name, IsSecret: value.IsSecret, Description: value.Description, DefaultValue: value.Value,
			Required: value.Value == "",
		})
	}
	return variables
}
