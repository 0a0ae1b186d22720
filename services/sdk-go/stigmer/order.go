package stigmer

import (
	"slices"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
)

// order says which resources of the program must be applied before which others: what was tracked, and what the tasks of a
// workflow call. Resources that are on the platform already need no order.
func order(tracked map[string][]string, defined *resources) map[string][]string {
	known := map[string]string{}
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
	for _, converted := range defined.workflows {
		id := "workflow:" + converted.GetSpec().GetDocument().GetName()
		for _, task := range converted.GetSpec().GetTasks() {
			walkCalls(task.GetKind().String(), task.GetTaskConfig(), func(called string) {
				if dependency, ok := known[called]; ok && dependency != id {
					result[id] = append(result[id], dependency)
				}
			})
		}
	}
	for id, dependencies := range result {
		slices.Sort(dependencies)
		result[id] = slices.Compact(dependencies)
	}
	return result
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
