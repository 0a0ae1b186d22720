package api

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	agentinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentinstance/v1"
	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"
	sessionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/session/v1"
	skillv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/skill/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	workflowinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowinstance/v1"
	workflowrunnerv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowrunner/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
)

// breaking makes a rule out of a typed change.
func breaking[M proto.Message](field string, kept func() M, message string, change func(M)) rule {
	return rule{
		field: field, message: message,
		kept: func() proto.Message { return kept() }, broken: func(request proto.Message) { change(request.(M)) },
	}
}

// clearing are rules that fields of a request must not be empty.
func clearing[M proto.Message](kept func() M, message string, fields ...string) []rule {
	var rules []rule
	for _, field := range fields {
		rules = append(rules, rule{
			field: field, message: message, kept: func() proto.Message { return kept() },
			broken: func(request proto.Message) { clearField(request.ProtoReflect(), field) },
		})
	}
	return rules
}

// clearField clears a field wherever in the message it is.
func clearField(message protoreflect.Message, field string) {
	message.Range(func(descriptor protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case string(descriptor.FullName()) == "ai.stigmer."+field:
			message.Clear(descriptor)
		case descriptor.IsMap():
			value.Map().Range(func(_ protoreflect.MapKey, element protoreflect.Value) bool {
				if descriptor.MapValue().Message() != nil {
					clearField(element.Message(), field)
				}
				return true
			})
		case descriptor.Message() == nil:
		case descriptor.IsList():
			for index := range value.List().Len() {
				clearField(value.List().Get(index).Message(), field)
			}
		default:
			clearField(value.Message(), field)
		}
		return true
	})
}

// resourceRules are those that every resource has.
func resourceRules[M proto.Message](name string, kept func() M) []rule {
	rules := clearing(kept, "required", name+".metadata")
	set := func(field protoreflect.Name, text string) func(M) {
		return func(message M) {
			reflected := message.ProtoReflect()
			reflected.Set(reflected.Descriptor().Fields().ByName(field), protoreflect.ValueOfString(text))
		}
	}
	return append(rules,
		breaking(name+".api_version", kept, "must equal `agentic.stigmer.ai/v1`", set("api_version", "v2")),
		breaking(name+".api_version", kept, "must equal `agentic.stigmer.ai/v1`", set("api_version", "")),
		breaking(name+".kind", kept, "must equal", set("kind", "Other")),
	)
}

// scopeRules are those of the scopes that a resource may not have.
func scopeRules[M interface {
	proto.Message
	GetMetadata() *apiresource.ApiResourceMetadata
}](name string, kept func() M, message string, refused ...int32) []rule {
	var rules []rule
	for _, scope := range refused {
		rules = append(rules, breaking(name+".metadata", kept, message, func(resource M) {
			resource.GetMetadata().OwnerScope = scopeOf(scope)
		}))
	}
	return rules
}

func allRules() []rule {
	return flatten(agentRules(), executionRules(), workflowRules(), otherRules(), idRules())
}

func flatten(groups ...[]rule) []rule {
	var all []rule
	for _, group := range groups {
		all = append(all, group...)
	}
	return all
}

func agentRules() []rule {
	const kindSkill = "skill_refs must reference resources with kind=skill"
	return flatten(
		resourceRules("agentic.agent.v1.Agent", anAgent),
		scopeRules("agentic.agent.v1.Agent", anAgent, "platform or organization scope", 0, 3),
		resourceRules("agentic.agentinstance.v1.AgentInstance", anInstance),
		clearing(anAgent, "required", "agentic.agent.v1.SubAgent.name", "agentic.agent.v1.McpServerDefinition.name",
			"agentic.agent.v1.StdioServer.command", "agentic.agent.v1.HttpServer.url", "agentic.agent.v1.DockerServer.image",
			"agentic.agent.v1.VolumeMount.host_path", "agentic.agent.v1.VolumeMount.container_path"),
		clearing(anAgent, "greater than or equal to 1", "agentic.agent.v1.PortMapping.host_port",
			"agentic.agent.v1.PortMapping.container_port"),
		clearing(anInstance, "at least 1 character", "agentic.agentinstance.v1.AgentInstanceSpec.agent_id"),
		[]rule{
			breaking("agentic.agent.v1.AgentSpec.instructions", anAgent, "at least 10 characters",
				func(agent *agentv1.Agent) { agent.Spec.Instructions = "nine lett" }),
			breaking("agentic.agent.v1.SubAgent.instructions", anAgent, "at least 10 characters",
				func(agent *agentv1.Agent) { agent.Spec.SubAgents[0].Instructions = "nine lett" }),
			breaking("agentic.agent.v1.AgentSpec.skill_refs", anAgent, kindSkill,
				func(agent *agentv1.Agent) { agent.Spec.SkillRefs[0].Kind = 44 }),
			breaking("agentic.agent.v1.SubAgent.skill_refs", anAgent, kindSkill,
				func(agent *agentv1.Agent) { agent.Spec.SubAgents[0].SkillRefs[0].Kind = 44 }),
			// The real schema asks for the number of workflow_execution, 52, here.
			breaking("agentic.agentinstance.v1.AgentInstanceSpec.environment_refs", anInstance,
				"environment_refs must reference resources with kind=environment",
				func(instance *agentinstancev1.AgentInstance) { instance.Spec.EnvironmentRefs[0].Kind = 52 }),
		},
	)
}

func executionRules() []rule {
	workflowExecution := func() *workflowexecutionv1.WorkflowExecution {
		return &workflowexecutionv1.WorkflowExecution{ApiVersion: apiVersion, Kind: "WorkflowExecution", Metadata: head(2)}
	}
	return flatten(
		resourceRules("agentic.agentexecution.v1.AgentExecution", anExecution),
		scopeRules("agentic.agentexecution.v1.AgentExecution", anExecution, "must be unspecified", 1, 2, 3),
		resourceRules("agentic.workflowexecution.v1.WorkflowExecution", workflowExecution),
		scopeRules("agentic.workflowexecution.v1.WorkflowExecution", workflowExecution,
			"organization or identity_account scope", 0, 1),
		clearing(anExecution, "at least 1 character", "agentic.agentexecution.v1.AgentExecutionSpec.message",
			"agentic.executioncontext.v1.ExecutionValue.value"),
		clearing(agentNews, "at least 1 character", "agentic.agentexecution.v1.AgentExecutionUpdateStatusInput.execution_id"),
		clearing(agentNews, "required", "agentic.agentexecution.v1.AgentExecutionUpdateStatusInput.status"),
		clearing(workflowNews, "at least 1 character",
			"agentic.workflowexecution.v1.WorkflowExecutionUpdateStatusInput.execution_id"),
		clearing(workflowNews, "required", "agentic.workflowexecution.v1.WorkflowExecutionUpdateStatusInput.status"),
		[]rule{
			breaking("agentic.agentexecution.v1.AgentExecutionStatus.phase", agentNews, "one of the defined enum values",
				func(news *agentexecutionv1.AgentExecutionUpdateStatusInput) { news.Status.Phase = 6 }),
			breaking("agentic.agentexecution.v1.AgentMessage.type", agentNews, "one of the defined enum values",
				func(news *agentexecutionv1.AgentExecutionUpdateStatusInput) { news.Status.Messages[0].Type = 9 }),
			breaking("agentic.agentexecution.v1.ToolCall.status", agentNews, "one of the defined enum values",
				func(news *agentexecutionv1.AgentExecutionUpdateStatusInput) { news.Status.ToolCalls[0].Status = 9 }),
			breaking("agentic.agentexecution.v1.SubAgentExecution.status", agentNews, "one of the defined enum values",
				func(news *agentexecutionv1.AgentExecutionUpdateStatusInput) {
					news.Status.SubAgentExecutions[0].Status = 9
				}),
			breaking("agentic.workflowexecution.v1.WorkflowExecutionStatus.phase", workflowNews, "one of the defined enum values",
				func(news *workflowexecutionv1.WorkflowExecutionUpdateStatusInput) { news.Status.Phase = 6 }),
			breaking("agentic.workflowexecution.v1.WorkflowTask.status", workflowNews, "one of the defined enum values",
				func(news *workflowexecutionv1.WorkflowExecutionUpdateStatusInput) { news.Status.Tasks[0].Status = 6 }),
			breaking("agentic.workflowexecution.v1.WorkflowTask.task_type", workflowNews, "one of the defined enum values",
				func(news *workflowexecutionv1.WorkflowExecutionUpdateStatusInput) { news.Status.Tasks[0].TaskType = 8 }),
		},
	)
}

func workflowRules() []rule {
	instance := func() *workflowinstancev1.WorkflowInstance {
		return &workflowinstancev1.WorkflowInstance{
			ApiVersion: apiVersion, Kind: "WorkflowInstance", Metadata: head(2),
			Spec: &workflowinstancev1.WorkflowInstanceSpec{WorkflowId: "wfl-1"},
		}
	}
	return flatten(
		resourceRules("agentic.workflow.v1.Workflow", aWorkflow),
		scopeRules("agentic.workflow.v1.Workflow", aWorkflow, "platform or organization scope", 0, 3),
		resourceRules("agentic.workflowinstance.v1.WorkflowInstance", instance),
		clearing(instance, "at least 1 character", "agentic.workflowinstance.v1.WorkflowInstanceSpec.workflow_id"),
		clearing(aWorkflow, "required", "agentic.workflow.v1.WorkflowSpec.document",
			"agentic.workflow.v1.WorkflowDocument.namespace", "agentic.workflow.v1.WorkflowDocument.name",
			"agentic.workflow.v1.WorkflowDocument.version", "agentic.workflow.v1.WorkflowTask.name",
			"agentic.workflow.v1.WorkflowTask.kind", "agentic.workflow.v1.WorkflowTask.task_config"),
		clearing(aWorkflow, "at least 1 item", "agentic.workflow.v1.WorkflowSpec.tasks"),
		clearing(aWorkflow, "at least 1 character", "agentic.workflow.v1.Export.as"),
		[]rule{
			breaking("agentic.workflow.v1.WorkflowDocument.dsl", aWorkflow, "does not match regex pattern",
				func(workflow *workflowv1.Workflow) { workflow.Spec.Document.Dsl = "1.0.1" }),
			breaking("agentic.workflow.v1.WorkflowDocument.dsl", aWorkflow, "does not match regex pattern",
				func(workflow *workflowv1.Workflow) { workflow.Spec.Document.Dsl = "" }),
		},
	)
}

func otherRules() []rule {
	session := func() *sessionv1.Session {
		return &sessionv1.Session{
			ApiVersion: apiVersion, Kind: "Session", Metadata: head(2), Spec: &sessionv1.SessionSpec{AgentInstanceId: "ain-1"},
		}
	}
	environment := func() *environmentv1.Environment {
		return &environmentv1.Environment{ApiVersion: apiVersion, Kind: "Environment", Metadata: head(3)}
	}
	contextOf := func() *executioncontextv1.ExecutionContext {
		return &executioncontextv1.ExecutionContext{
			ApiVersion: apiVersion, Kind: "ExecutionContext", Metadata: head(0),
			Spec: &executioncontextv1.ExecutionContextSpec{ExecutionId: "aex-1"},
		}
	}
	return flatten(
		resourceRules("agentic.session.v1.Session", session),
		scopeRules("agentic.session.v1.Session", session, "organization or identity_account scope", 0, 1),
		clearing(session, "required", "agentic.session.v1.SessionSpec.agent_instance_id"),
		resourceRules("agentic.environment.v1.Environment", environment),
		scopeRules("agentic.environment.v1.Environment", environment, "organization or identity_account scope", 0, 1),
		resourceRules("agentic.executioncontext.v1.ExecutionContext", contextOf),
		scopeRules("agentic.executioncontext.v1.ExecutionContext", contextOf, "must be unspecified", 1, 2, 3),
		clearing(contextOf, "at least 1 character", "agentic.executioncontext.v1.ExecutionContextSpec.execution_id"),
		clearing(aPush, "required", "agentic.skill.v1.PushSkillRequest.name", "agentic.skill.v1.PushSkillRequest.artifact"),
		[]rule{
			breaking("agentic.skill.v1.PushSkillRequest.scope", aPush, "one of the defined enum values",
				func(push *skillv1.PushSkillRequest) { push.Scope = 4 }),
			breaking("agentic.skill.v1.PushSkillRequest.tag", aPush, "does not match regex pattern",
				func(push *skillv1.PushSkillRequest) { push.Tag = "v 1" }),
			breaking("commons.apiresource.ApiResourceMetadata.owner_scope", anAgent, "one of the defined enum values",
				func(agent *agentv1.Agent) { agent.Metadata.OwnerScope = 4 }),
			breaking("commons.apiresource.ApiResourceReference.scope", aReference, "one of the defined enum values",
				func(reference *apiresource.ApiResourceReference) { reference.Scope = 4 }),
			breaking("commons.apiresource.ApiResourceReference.version", aReference, "does not match regex pattern",
				func(reference *apiresource.ApiResourceReference) { reference.Version = "a b" }),
		},
	)
}

// idRules are those of the messages that name a resource and nothing else.
func idRules() []rule {
	var rules []rule
	for _, request := range []proto.Message{
		&agentv1.AgentId{Value: "1"}, &agentinstancev1.AgentInstanceId{Value: "1"}, &sessionv1.SessionId{Value: "1"},
		&agentexecutionv1.AgentExecutionId{Value: "1"}, &workflowv1.WorkflowId{Value: "1"},
		&workflowinstancev1.WorkflowInstanceId{Value: "1"}, &workflowexecutionv1.WorkflowExecutionId{Value: "1"},
		&skillv1.SkillId{Value: "1"}, &executioncontextv1.ExecutionContextId{Value: "1"},
		&apiresource.ApiResourceId{Value: "1"}, &apiresource.ApiResourceDeleteInput{ResourceId: "1"},
		&agentexecutionv1.ListAgentExecutionsBySessionRequest{SessionId: "1"},
		&agentinstancev1.GetAgentInstancesByAgentRequest{AgentId: "1"},
		&sessionv1.ListSessionsByAgentRequest{AgentId: "1"},
		&workflowexecutionv1.ListWorkflowExecutionsByWorkflowRequest{WorkflowId: "1"},
		&workflowexecutionv1.SubscribeWorkflowExecutionRequest{ExecutionId: "1"},
		&workflowinstancev1.GetWorkflowInstancesByWorkflowRequest{WorkflowId: "1"},
		&workflowrunnerv1.CancelExecutionRequest{ExecutionId: "1"},
		&workflowrunnerv1.PauseExecutionRequest{ExecutionId: "1"},
		&workflowrunnerv1.ResumeExecutionRequest{ExecutionId: "1"},
		&workflowrunnerv1.WorkflowExecuteInput{WorkflowExecutionId: "1"},
		&skillv1.GetArtifactRequest{ArtifactStorageKey: "1"},
	} {
		request.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
			name := string(field.FullName())[len("ai.stigmer."):]
			rules = append(rules, clearing(func() proto.Message { return proto.Clone(request) }, "required", name)...)
			return true
		})
	}
	return rules
}
