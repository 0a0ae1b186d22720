package agent_test

import (
	"testing"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource/apiresourcekind"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/mcpserver"
	"github.com/stigmer/stigmer/sdk/go/skillref"
	"github.com/stigmer/stigmer/sdk/go/subagent"
)

// fullAgent uses everything that an agent can have.
func fullAgent(t *testing.T) *agent.Agent {
	t.Helper()
	stdio := must[*mcpserver.StdioServer](t)(mcpserver.Stdio(nil, "program", &mcpserver.StdioArgs{
		Command: "tool", Args: []string{"-v"}, EnvPlaceholders: map[string]string{"TOKEN": "${TOKEN}"}, WorkingDir: "work",
	}))
	http := must[*mcpserver.HTTPServer](t)(mcpserver.HTTP(nil, "address", &mcpserver.HTTPArgs{
		Url: "http://127.0.0.1:1/mcp", Headers: map[string]string{"H": "${TOKEN}"}, QueryParams: map[string]string{"q": "1"},
	}))
	docker := must[*mcpserver.DockerServer](t)(mcpserver.Docker(nil, "container", &mcpserver.DockerArgs{
		Image: "i:1", Args: []string{"run"}, EnvPlaceholders: map[string]string{"A": "b"}, Network: "n", ContainerName: "c",
		Volumes: []*types.VolumeMount{nil, {HostPath: "/h", ContainerPath: "/c", ReadOnly: true}},
		Ports:   []*types.PortMapping{nil, {HostPort: 1, ContainerPort: 2, Protocol: "udp"}},
	}))
	helper := must[subagent.SubAgent](t)(subagent.New("sub", &subagent.Args{
		Description: "d", Instructions: instructions, McpServers: []string{"program"},
		McpToolSelections: map[string]*types.McpToolSelection{"program": {EnabledTools: []string{"read"}}, "address": nil},
		SkillRefs:         []*types.ApiResourceReference{{Slug: "s", Scope: "organization", Org: "o"}},
	}))
	token := must[*environment.Variable](t)(environment.New(nil, "TOKEN", &environment.VariableArgs{
		IsSecret: true, Description: "a token",
	}))
	region := must[*environment.Variable](t)(environment.New(nil, "REGION", &environment.VariableArgs{DefaultValue: "eu"}))
	full := must[*agent.Agent](t)(agent.New(nil, "full", &agent.AgentArgs{
		Description: "d", IconUrl: "http://127.0.0.1/i.png", Instructions: instructions,
	}))
	return full.AddMCPServers(stdio.EnableTools("read"), http, docker.EnableTools("run")).AddSubAgent(helper).
		AddSkillRefs(skillref.Platform("p", "v1")).AddEnvironmentVariables(*token, *region)
}

func TestAnAgentHasThePlatformsForm(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "0")
	got := must[*agentv1.Agent](t)(fullAgent(t).ToProto())
	skill := apiresourcekind.ApiResourceKind_skill
	want := &agentv1.Agent{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "Agent",
		Metadata: &apiresource.ApiResourceMetadata{
			Name: "full", Slug: "full", OwnerScope: apiresource.ApiResourceOwnerScope_organization,
			Annotations: map[string]string{
				"stigmer.ai/sdk.language": "go", "stigmer.ai/sdk.version": "0.1.0", "stigmer.ai/sdk.generated-at": "0",
			},
		},
		Spec: &agentv1.AgentSpec{
			Description: "d", IconUrl: "http://127.0.0.1/i.png", Instructions: instructions,
			McpServers: []*agentv1.McpServerDefinition{
				{Name: "program", EnabledTools: []string{"read"}, ServerType: &agentv1.McpServerDefinition_Stdio{
					Stdio: &agentv1.StdioServer{
						Command: "tool", Args: []string{"-v"}, EnvPlaceholders: map[string]string{"TOKEN": "${TOKEN}"},
						WorkingDir: "work",
					},
				}},
				{Name: "address", ServerType: &agentv1.McpServerDefinition_Http{Http: &agentv1.HttpServer{
					Url: "http://127.0.0.1:1/mcp", Headers: map[string]string{"H": "${TOKEN}"},
					QueryParams: map[string]string{"q": "1"}, TimeoutSeconds: 30,
				}}},
				{Name: "container", EnabledTools: []string{"run"}, ServerType: &agentv1.McpServerDefinition_Docker{
					Docker: &agentv1.DockerServer{
						Image: "i:1", Args: []string{"run"}, EnvPlaceholders: map[string]string{"A": "b"}, Network: "n",
						ContainerName: "c",
						Volumes:       []*agentv1.VolumeMount{{HostPath: "/h", ContainerPath: "/c", ReadOnly: true}},
						Ports:         []*agentv1.PortMapping{{HostPort: 1, ContainerPort: 2, Protocol: "udp"}},
					},
				}},
			},
			SkillRefs: []*apiresource.ApiResourceReference{
				{Scope: apiresource.ApiResourceOwnerScope_platform, Kind: skill, Slug: "p", Version: "v1"},
			},
			SubAgents: []*agentv1.SubAgent{{
				Name: "sub", Description: "d", Instructions: instructions, McpServers: []string{"program"},
				McpToolSelections: map[string]*agentv1.McpToolSelection{"program": {EnabledTools: []string{"read"}}},
				SkillRefs: []*apiresource.ApiResourceReference{
					{Scope: apiresource.ApiResourceOwnerScope_organization, Org: "o", Kind: skill, Slug: "s"},
				},
			}},
			EnvSpec: &environmentv1.EnvironmentSpec{
				Description: "Environment variables for agent (2 variables)",
				Data: map[string]*environmentv1.EnvironmentValue{
					"TOKEN": {IsSecret: true, Description: "a token"}, "REGION": {Value: "eu"},
				},
			},
		},
	}
	if !proto.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", protojson.Format(got), protojson.Format(want))
	}
}
