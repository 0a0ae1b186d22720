package execution

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// trigger is what an execution's tasks see as `$input`: the value that a RUN task of another workflow gave, or else the
// entries and the message of the caller.
func trigger(spec *workflowexecutionv1.WorkflowExecutionSpec) (any, error) {
	if given, ok := spec.GetTriggerMetadata()[message.InputMetadata]; ok {
		decoded, err := value.Decode([]byte(given))
		if err != nil {
			return nil, fmt.Errorf("trigger_metadata %q is no JSON: %w", message.InputMetadata, err)
		}
		return decoded, nil
	}
	input := map[string]any{}
	for key, text := range spec.GetTriggerMetadata() {
		input[key] = text
	}
	if text := spec.GetTriggerMessage(); text != "" {
		input["message"] = text
	}
	return input, nil
}

// definitionOf is a spec without its environment, which may hold secrets and is handed on in another way.
func definitionOf(spec *workflowv1.WorkflowSpec) *workflowv1.WorkflowSpec {
	public := proto.CloneOf(spec)
	public.EnvSpec = nil
	return public
}
