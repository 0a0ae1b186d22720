package api

import (
	"google.golang.org/protobuf/types/known/structpb"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	agentinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentinstance/v1"
	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"
	skillv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/skill/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource/apiresourcekind"
)

const apiVersion = "agentic.stigmer.ai/v1"

func scopeOf(number int32) apiresource.ApiResourceOwnerScope {
	return apiresource.ApiResourceOwnerScope(number)
}

func head(scope int32) *apiresource.ApiResourceMetadata {
	return &apiresource.ApiResourceMetadata{Name: "a name", Org: "local", OwnerScope: scopeOf(scope)}
}

func anAgent() *agentv1.Agent {
	skill := func() []*apiresource.ApiResourceReference {
		return []*apiresource.ApiResourceReference{{Slug: "a", Kind: apiresourcekind.ApiResourceKind_skill}}
	}
	return &agentv1.Agent{
		ApiVersion: apiVersion, Kind: "Agent", Metadata: head(2), Spec: &agentv1.AgentSpec{
			Instructions: "ten letter", SkillRefs: skill(),
			SubAgents: []*agentv1.SubAgent{{Name: "sub", Instructions: "ten letter", SkillRefs: skill()}},
			McpServers: []*agentv1.McpServerDefinition{
				{Name: "one", ServerType: &agentv1.McpServerDefinition_Stdio{Stdio: &agentv1.StdioServer{Command: "run"}}},
				{Name: "two", ServerType: &agentv1.McpServerDefinition_Http{Http: &agentv1.HttpServer{Url: "http://127.0.0.1"}}},
				{Name: "three", ServerType: &agentv1.McpServerDefinition_Docker{Docker: &agentv1.DockerServer{
					Image: "image", Volumes: []*agentv1.VolumeMount{{HostPath: "/a", ContainerPath: "/b"}},
					Ports: []*agentv1.PortMapping{{HostPort: 1, ContainerPort: 1}},
				}}},
			},
		},
	}
}

func aReference() *apiresource.ApiResourceReference {
	return &apiresource.ApiResourceReference{Scope: scopeOf(2), Org: "local", Slug: "a"}
}

func aWorkflow() *workflowv1.Workflow {
	return &workflowv1.Workflow{
		ApiVersion: apiVersion, Kind: "Workflow", Metadata: head(2), Spec: &workflowv1.WorkflowSpec{
			Document: &workflowv1.WorkflowDocument{Dsl: "1.0.0", Namespace: "a", Name: "b", Version: "1"},
			Tasks: []*workflowv1.WorkflowTask{{
				Name: "one", Kind: apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_SET, TaskConfig: &structpb.Struct{},
				Export: &workflowv1.Export{As: "${.}"},
			}},
		},
	}
}

func anInstance() *agentinstancev1.AgentInstance {
	return &agentinstancev1.AgentInstance{
		ApiVersion: apiVersion, Kind: "AgentInstance", Metadata: head(2), Spec: &agentinstancev1.AgentInstanceSpec{
			AgentId: "agt-1", EnvironmentRefs: []*apiresource.ApiResourceReference{{
				Slug: "a", Kind: apiresourcekind.ApiResourceKind_environment,
			}},
		},
	}
}

func anExecution() *agentexecutionv1.AgentExecution {
	return &agentexecutionv1.AgentExecution{
		ApiVersion: apiVersion, Kind: "AgentExecution", Metadata: head(0), Spec: &agentexecutionv1.AgentExecutionSpec{
			AgentId: "agt-1", Message: "hello",
			RuntimeEnv: map[string]*executioncontextv1.ExecutionValue{"KEY": {Value: "value"}},
		},
	}
}

func agentNews() *agentexecutionv1.AgentExecutionUpdateStatusInput {
	return &agentexecutionv1.AgentExecutionUpdateStatusInput{
		ExecutionId: "aex-1", Status: &agentexecutionv1.AgentExecutionStatus{
			Phase: 2, Messages: []*agentexecutionv1.AgentMessage{{Type: 2}}, ToolCalls: []*agentexecutionv1.ToolCall{{Status: 1}},
			SubAgentExecutions: []*agentexecutionv1.SubAgentExecution{{Status: 1}},
		},
	}
}

func workflowNews() *workflowexecutionv1.WorkflowExecutionUpdateStatusInput {
	return &workflowexecutionv1.WorkflowExecutionUpdateStatusInput{
		ExecutionId: "wex-1", Status: &workflowexecutionv1.WorkflowExecutionStatus{
			Phase: 2, Tasks: []*workflowexecutionv1.WorkflowTask{{Status: 2, TaskType: 7}},
		},
	}
}

func aPush() *skillv1.PushSkillRequest {
	return &skillv1.PushSkillRequest{Name: "a", Scope: scopeOf(2), Artifact: []byte("zip"), Tag: "v1"}
}
