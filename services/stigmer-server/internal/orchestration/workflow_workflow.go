package orchestration

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
)

const (
	// runnerAttempts is how many runners may work at an execution: two of them can be lost or told to end. Tasks are not
	// repeated, for they are those of another workflow, which outlives its runner; an attempt finds that one and waits
	// for it. A definition that kills its runners ends after three.
	runnerAttempts = 3
	// runnerPause is between attempts, and doubles. It is short because the activity then waits for a runner in any case.
	runnerPause = 100 * time.Millisecond
)

// workflowWorkflow runs one execution of a workflow.
type workflowWorkflow struct {
	timeouts settings.Timeouts
	// runnerQueue is used where the workflow does not name one in its memo.
	runnerQueue string
}

// Run has the workflow-runner do the work and sees to it that the execution ends in a terminal phase.
func (w workflowWorkflow) Run(ctx workflow.Context, execution *workflowexecutionv1.WorkflowExecution) error {
	id := execution.GetMetadata().GetId()
	begun, err := begin(ctx, id)
	if begun {
		var result *workflowexecutionv1.WorkflowExecutionStatus
		if result, err = w.work(ctx, execution); err == nil {
			err = recordResult(ctx, id, result)
		} else {
			w.stopTasks(ctx, id)
		}
	}
	err = end(ctx, id, err, w.explain)
	return notifyCaller(ctx, w.timeouts, id, execution.GetSpec().GetCallbackToken(), err)
}

func (w workflowWorkflow) work(
	ctx workflow.Context, execution *workflowexecutionv1.WorkflowExecution,
) (*workflowexecutionv1.WorkflowExecutionStatus, error) {
	running := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              runnerQueue(ctx, w.runnerQueue),
		StartToCloseTimeout:    w.timeouts.WorkflowRun,
		ScheduleToCloseTimeout: remaining(ctx, w.timeouts.WorkflowRun),
		ScheduleToStartTimeout: w.timeouts.WorkflowScheduleToStart,
		HeartbeatTimeout:       w.timeouts.WorkflowHeartbeat,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: runnerPause, BackoffCoefficient: 2, MaximumAttempts: runnerAttempts,
		},
	})
	var result *workflowexecutionv1.WorkflowExecutionStatus
	err := workflow.ExecuteActivity(running, contract.ExecuteWorkflowActivity, execution).Get(ctx, &result)
	return result, err
}

// stopTasks ends the workflow in which the runner interprets the definition: it outlives its runner, and without this it
// would go on running tasks of an execution that has ended.
func (w workflowWorkflow) stopTasks(ctx workflow.Context, id string) {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	err := workflow.RequestCancelExternalWorkflow(ctx, contract.ServerlessWorkflowIDPrefix+id, "").Get(ctx, nil)
	if err != nil {
		workflow.GetLogger(ctx).Debug("no tasks to stop", "execution_id", id, "error", err)
	}
}

func (w workflowWorkflow) explain(ctx workflow.Context, err error) string {
	return explanation{
		program: "workflow-runner", queue: runnerQueue(ctx, w.runnerQueue), run: w.timeouts.WorkflowRun,
		runVariable: "STIGMER_TIMEOUT_WORKFLOW_RUN", scheduleToStart: w.timeouts.WorkflowScheduleToStart,
		heartbeat: w.timeouts.WorkflowHeartbeat,
	}.of(err)
}
