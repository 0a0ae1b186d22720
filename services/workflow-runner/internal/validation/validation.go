// Package validation is the activity that validates the structure of a workflow before it is stored.
package validation

import (
	"context"
	"log/slog"

	"go.temporal.io/sdk/activity"
	"google.golang.org/protobuf/types/known/timestamppb"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/serverless"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
)

// Activity validates workflows.
type Activity struct {
	Checker *definition.Checker
	Logger  *slog.Logger
}

// Validate finds everything that is wrong with a spec at once.
func (a *Activity) Validate(
	ctx context.Context, spec *workflowv1.WorkflowSpec,
) (*serverless.ServerlessWorkflowValidation, error) {
	workflowID := activity.GetInfo(ctx).WorkflowExecution.ID
	result := &serverless.ServerlessWorkflowValidation{
		State:                serverless.ValidationState_VALID,
		ValidatedAt:          timestamppb.Now(),
		ValidationWorkflowId: workflowID,
	}
	parsed, problems, err := a.Checker.Check(spec)
	if err == nil {
		result.Errors = problems
		result.Yaml, err = definition.YAML(parsed)
	}
	switch {
	case err != nil:
		result.State = serverless.ValidationState_FAILED
		result.Errors = []string{err.Error()}
		a.Logger.ErrorContext(ctx, "validation does not work", "workflow_id", workflowID, "error", err.Error())
	case len(problems) > 0:
		result.State = serverless.ValidationState_INVALID
	}
	return result, nil
}
