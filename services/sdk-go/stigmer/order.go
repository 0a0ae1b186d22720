package stigmer

import (
	"slices"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"google.golang.org/protobuf/types/known/structpb"
)

// order says which resources of the program must be applied before which others: what was tracked, what an agent
// refers to, and what the tasks of a workflow call. Resources that are on the platform already need no order.
func order(tracked map[string][]string, defined *resources) map[string][]string {
	known := map[string]string{}
	for _, converted := range defined.skills {
		slug := converted.GetMetadata().GetSlug()
		known["skill:"+slug] = "skill:" + slug
	}
	for _, converted := range defined.agents {
		slug := converted.GetMetadata().GetSlug()
		known["agent:"+slug] = "agent:" + slug
	}
	for _, converted := range defined.workflows {
		id := "workflow:" + converted.GetSpec().GetDocument().GetName()
		known[id] = id
		known["workflow:"+converted.GetMetadata().GetSlug()] = id
	}
	result := map[string][]string{}
	for id, dependencies := range tracked {
		result[id] = slices.Clone(dependencies)
	}
	add := func(id, called string) {
		if dependency, ok := known[called]; ok && dependency != id {
			result[id] = append(result[id], dependency)
		}
	}
	for _, converted := range defined.agents {
		id := "agent:" + converted.GetMetadata().GetSlug()
		for _, reference := range skillsOf(converted.GetSpec()) {
			add(id, "skill:"+reference.GetSlug())
		}
	}
	for _, converted := range defined.workflows {
		id := "workflow:" + converted.GetSpec().GetDocument().GetName()
		for _, task := range converted.GetSpec().GetTasks() {
			walkCalls(task.GetKind().String(), task.GetTaskConfig(), func(called string) { add(id, called) })
		}
	}
	for id, dependencies := range result {
		slices.Sort(dependencies)
		result[id] = slices.Compact(dependencies)
	}
	return result
}

// skillsOf lists the skills of an agent and its sub-agents that can be the program's own: those of the platform are not.
func skillsOf(spec *agentv1.AgentSpec) []*apiresource.ApiResourceReference {
	references := slices.Clone(spec.GetSkillRefs())
	for _, sub := range spec.GetSubAgents() {
		references = append(references, sub.GetSkillRefs()...)
	}
	return slices.DeleteFunc(references, func(reference *apiresource.ApiResourceReference) bool {
		return reference.GetScope() == apiresource.ApiResourceOwnerScope_platform
	})
}

// walkCalls visits what a task calls, and what the tasks inside it call.
func walkCalls(kind string, config *structpb.Struct, visit func(called string)) {
	fields := config.GetFields()
	switch kind {
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_AGENT_CALL.String():
		visit("agent:" + fields["agent"].GetStringValue())
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_RUN.String():
		visit("workflow:" + fields["workflow"].GetStringValue())
	default:
		for _, name := range []string{"do", "try"} {
			walkNestedCalls(fields[name], visit)
		}
		walkNestedCalls(fields["catch"].GetStructValue().GetFields()["do"], visit)
		for _, branch := range fields["branches"].GetListValue().GetValues() {
			walkNestedCalls(branch.GetStructValue().GetFields()["do"], visit)
		}
	}
}

func walkNestedCalls(tasks *structpb.Value, visit func(called string)) {
	for _, task := range tasks.GetListValue().GetValues() {
		fields := task.GetStructValue().GetFields()
		walkCalls(fields["kind"].GetStringValue(), fields["task_config"].GetStructValue(), visit)
	}
}
