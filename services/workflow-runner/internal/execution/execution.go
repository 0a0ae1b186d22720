// Package execution is the activity that runs an execution: it prepares the workflow that interprets the definition,
// starts it or finds it running, and waits for it.
package execution

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/backend"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/heartbeat"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/secret"
)

// heartbeatInterval is how often the activity shows that it lives, and with that how soon it learns that it is
// cancelled. A person who cancels should not wait; one call in half a second per run costs next to nothing.
const heartbeatInterval = 500 * time.Millisecond

// Activity runs executions.
type Activity struct {
	Temporal client.Client
	Backend  *backend.Client
	Vaults   *secret.Vaults
	Logger   *slog.Logger
	// Queue is that of the interpreting workflow.
	Queue string
	// RunLimit limits a whole run.
	RunLimit time.Duration
	Policy   message.Policy
}

// Execute runs one execution and returns its final status, without the tasks. The server has been told of it before
// this returns. A second attempt, after a runner was lost, finds the workflow that the first one started.
func (a *Activity) Execute(
	ctx context.Context, given *workflowexecutionv1.WorkflowExecution,
) (*workflowexecutionv1.WorkflowExecutionStatus, error) {
	id := given.GetMetadata().GetId()
	if id == "" {
		return nil, temporal.NewNonRetryableApplicationError("the execution has no id", "InvalidExecution", nil)
	}
	logger := a.Logger.With("execution_id", id)
	limit := limitOf(ctx, activity.GetInfo(ctx).StartToCloseTimeout, a.RunLimit, time.Now())
	ctx, stop := a.alive(ctx, logger)
	defer stop()

	run, err := a.begin(ctx, id, limit)
	if err != nil {
		return a.failed(ctx, logger, id, limit, err)
	}
	if run.status != nil {
		logger.InfoContext(ctx, "the execution has ended already", "phase", run.status.GetPhase().String())
		return run.status, nil
	}
	status, err := a.wait(ctx, logger, run.handle)
	if err != nil {
		return a.failed(ctx, logger, id, limit, err)
	}
	logger.InfoContext(ctx, "execution ended", "phase", status.GetPhase().String())
	return status, nil
}

// alive sends heartbeats and returns a context that ends with the activity, and when the runner stops.
func (a *Activity) alive(given context.Context, logger *slog.Logger) (context.Context, func()) {
	ctx, end := heartbeat.Keep(given, a.Temporal, activity.GetInfo(given).TaskToken, heartbeatInterval, logger)
	stopping := activity.GetWorkerStopChannel(given)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-stopping:
			end(errStopping)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		end(nil)
		<-watched
	}
}

var errStopping = errors.New("the runner stops")

// begun is a workflow to wait for, or the status of an execution that has ended.
type begun struct {
	handle client.WorkflowRun
	status *workflowexecutionv1.WorkflowExecutionStatus
}

// begin says that the execution is in progress, prepares its workflow and starts it, or finds it.
func (a *Activity) begin(ctx context.Context, id string, limit limit) (*begun, error) {
	startedAt := timestamp()
	news := &workflowexecutionv1.WorkflowExecutionStatus{
		Phase:              workflowexecutionv1.ExecutionPhase_EXECUTION_IN_PROGRESS,
		TemporalWorkflowId: contract.ServerlessWorkflowIDPrefix + id,
	}
	if activity.GetInfo(ctx).Attempt == 1 {
		news.StartedAt = startedAt
	}
	execution, err := a.Backend.UpdateStatus(ctx, id, news)
	if err != nil {
		return nil, err
	}
	if terminal(execution.GetStatus().GetPhase()) {
		return &begun{status: execution.GetStatus()}, nil
	}
	plan, err := a.Backend.Plan(ctx, execution)
	if err != nil {
		return nil, err
	}
	nonce, err := nonce()
	if err != nil {
		return nil, err
	}
	input := message.Run{
		ExecutionID:  id,
		Organization: execution.GetMetadata().GetOrg(),
		Variables:    plan.Variables.Public(),
		Nonce:        nonce,
		StartedAt:    execution.GetStatus().GetStartedAt(),
		Deadline:     limit.deadline,
		Policy:       a.Policy,
	}
	input.Policy.RunLimit = limit.value
	// The tasks of this runner need not ask for the secrets again.
	a.Vaults.Put(id, nonce, plan.Variables.Secrets())
	if input.Input.V, err = trigger(execution.GetSpec()); err != nil {
		return nil, err
	}
	handle, err := a.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       contract.ServerlessWorkflowIDPrefix + id,
		TaskQueue:                a.Queue,
		WorkflowExecutionTimeout: limit.value + endPatience,
		// A second attempt gets the run that is there, also when it has ended.
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		EnableEagerStart:      true,
	}, contract.ServerlessWorkflow, input, definitionOf(plan.Workflow.GetSpec()))
	if err != nil {
		return nil, fmt.Errorf("start the workflow of execution %s: %w", id, err)
	}
	return &begun{handle: handle}, nil
}

func nonce() (string, error) {
	random := make([]byte, 8)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	return hex.EncodeToString(random), nil
}

func timestamp() string { return time.Now().UTC().Format(time.RFC3339Nano) }

func terminal(phase workflowexecutionv1.ExecutionPhase) bool {
	return phase >= workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED
}
