package engine

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	tasksv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// mailboxes hold what updates have brought, by the id of the update, until a LISTEN takes it.
type mailboxes map[string][]any

// open registers the handlers of all LISTEN tasks of a definition, so that an update that comes early is kept, as a
// signal is by Temporal, and a query is answered at any time.
func (r *run) open(ctx workflow.Context, tasks []*definition.Task) error {
	for _, task := range tasks {
		if config, ok := task.Config.(*tasksv1.ListenTaskConfig); ok {
			for _, signal := range config.GetTo().GetSignals() {
				if err := r.handle(ctx, signal); err != nil {
					return fail(task, fmt.Errorf("%s %q: %w", signal.GetType(), signal.GetId(), err))
				}
			}
		}
		for _, block := range task.Blocks {
			if err := r.open(ctx, block.Tasks); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) handle(ctx workflow.Context, signal *tasksv1.SignalSpec) error {
	id := signal.GetId()
	switch signal.GetType() {
	case definition.ListenUpdate:
		return workflow.SetUpdateHandler(ctx, id, func(_ workflow.Context, given value.Value) (value.Value, error) {
			r.mail[id] = append(r.mail[id], given.V)
			return value.Value{V: map[string]any{"accepted": true}}, nil
		})
	case definition.ListenQuery:
		return workflow.SetQueryHandler(ctx, id, func() (value.Value, error) {
			return value.Value{V: r.texts.Hide(map[string]any{
				definition.ContextVariable: r.scope.context, definition.DataVariable: r.scope.data,
			})}, nil
		})
	default:
		return nil
	}
}

// take gives what has come for a signal or an update.
func (r *run) take(ctx workflow.Context, signal *tasksv1.SignalSpec) (given any, ok bool) {
	id := signal.GetId()
	if signal.GetType() == definition.ListenUpdate {
		if waiting := r.mail[id]; len(waiting) > 0 {
			r.mail[id] = waiting[1:]
			return waiting[0], true
		}
		return nil, false
	}
	var received value.Value
	if !workflow.GetSignalChannel(ctx, id).ReceiveAsync(&received) {
		return nil, false
	}
	return received.V, true
}

// listen waits for signals and updates: for any one of them, whose payload is the result, or for each of them once,
// with the payloads by id. Queries change nothing in a workflow, so that it cannot wait for one; they are answered.
func (r *run) listen(ctx workflow.Context, st *step, config *tasksv1.ListenTaskConfig) (outcome, error) {
	var wanted []*tasksv1.SignalSpec
	var shown []any
	for _, signal := range config.GetTo().GetSignals() {
		shown = append(shown, map[string]any{"id": signal.GetId(), "type": signal.GetType()})
		if signal.GetType() != definition.ListenQuery {
			wanted = append(wanted, signal)
		}
	}
	st.entry.input(r.texts, map[string]any{"mode": config.GetTo().GetMode(), "signals": shown})
	one := config.GetTo().GetMode() == definition.ListenOne
	received := map[string]any{}
	var last any
	err := workflow.Await(ctx, func() bool {
		for _, signal := range wanted {
			if _, known := received[signal.GetId()]; known {
				continue
			}
			if given, ok := r.take(ctx, signal); ok {
				received[signal.GetId()], last = given, given
				st.entry.note("received", signal.GetId())
				if one {
					return true
				}
			}
		}
		return len(received) == len(wanted)
	})
	switch {
	case err != nil:
		return outcome{}, err
	case len(wanted) == 0:
		return outcome{}, nil
	case one:
		return st.keep(last), nil
	default:
		return st.keep(received), nil
	}
}
