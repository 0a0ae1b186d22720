package agent_test

import (
	"errors"
	"strings"
	"testing"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/mcpserver"
	"github.com/stigmer/stigmer/sdk/go/skillref"
	"github.com/stigmer/stigmer/sdk/go/subagent"
)

const instructions = "Answer in one sentence"

func newAgent(t *testing.T) *agent.Agent {
	t.Helper()
	created, err := agent.New(nil, "helper", &agent.AgentArgs{Instructions: instructions})
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func must[V any](t *testing.T) func(V, error) V {
	return func(value V, err error) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func TestAWrongNameIsRefusedAtOnce(t *testing.T) {
	for name, want := range map[string]string{
		"":                      "name: agent name is required",
		"Invalid Name!":         `name: agent name "Invalid Name!" must have lower-case letters`,
		"-a":                    "without a hyphen at the ends",
		"a_b":                   "must have lower-case letters",
		strings.Repeat("a", 64): "has 64 characters: use at most 63",
	} {
		created, err := agent.New(nil, name, &agent.AgentArgs{Instructions: instructions})
		if created != nil || err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, agent.ErrInvalidName) {
			t.Errorf("%q: got %v and %v, want an error with %q", name, created, err, want)
		}
	}
}

func TestEverythingThatIsWrongWithAnAgentIsNamed(t *testing.T) {
	stdio := must[*mcpserver.StdioServer](t)(mcpserver.Stdio(nil, "tools", nil))
	http := must[*mcpserver.HTTPServer](t)(mcpserver.HTTP(nil, "tools", nil))
	docker := must[*mcpserver.DockerServer](t)(mcpserver.Docker(nil, "", &mcpserver.DockerArgs{
		Volumes: []*types.VolumeMount{nil, {}}, Ports: []*types.PortMapping{nil, {HostPort: 70000, Protocol: "sctp"}},
	}))
	helper := must[subagent.SubAgent](t)(subagent.New("", &subagent.Args{
		Instructions: "short", McpServers: []string{"away"},
		McpToolSelections: map[string]*types.McpToolSelection{"gone": nil},
	}))
	created, err := agent.New(nil, "helper", &agent.AgentArgs{Instructions: "Hi"})
	if err != nil {
		t.Fatal(err)
	}
	created.AddMCPServers(stdio, http, docker, nil, foreignServer{}).AddSubAgents(helper, helper)
	created.AddSkillRefs(nil, skillref.Platform(""), skillref.Platform("s", "no/slash"))
	created.AddEnvironmentVariables(environment.Variable{Name: "lower"}, environment.Variable{Name: "lower"})
	_, err = created.ToProto()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`agent "helper": instructions: needs at least 10 characters, has 2 ("Hi"): say what the agent is for`,
		"skill_refs[0].kind: must refer to a skill", "skill_refs[1].slug: is required",
		`skill_refs[2].version: "no/slash" must be a tag`,
		"mcp_servers[0].stdio.command: is required", `mcp_servers[1].name: "tools" is used twice`,
		"mcp_servers[1].http.url: is required", "mcp_servers[2].name: is required", "mcp_servers[2].docker.image: is required",
		"mcp_servers[2].docker.volumes[1].host_path: is required", "mcp_servers[2].docker.volumes[1].container_path: is required",
		"mcp_servers[2].docker.ports[1].host_port: must be from 1 to 65535, is 70000",
		"mcp_servers[2].docker.ports[1].container_port: must be from 1 to 65535, is 0",
		`mcp_servers[2].docker.ports[1].protocol: must be one of tcp, udp, is "sctp"`,
		"mcp_servers[3]: is nil", "mcp_servers[4]: is a agent_test.foreignServer: make it with mcpserver.Stdio, HTTP or Docker",
		"sub_agents[0].name: is required", `sub_agents[0].instructions: needs at least 10 characters, has 5 ("short")`,
		`sub_agents[0].mcp_servers: the agent has no MCP server "away": add it with AddMCPServer`,
		`sub_agents[0].mcp_tool_selections: the agent has no MCP server "gone"`,
		`sub_agents[1].name: "" is used twice`,
		`env_spec[0]: environment variable "lower" must have upper-case letters`, `env_spec[1]: "lower" is used twice`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
	if !errors.Is(err, agent.ErrInvalidInstructions) {
		t.Error("the cause of the instructions is lost")
	}
	var single *agent.ValidationError
	if !errors.As(err, &single) || single.Rule != "min_length" {
		t.Errorf("the first problem is %+v", single)
	}
}

func TestTenCharactersAreEnough(t *testing.T) {
	for text, right := range map[string]bool{"äöüäöüäöü": false, "äöüäöüäöüä": true} {
		created := newAgent(t)
		created.Instructions = text
		if _, err := created.ToProto(); (err == nil) != right {
			t.Errorf("%q gives %v", text, err)
		}
	}
}

// foreignServer is a server that the SDK cannot convert.
type foreignServer struct{}

func (foreignServer) Name() string               { return "foreign" }
func (foreignServer) EnabledTools() []string     { return nil }
func (foreignServer) Type() mcpserver.ServerType { return mcpserver.TypeStdio }

func TestListsOfTheArgumentsAreUsed(t *testing.T) {
	created, err := agent.New(nil, "helper", &agent.AgentArgs{
		Instructions: instructions,
		McpServers: []*types.McpServerDefinition{
			{Name: "program", Stdio: &types.StdioServer{Command: "tool"}, EnabledTools: []string{"read"}},
			{Name: "address", Http: &types.HttpServer{Url: "http://a"}},
			{Name: "container", Docker: &types.DockerServer{Image: "i:1"}},
		},
		SkillRefs: []*types.ApiResourceReference{{Slug: "docs", Scope: "platform"}, nil},
		SubAgents: []*types.SubAgent{{InlineSpec: &types.InlineSubAgentSpec{
			Name: "sub", Instructions: instructions, McpServers: []string{"program"},
			SkillRefs: []*types.ApiResourceReference{{Slug: "own", Scope: "organization", Org: "o", Kind: "skill"}},
		}}},
		EnvSpec: &types.EnvironmentSpec{Description: "what it needs", Data: map[string]*types.EnvironmentValue{
			"TOKEN": {IsSecret: true, Description: "a token"}, "REGION": {Value: "eu"},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	converted := must[*agentv1.Agent](t)(created.ToProto())
	spec := converted.GetSpec()
	servers := spec.GetMcpServers()
	if len(servers) != 3 || servers[0].GetStdio().GetCommand() != "tool" || servers[0].GetEnabledTools()[0] != "read" ||
		servers[1].GetHttp().GetUrl() != "http://a" || servers[1].GetHttp().GetTimeoutSeconds() != 30 ||
		servers[2].GetDocker().GetImage() != "i:1" {
		t.Errorf("servers are %v", servers)
	}
	if refs := spec.GetSkillRefs(); len(refs) != 1 || !proto.Equal(refs[0], skillref.Platform("docs")) {
		t.Errorf("skills are %v", refs)
	}
	sub := spec.GetSubAgents()[0]
	if sub.GetName() != "sub" || !proto.Equal(sub.GetSkillRefs()[0], skillref.Organization("o", "own")) {
		t.Errorf("sub-agent is %v", sub)
	}
	variables := spec.GetEnvSpec()
	if variables.GetDescription() != "what it needs" || !variables.GetData()["TOKEN"].GetIsSecret() ||
		variables.GetData()["REGION"].GetValue() != "eu" {
		t.Errorf("variables are %v", variables)
	}
}

func TestWrongListsOfTheArgumentsAreRefusedTogether(t *testing.T) {
	_, err := agent.New(nil, "helper", &agent.AgentArgs{
		SkillRefs:  []*types.ApiResourceReference{{Slug: "docs", Scope: "planet"}},
		McpServers: []*types.McpServerDefinition{nil, {Stdio: &types.StdioServer{}, Http: &types.HttpServer{}}},
		SubAgents: []*types.SubAgent{
			{AgentInstanceRefs: &types.ApiResourceReference{Slug: "other"}},
			{InlineSpec: &types.InlineSubAgentSpec{SkillRefs: []*types.ApiResourceReference{{Slug: "x", Kind: "agent"}}}},
		},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`skill_refs[0].scope: must be "platform" or "organization", is "planet"`,
		"mcp_servers[0]: needs exactly one of Stdio, Http and Docker, has 0",
		"mcp_servers[1]: needs exactly one of Stdio, Http and Docker, has 2",
		"sub_agents[0]: needs InlineSpec and nothing else",
		`skill_refs[0].kind: must be "skill" or empty, is "agent"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
}

func TestAnAgentBelongsToTheOrganizationItIsAppliedTo(t *testing.T) {
	created := newAgent(t)
	created.Org = "acme"
	created.AddOrgSkillRef("docs").AddOrgSkillRef("docs", "v2").AddSkillRef(skillref.Platform("p", ""))
	converted := must[*agentv1.Agent](t)(created.ToProto())
	metadata := converted.GetMetadata()
	if metadata.GetOrg() != "" || metadata.GetOwnerScope() != apiresource.ApiResourceOwnerScope_organization ||
		metadata.GetSlug() != "helper" || converted.GetApiVersion() != "agentic.stigmer.ai/v1" || converted.GetKind() != "Agent" {
		t.Errorf("metadata is %v", metadata)
	}
	refs := converted.GetSpec().GetSkillRefs()
	if len(refs) != 3 || refs[0].GetOrg() != "acme" || refs[0].GetVersion() != "" || refs[1].GetVersion() != "v2" {
		t.Errorf("skills are %v", refs)
	}
}

func TestAnnotationsSayWhoMadeAnAgentAndWhen(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	annotations := must[*agentv1.Agent](t)(newAgent(t).ToProto()).GetMetadata().GetAnnotations()
	for key, want := range map[string]string{
		agent.AnnotationSDKLanguage: "go", agent.AnnotationSDKVersion: agent.SDKVersion,
		agent.AnnotationSDKGeneratedAt: "1700000000",
	} {
		if annotations[key] != want {
			t.Errorf("%s is %q, want %q", key, annotations[key], want)
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if got := agent.SDKAnnotations()[agent.AnnotationSDKGeneratedAt]; got == "yesterday" || got == "" {
		t.Errorf("a wrong SOURCE_DATE_EPOCH gives %q", got)
	}
	merged := agent.MergeAnnotations(map[string]string{"team": "core", agent.AnnotationSDKVersion: "mine"})
	if merged["team"] != "core" || merged[agent.AnnotationSDKVersion] != "mine" || merged[agent.AnnotationSDKLanguage] != "go" {
		t.Errorf("merged annotations are %v", merged)
	}
}

func TestListsMayGrowSideBySide(t *testing.T) {
	created := newAgent(t)
	done := make(chan struct{})
	const writers = 8
	for range writers {
		go func() {
			created.AddSkillRef(skillref.Platform("s"))
			created.AddEnvironmentVariable(environment.Variable{Name: "A"})
			done <- struct{}{}
		}()
	}
	for range writers {
		<-done
	}
	if len(created.SkillRefs) != writers || len(created.EnvironmentVariables) != writers {
		t.Errorf("%d skills and %d variables", len(created.SkillRefs), len(created.EnvironmentVariables))
	}
}
