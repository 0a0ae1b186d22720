package agent

import (
	"fmt"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/sdk/go/internal/manifest"
	"github.com/stigmer/stigmer/sdk/go/internal/variables"
	"github.com/stigmer/stigmer/sdk/go/mcpserver"
	"github.com/stigmer/stigmer/sdk/go/stigmer/naming"
	"github.com/stigmer/stigmer/sdk/go/subagent"
)

// ToProto gives the platform's form of the agent, or an error that names everything that is wrong with it.
func (a *Agent) ToProto() (*agentv1.Agent, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.validate(); err != nil {
		return nil, err
	}
	slug := a.Slug
	if slug == "" {
		slug = naming.GenerateSlug(a.Name)
	}
	return &agentv1.Agent{
		ApiVersion: "agentic.stigmer.ai/v1",
		Kind:       "Agent",
		Metadata: &apiresource.ApiResourceMetadata{
			Name:        a.Name,
			Slug:        slug,
			Annotations: manifest.Annotations(),
			// The CLI sets the organization; an agent without owner would be refused.
			OwnerScope: apiresource.ApiResourceOwnerScope_organization,
		},
		Spec: &agentv1.AgentSpec{
			Description:  a.Description,
			IconUrl:      a.IconURL,
			Instructions: a.Instructions,
			McpServers:   serverDefinitions(a.MCPServers),
			SkillRefs:    a.SkillRefs,
			SubAgents:    subAgents(a.SubAgents),
			EnvSpec:      variables.Spec(a.describeEnvironment(), a.EnvironmentVariables),
		},
	}, nil
}

func (a *Agent) describeEnvironment() string {
	if a.environmentDescription != "" {
		return a.environmentDescription
	}
	return fmt.Sprintf("Environment variables for agent (%d variables)", len(a.EnvironmentVariables))
}

// serverDefinitions converts servers of the three kinds; validate refuses others.
func serverDefinitions(servers []mcpserver.MCPServer) []*agentv1.McpServerDefinition {
	definitions := make([]*agentv1.McpServerDefinition, 0, len(servers))
	for _, server := range servers {
		definition := &agentv1.McpServerDefinition{Name: server.Name(), EnabledTools: server.EnabledTools()}
		switch typed := server.(type) {
		case *mcpserver.StdioServer:
			definition.ServerType = &agentv1.McpServerDefinition_Stdio{Stdio: &agentv1.StdioServer{
				Command:         typed.Command(),
				Args:            typed.Args(),
				EnvPlaceholders: typed.EnvPlaceholders(),
				WorkingDir:      typed.WorkingDir(),
			}}
		case *mcpserver.HTTPServer:
			definition.ServerType = &agentv1.McpServerDefinition_Http{Http: &agentv1.HttpServer{
				Url:            typed.URL(),
				Headers:        typed.Headers(),
				QueryParams:    typed.QueryParams(),
				TimeoutSeconds: typed.TimeoutSeconds(),
			}}
		case *mcpserver.DockerServer:
			definition.ServerType = &agentv1.McpServerDefinition_Docker{Docker: dockerServer(typed)}
		}
		definitions = append(definitions, definition)
	}
	return definitions
}

func dockerServer(server *mcpserver.DockerServer) *agentv1.DockerServer {
	result := &agentv1.DockerServer{
		Image:           server.Image(),
		Args:            server.Args(),
		EnvPlaceholders: server.EnvPlaceholders(),
		Network:         server.Network(),
		ContainerName:   server.ContainerName(),
	}
	for _, volume := range server.Volumes() {
		if volume != nil {
			result.Volumes = append(result.Volumes, &agentv1.VolumeMount{
				HostPath: volume.HostPath, ContainerPath: volume.ContainerPath, ReadOnly: volume.ReadOnly,
			})
		}
	}
	for _, port := range server.Ports() {
		if port != nil {
			result.Ports = append(result.Ports, &agentv1.PortMapping{
				HostPort: port.HostPort, ContainerPort: port.ContainerPort, Protocol: port.Protocol,
			})
		}
	}
	return result
}

func subAgents(subs []subagent.SubAgent) []*agentv1.SubAgent {
	result := make([]*agentv1.SubAgent, 0, len(subs))
	for _, sub := range subs {
		selections := map[string]*agentv1.McpToolSelection{}
		for server, selection := range sub.ToolSelections() {
			if selection != nil {
				selections[server] = &agentv1.McpToolSelection{EnabledTools: selection.EnabledTools}
			}
		}
		result = append(result, &agentv1.SubAgent{
			Name:              sub.Name(),
			Description:       sub.Description(),
			Instructions:      sub.Instructions(),
			McpServers:        sub.MCPServerNames(),
			McpToolSelections: selections,
			SkillRefs:         sub.SkillRefs(),
		})
	}
	return result
}
