package secret

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// MaskStatus returns a status in which no secret can be read.
func (v *Vault) MaskStatus(status *workflowexecutionv1.WorkflowExecutionStatus) *workflowexecutionv1.WorkflowExecutionStatus {
	if len(v.values) == 0 {
		return status
	}
	masked := proto.CloneOf(status)
	masked.Error = v.MaskText(masked.GetError())
	masked.Output = v.maskStruct(masked.GetOutput())
	for _, task := range masked.GetTasks() {
		task.Error = v.MaskText(task.GetError())
		task.Input = v.maskStruct(task.GetInput())
		task.Output = v.maskStruct(task.GetOutput())
		task.Metadata = v.maskStruct(task.GetMetadata())
	}
	return masked
}

func (v *Vault) maskStruct(object *structpb.Struct) *structpb.Struct {
	if object == nil {
		return nil
	}
	masked, err := value.Map(v.numbers(object.AsMap()), func(text string) (any, error) { return v.MaskText(text), nil })
	if err != nil {
		// Nothing above returns one.
		return nil
	}
	return value.Struct(masked)
}
