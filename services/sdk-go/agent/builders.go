package agent

import (
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/mcpserver"
	"github.com/stigmer/stigmer/sdk/go/skillref"
	"github.com/stigmer/stigmer/sdk/go/subagent"
)

// The methods below may be called side by side; each gives the agent back, so that calls can be chained.

// AddSkillRef adds a skill, made by skillref.Platform or skillref.Organization.
func (a *Agent) AddSkillRef(ref *apiresource.ApiResourceReference) *Agent { return a.AddSkillRefs(ref) }

// AddSkillRefs adds skills.
func (a *Agent) AddSkillRefs(refs ...*apiresource.ApiResourceReference) *Agent {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.SkillRefs = append(a.SkillRefs, refs...)
	return a
}

// AddOrgSkillRef adds a skill of the agent's own organization. Without a version it is the newest one.
func (a *Agent) AddOrgSkillRef(slug string, version ...string) *Agent {
	return a.AddSkillRefs(skillref.Organization(a.Org, slug, version...))
}

// AddMCPServer adds a tool server.
func (a *Agent) AddMCPServer(server mcpserver.MCPServer) *Agent { return a.AddMCPServers(server) }

// AddMCPServers adds tool servers.
func (a *Agent) AddMCPServers(servers ...mcpserver.MCPServer) *Agent {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.MCPServers = append(a.MCPServers, servers...)
	return a
}

// AddSubAgent adds a helper.
func (a *Agent) AddSubAgent(sub subagent.SubAgent) *Agent { return a.AddSubAgents(sub) }

// AddSubAgents adds helpers.
func (a *Agent) AddSubAgents(subs ...subagent.SubAgent) *Agent {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.SubAgents = append(a.SubAgents, subs...)
	return a
}

// AddEnvironmentVariable adds a variable that the agent needs.
func (a *Agent) AddEnvironmentVariable(variable environment.Variable) *Agent {
	return a.AddEnvironmentVariables(variable)
}

// AddEnvironmentVariables adds variables that the agent needs.
func (a *Agent) AddEnvironmentVariables(variables ...environment.Variable) *Agent {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.EnvironmentVariables = append(a.EnvironmentVariables, variables...)
	return a
}
