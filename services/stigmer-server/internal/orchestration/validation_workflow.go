package orchestration

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/serverless"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
)

// validationWorkflow has the workflow-runner look at the structure of a workflow.
type validationWorkflow struct {
	timeouts settings.Timeouts
	// runnerQueue is used where the workflow does not name one in its memo.
	runnerQueue string
}

// Run answers what the workflow-runner thinks.
func (w validationWorkflow) Run(
	ctx workflow.Context, spec *workflowv1.WorkflowSpec,
) (*serverless.ServerlessWorkflowValidation, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           runnerQueue(ctx, w.runnerQueue),
		StartToCloseTimeout: w.timeouts.Validation,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 3},
	})
	var result *serverless.ServerlessWorkflowValidation
	err := workflow.ExecuteActivity(ctx, contract.ValidateWorkflowActivity, spec).Get(ctx, &result)
	return result, err
}
