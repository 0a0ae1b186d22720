package orchestration

import (
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
)

// RegisterWorkflows registers all workflows for a replay, with the contract's limits.
func RegisterWorkflows(registry worker.WorkflowReplayer) {
	limits, _ := settings.From[settings.Timeouts](nil)
	for name, run := range map[string]any{
		contract.AgentExecutionWorkflow:    agentWorkflow{timeouts: limits}.Run,
		contract.WorkflowExecutionWorkflow: workflowWorkflow{timeouts: limits}.Run,
		contract.ValidationWorkflow:        validationWorkflow{timeouts: limits}.Run,
	} {
		registry.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: name})
	}
}

// Interception answers what watches the calls of the SDK, and what cuts off its polls.
func Interception() (grpc.UnaryClientInterceptor, func()) {
	watched := newWatch()
	return watched.intercept, watched.Cut
}
