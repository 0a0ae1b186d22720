package api

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/serverless"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// Engine runs executions.
type Engine interface {
	// Ready answers an error while nothing can be started.
	Ready() error
	StartAgent(ctx context.Context, started *agentexecutionv1.AgentExecution) error
	StartWorkflow(ctx context.Context, started *workflowexecutionv1.WorkflowExecution) error
	// Validate answers valid or invalid; all else is an error.
	Validate(ctx context.Context, spec *workflowv1.WorkflowSpec) (*serverless.ServerlessWorkflowValidation, error)
	// Settle carries out the cancellations that the store has noted, now or as soon as it can.
	Settle(ctx context.Context)
}

// launching is a new execution on its way.
type launching[E resource.Resource] struct {
	wanted  E
	prepare func(writer store.Writer, fresh E) (session string, err error)
	start   func(ctx context.Context, started E) error
}

// launch stores an execution and starts it. Where it cannot be started, nothing of it stays: not when the engine is known
// to be away, for then nothing is written, and not when the start fails. A server that dies in between finds the mark of
// the unfinished start when it connects the next time.
func launch[E resource.Resource](
	ctx context.Context, b base, keeper *execution.Executions[E], engine Engine, plan launching[E],
) (E, error) {
	if err := engine.Ready(); err != nil {
		return *new(E), err
	}
	fresh := proto.Clone(plan.wanted).(E)
	err := keeper.Insert(ctx, fresh, b.ids, func(writer store.Writer) (string, error) {
		proto.Reset(fresh)
		proto.Merge(fresh, plan.wanted)
		return plan.prepare(writer, fresh)
	})
	if err != nil {
		return *new(E), err
	}
	// From here on the client's patience decides nothing any more.
	ctx = context.WithoutCancel(ctx)
	id := fresh.GetMetadata().GetId()
	if err := plan.start(ctx, fresh); err != nil {
		if undone := keeper.Undo(ctx, id); undone != nil {
			return *new(E), fmt.Errorf("remove execution %s (%w) after its start did not work: %w", id, undone, err)
		}
		return *new(E), err
	}
	return fresh, keeper.Started(ctx, id)
}

// updateStatus merges news. News of a cancellation also end the run.
func updateStatus[E resource.Resource](
	ctx context.Context, keeper *execution.Executions[E], engine Engine, id string, news proto.Message,
	phase execution.Phase,
) (E, error) {
	if phase != execution.Cancelled {
		return keeper.UpdateStatus(ctx, id, news)
	}
	stored, err := keeper.Cancel(ctx, id, execution.Cancellation{News: news, How: execution.AskToEnd})
	if _, ended := errors.AsType[*execution.EndedError](err); ended {
		return keeper.Get(ctx, id)
	}
	if err == nil {
		engine.Settle(ctx)
	}
	return stored, err
}

func removeExecution[E resource.Resource](
	ctx context.Context, keeper *execution.Executions[E], engine Engine, id string,
) (E, error) {
	gone, err := keeper.Remove(ctx, id)
	if err == nil {
		engine.Settle(ctx)
	}
	return gone, err
}

func listPage[E resource.Resource](
	ctx context.Context, s store.Store, table resource.Table[E], match func(E) bool, size int32, token string,
) (page resource.Page[E], err error) {
	err = s.View(ctx, func(reader store.Reader) (err error) {
		page, err = table.ListAfter(reader, match, size, token)
		return err
	})
	return page, err
}
