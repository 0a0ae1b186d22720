package orchestration

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
)

// reconcile brings executions and Temporal together after they were apart. What was cancelled meanwhile is cancelled, what
// was not started is removed, and what Temporal has lost or ended by itself is FAILED instead of running for ever.
func (e *Engine) reconcile(ctx context.Context, connected client.Client) {
	if e.wait(ctx) != nil {
		return
	}
	e.settle(ctx, connected)
	if err := reconcileKind(ctx, connected, e.agents, contract.AgentExecutionWorkflow); err != nil && ctx.Err() == nil {
		e.logger.Warn("agent executions were not reconciled", "error", err)
	}
	err := reconcileKind(ctx, connected, e.workflows, contract.WorkflowExecutionWorkflow)
	if err != nil && ctx.Err() == nil {
		e.logger.Warn("workflow executions were not reconciled", "error", err)
	}
}

func reconcileKind[E resource.Resource](
	ctx context.Context, connected client.Client, keeper *execution.Executions[E], workflow string,
) error {
	unended, err := keeper.Unended(ctx)
	if err != nil {
		return err
	}
	var mistakes []error
	for id, unstarted := range unended {
		mistakes = append(mistakes, reconcileOne(ctx, connected, keeper, workflow+"/"+id, id, unstarted))
	}
	return errors.Join(mistakes...)
}

func reconcileOne[E resource.Resource](
	ctx context.Context, connected client.Client, keeper *execution.Executions[E], workflow, id string, unstarted bool,
) error {
	described, err := connected.DescribeWorkflowExecution(ctx, workflow, "")
	_, unknown := errors.AsType[*serviceerror.NotFound](err)
	switch {
	case unknown && unstarted:
		return keeper.Undo(ctx, id)
	case unknown:
		_, err := keeper.Fail(ctx, id, "Temporal does not know the execution any more: its data was lost, run it again")
		return unlessGone(err)
	case err != nil:
		return fmt.Errorf("look up %s: %w", workflow, err)
	case unstarted:
		if err := keeper.Started(ctx, id); err != nil {
			return err
		}
	}
	state := described.GetWorkflowExecutionInfo().GetStatus()
	if state == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil
	}
	_, err = keeper.Fail(ctx, id, fmt.Sprintf("Temporal ended the execution without a result (%s)", state))
	return unlessGone(err)
}
