package orchestration

import (
	"cmp"
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
)

// Callback names the activity that waits for an execution.
type Callback struct {
	ExecutionID string
	Token       []byte
}

// activities are those of one kind of executions E with the status S.
type activities[E resource.Resource, S proto.Message] struct {
	// executions answers the keeper of executions as soon as the store is open.
	executions func(context.Context) (*execution.Executions[E], error)
	client     func() (client.Client, error)
}

// Begin tells whether an execution is there and has not ended.
func (a activities[E, S]) Begin(ctx context.Context, id string) (bool, error) {
	keeper, err := a.executions(ctx)
	if err != nil {
		return false, err
	}
	found, err := keeper.Get(ctx, id)
	if execution.Gone(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return !execution.PhaseOf(found).Terminal(), nil
}

// Record merges the status that a runner returned. A runner that returns without a terminal phase has not done its work.
func (a activities[E, S]) Record(ctx context.Context, id string, result S) error {
	keeper, err := a.executions(ctx)
	if err != nil {
		return err
	}
	stored, err := keeper.UpdateStatus(ctx, id, result)
	if err == nil && !execution.PhaseOf(stored).Terminal() {
		_, err = keeper.Fail(ctx, id, "the runner ended without a result: its log has more")
	}
	return unlessGone(err)
}

// End brings an execution to its terminal phase; one that has ended stays as it is.
func (a activities[E, S]) End(ctx context.Context, ending Ending) error {
	keeper, err := a.executions(ctx)
	if err != nil {
		return err
	}
	if ending.Cause == "" {
		_, err = keeper.MarkCancelled(ctx, ending.ExecutionID)
	} else {
		_, err = keeper.Fail(ctx, ending.ExecutionID, ending.Cause)
	}
	return unlessGone(err)
}

func unlessGone(err error) error {
	if execution.Gone(err) {
		return nil
	}
	return err
}

// Notify completes the activity that waits for an execution with the execution's own end.
func (a activities[E, S]) Notify(ctx context.Context, call Callback) error {
	keeper, err := a.executions(ctx)
	if err != nil {
		return err
	}
	connected, err := a.client()
	if err != nil {
		return err
	}
	ended, err := keeper.Get(ctx, call.ExecutionID)
	if err != nil && !execution.Gone(err) {
		return err
	}
	err = complete(ctx, connected, call, ended, err)
	if _, wrong := errors.AsType[*serviceerror.InvalidArgument](err); wrong {
		return failure("caller cannot be told: "+err.Error(), "InvalidToken")
	}
	return err
}

// complete tells the activity that waits for an execution how it ended. Of a cancelled execution it hears as a
// cancellation, if it was asked to end itself; Temporal refuses that otherwise, and then it is a failure of the type
// `…Cancelled`.
func complete(
	ctx context.Context, connected client.Client, call Callback, ended resource.Resource, gone error,
) error {
	switch {
	case gone != nil:
		return settle(ctx, connected, call, nil, failure(gone.Error(), "ExecutionDeleted"))
	case execution.PhaseOf(ended) == execution.Completed:
		return settle(ctx, connected, call, publicResult(ended), nil)
	case execution.PhaseOf(ended) != execution.Cancelled:
		return settle(ctx, connected, call, nil, failure(execution.ErrorOf(ended), ended.GetKind()+"Failed"))
	}
	reason := cmp.Or(execution.ErrorOf(ended), "the execution was cancelled")
	err := settle(ctx, connected, call, nil, temporal.NewCanceledError(reason))
	if _, refused := errors.AsType[*serviceerror.InvalidArgument](err); refused {
		return settle(ctx, connected, call, nil, failure(reason, ended.GetKind()+"Cancelled"))
	}
	return err
}

// failure is one that a repetition does not help.
func failure(message, kind string) error {
	return temporal.NewNonRetryableApplicationError(message, kind, nil)
}

// settle completes the waiting activity; one that has stopped waiting is no error.
func settle(ctx context.Context, connected client.Client, call Callback, result any, failure error) error {
	err := connected.CompleteActivity(ctx, call.Token, result, failure)
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return nil
	}
	return err
}
