package orchestration

import (
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
)

// Steps that the workflows of both kinds of executions share. The local activities run in the server itself.
const (
	beginActivity  = "BeginExecution"
	recordActivity = "RecordExecutionResult"
)

// Ending is how an execution ends that its runner cannot end.
type Ending struct {
	ExecutionID string
	// Cause says why it failed; empty when it was cancelled.
	Cause string
}

// bookkeeping are the options of activities that write to the store. A store that is full or busy gets a minute to
// recover; what is not written by then is put right when the server connects to Temporal the next time.
func bookkeeping(ctx workflow.Context) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: time.Minute,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second,
		},
	})
}

// begin tells whether there is something to do: not where the execution was removed or has ended. Whoever waits for it is
// told of that all the same.
func begin(ctx workflow.Context, id string) (bool, error) {
	var begun bool
	err := workflow.ExecuteLocalActivity(bookkeeping(ctx), beginActivity, id).Get(ctx, &begun)
	return begun, err
}

// recordResult merges what a runner returned. It has reported that already, unless the server was away at that moment.
func recordResult(ctx workflow.Context, id string, result proto.Message) error {
	return workflow.ExecuteLocalActivity(bookkeeping(ctx), recordActivity, id, result).Get(ctx, nil)
}

// end brings an execution that failed or was cancelled to its terminal phase, and answers the workflow's own result.
func end(ctx workflow.Context, id string, cause error, explain func(workflow.Context, error) string) error {
	if cause == nil {
		return nil
	}
	ending := Ending{ExecutionID: id}
	result := cause
	if !temporal.IsCanceledError(cause) {
		ending.Cause = explain(ctx, cause)
		result = temporal.NewNonRetryableApplicationError(ending.Cause, "ExecutionFailed", cause)
	}
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	err := workflow.ExecuteLocalActivity(bookkeeping(ctx), contract.UpdateStatusActivity, ending).Get(ctx, nil)
	if err != nil {
		workflow.GetLogger(ctx).Error("end of execution was not stored", "execution_id", id, "error", err)
	}
	return result
}

// notifyCaller completes the activity that waits for the execution, if one does, and answers the workflow's result.
func notifyCaller(ctx workflow.Context, timeouts settings.Timeouts, id string, token []byte, result error) error {
	if len(token) == 0 {
		return result
	}
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: timeouts.ExternalCompletion,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, MaximumAttempts: 3},
	})
	call := Callback{ExecutionID: id, Token: token}
	err := workflow.ExecuteActivity(ctx, contract.CompleteExternalActivityName, call).Get(ctx, nil)
	if err != nil {
		workflow.GetLogger(ctx).Error("caller was not told", "execution_id", id, "error", err)
		return errors.Join(result, err)
	}
	return result
}

// runnerQueue is the queue of the runner, from the workflow's memo.
func runnerQueue(ctx workflow.Context, fallback string) string {
	payload, found := workflow.GetInfo(ctx).Memo.GetFields()[contract.ActivityTaskQueueMemo]
	if !found {
		return fallback
	}
	var queue string
	if err := converter.GetDefaultDataConverter().FromPayload(payload, &queue); err != nil || queue == "" {
		return fallback
	}
	return queue
}

// remaining is what is left of a limit for the whole workflow; at least a second, so that the limit shows as a timeout.
func remaining(ctx workflow.Context, limit time.Duration) time.Duration {
	spent := workflow.Now(ctx).Sub(workflow.GetInfo(ctx).WorkflowStartTime)
	return max(limit-spent, time.Second)
}

// explanation says in a user's words why a runner's activity did not end well.
type explanation struct {
	program         string
	queue           string
	run             time.Duration
	runVariable     string
	scheduleToStart time.Duration
	heartbeat       time.Duration
}

func (e explanation) of(err error) string {
	if timeout, ok := errors.AsType[*temporal.TimeoutError](err); ok {
		switch timeout.TimeoutType() {
		case enumspb.TIMEOUT_TYPE_SCHEDULE_TO_START:
			return e.unstarted(timeout.Unwrap())
		case enumspb.TIMEOUT_TYPE_HEARTBEAT:
			return fmt.Sprintf("the %s was lost: no sign of life for %s, its log may say why", e.program, e.heartbeat)
		default:
			return fmt.Sprintf("the execution took longer than %s (%s)", e.run, e.runVariable)
		}
	}
	if application, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return fmt.Sprintf("the %s failed: %s", e.program, application.Message())
	}
	return fmt.Sprintf("the %s failed: %s", e.program, err)
}

// unstarted says that no runner took the execution, after what became of the last one that had.
func (e explanation) unstarted(before error) string {
	first := "no " + e.program
	if before != nil {
		first = e.of(before) + "; no other " + e.program
	}
	return fmt.Sprintf("%s took the execution within %s: start one that polls the task queue %q", first, e.scheduleToStart,
		e.queue)
}
