// Package resource holds what all resources of the API have in common: kinds, ids, slugs, references, audits, and their
// place in the store.
package resource

import (
	"google.golang.org/protobuf/proto"

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
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource/apiresourcekind"
)

// APIVersion is the version of every resource.
const APIVersion = "agentic.stigmer.ai/v1"

// Resource is what all resources are.
type Resource interface {
	proto.Message
	GetKind() string
	GetMetadata() *apiresource.ApiResourceMetadata
}

// Kind is a kind of resource.
type Kind struct {
	// Enum is its number on the wire; the name of the number is the first part of its keys.
	Enum apiresourcekind.ApiResourceKind
	// Name is its name in messages, as in the field `kind`.
	Name string
	// Prefix is the first part of its ids.
	Prefix string
	// Unique tells whether a slug names one resource of an organization. Agent executions may share a name.
	Unique bool
	// empty is a resource of the kind, for decoding.
	empty Resource
}

// Space is the first part of the kind's keys.
func (k Kind) Space() string { return k.Enum.String() }

// New makes an empty resource of the kind.
func (k Kind) New() Resource {
	return k.empty.ProtoReflect().New().Interface().(Resource)
}

// The resources of the API, each with the table that holds it.
var (
	Agents = Table[*agentv1.Agent]{Kind{
		apiresourcekind.ApiResourceKind_agent, "Agent", "agt", true, (*agentv1.Agent)(nil),
	}}
	AgentInstances = Table[*agentinstancev1.AgentInstance]{Kind{
		apiresourcekind.ApiResourceKind_agent_instance, "AgentInstance", "ain", true, (*agentinstancev1.AgentInstance)(nil),
	}}
	AgentExecutions = Table[*agentexecutionv1.AgentExecution]{Kind{
		apiresourcekind.ApiResourceKind_agent_execution, "AgentExecution", "aex", false,
		(*agentexecutionv1.AgentExecution)(nil),
	}}
	Sessions = Table[*sessionv1.Session]{Kind{
		apiresourcekind.ApiResourceKind_session, "Session", "ses", true, (*sessionv1.Session)(nil),
	}}
	Workflows = Table[*workflowv1.Workflow]{Kind{
		apiresourcekind.ApiResourceKind_workflow, "Workflow", "wfl", true, (*workflowv1.Workflow)(nil),
	}}
	WorkflowInstances = Table[*workflowinstancev1.WorkflowInstance]{Kind{
		apiresourcekind.ApiResourceKind_workflow_instance, "WorkflowInstance", "win", true,
		(*workflowinstancev1.WorkflowInstance)(nil),
	}}
	WorkflowExecutions = Table[*workflowexecutionv1.WorkflowExecution]{Kind{
		apiresourcekind.ApiResourceKind_workflow_execution, "WorkflowExecution", "wex", true,
		(*workflowexecutionv1.WorkflowExecution)(nil),
	}}
	Environments = Table[*environmentv1.Environment]{Kind{
		apiresourcekind.ApiResourceKind_environment, "Environment", "env", true, (*environmentv1.Environment)(nil),
	}}
	ExecutionContexts = Table[*executioncontextv1.ExecutionContext]{Kind{
		apiresourcekind.ApiResourceKind_execution_context, "ExecutionContext", "exec", true,
		(*executioncontextv1.ExecutionContext)(nil),
	}}
	Skills = Table[*skillv1.Skill]{Kind{
		apiresourcekind.ApiResourceKind_skill, "Skill", "skl", true, (*skillv1.Skill)(nil),
	}}
)

// KindNamed finds a kind by the first part of its keys.
func KindNamed(space string) (Kind, bool) {
	for _, kind := range []Kind{
		Agents.Kind, AgentInstances.Kind, AgentExecutions.Kind, Sessions.Kind, Workflows.Kind, WorkflowInstances.Kind,
		WorkflowExecutions.Kind, Environments.Kind, ExecutionContexts.Kind, Skills.Kind,
	} {
		if kind.Space() == space {
			return kind, true
		}
	}
	return Kind{}, false
}
