package orchestration

import (
	"context"
	"errors"
	"strings"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
)

// Settle carries out the cancellations that the store has noted. While Temporal is away they stay noted, and are carried
// out when it is back.
func (e *Engine) Settle(ctx context.Context) {
	_ = e.call(context.WithoutCancel(ctx), e.patiently(), func(ctx context.Context, connected client.Client) error {
		e.settle(ctx, connected)
		return nil
	})
}

func (e *Engine) settle(ctx context.Context, connected client.Client) {
	pending, err := e.agents.PendingCancellations(ctx)
	if err != nil {
		e.logger.Warn("cancellations were not read", "error", err)
		return
	}
	for id, way := range pending {
		if err := e.settleOne(ctx, connected, id, way); err != nil {
			e.logger.Warn("execution was not cancelled yet", "execution_id", id, "error", err)
			e.suspect()
			continue
		}
		if err := e.agents.CancellationSettled(ctx, id); err != nil {
			e.logger.Warn("cancellation stays noted", "execution_id", id, "error", err)
		}
	}
}

// settleOne ends the workflow of an execution, and, for an execution of a workflow, the one that runs its tasks.
func (e *Engine) settleOne(ctx context.Context, connected client.Client, id string, way execution.Way) error {
	workflows := []string{contract.AgentExecutionWorkflow + "/" + id}
	if strings.HasPrefix(id, resource.WorkflowExecutions.Prefix+"-") {
		workflows = []string{contract.WorkflowExecutionWorkflow + "/" + id, contract.ServerlessWorkflowIDPrefix + id}
	}
	for _, workflow := range workflows {
		if err := endWorkflow(ctx, connected, workflow, way); err != nil {
			return err
		}
	}
	if way == execution.Terminate {
		return e.notifyTerminated(ctx, connected, id)
	}
	return nil
}

// endWorkflow ends a workflow; one that is not there has ended.
func endWorkflow(ctx context.Context, connected client.Client, id string, way execution.Way) error {
	var err error
	if way == execution.Terminate {
		err = connected.TerminateWorkflow(ctx, id, "", "execution was cancelled by force")
	} else {
		err = connected.CancelWorkflow(ctx, id, "")
	}
	if _, unknown := errors.AsType[*serviceerror.NotFound](err); unknown {
		return nil
	}
	return err
}

// notifyTerminated tells the activity that waits for an execution, which the terminated workflow can do no more.
func (e *Engine) notifyTerminated(ctx context.Context, connected client.Client, id string) error {
	var (
		ended resource.Resource
		token []byte
	)
	if strings.HasPrefix(id, resource.WorkflowExecutions.Prefix+"-") {
		found, err := e.workflows.Get(ctx, id)
		if err != nil {
			return unlessGone(err)
		}
		ended, token = found, found.GetSpec().GetCallbackToken()
	} else {
		found, err := e.agents.Get(ctx, id)
		if err != nil {
			return unlessGone(err)
		}
		ended, token = found, found.GetSpec().GetCallbackToken()
	}
	if len(token) == 0 {
		return nil
	}
	return complete(ctx, connected, Callback{ExecutionID: id, Token: token}, ended, nil)
}
