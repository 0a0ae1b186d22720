package execution

import (
	"context"
	"hash/maphash"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// Executions keeps the executions of one kind. All changes of an execution's status go through here.
type Executions[E resource.Resource] struct {
	table  resource.Table[E]
	store  store.Store
	logger *slog.Logger
	now    func() time.Time
	// explain puts the cause of a failure that the platform noticed into the status, in the kind's own way.
	explain func(execution E, cause string, now time.Time)
	// cause finds the cause of a failure that a runner reported without one.
	cause func(execution E) string
	// finish ends the parts of an execution that ended before them.
	finish func(execution E, end ending)

	broker *broker[E]
	// order makes changes of one execution, and what followers hear of them, come one after the other. Executions share
	// the locks by a hash of their id.
	order [64]sync.Mutex
	seed  maphash.Seed

	// starting holds the ids of executions that a call is starting at this moment.
	starting sync.Map
}

func newExecutions[E resource.Resource](
	table resource.Table[E], s store.Store, logger *slog.Logger, now func() time.Time,
) *Executions[E] {
	return &Executions[E]{
		table: table, store: s, logger: logger, now: now, broker: newBroker[E](), seed: maphash.MakeSeed(),
	}
}

func (x *Executions[E]) lock(id string) *sync.Mutex {
	return &x.order[maphash.String(x.seed, id)%uint64(len(x.order))]
}

// Get reads an execution.
func (x *Executions[E]) Get(ctx context.Context, id string) (E, error) {
	var found E
	err := x.store.View(ctx, func(reader store.Reader) (err error) {
		found, err = x.table.Get(reader, id)
		return err
	})
	return found, err
}

// change stores a change of an execution and tells its followers. The function answers whether it changed anything.
func (x *Executions[E]) change(ctx context.Context, id string, alter func(store.Writer, E) (bool, error)) (E, error) {
	mutex := x.lock(id)
	mutex.Lock()
	defer mutex.Unlock()
	var (
		execution E
		changed   bool
		before    Phase
	)
	err := x.store.Update(ctx, func(writer store.Writer) (err error) {
		if execution, err = x.table.Get(writer, id); err != nil {
			return err
		}
		before = PhaseOf(execution)
		if changed, err = alter(writer, execution); err != nil || !changed {
			return err
		}
		if after := PhaseOf(execution); after != before && (after == Failed || after == Cancelled) {
			x.finish(execution, newEnding(after, ErrorOf(execution), x.now()))
		}
		resource.AuditStatusUpdated(execution, x.now())
		return x.table.Save(writer, execution)
	})
	if err != nil {
		return *new(E), err
	}
	if changed {
		x.broker.publish(id, execution)
	}
	if after := PhaseOf(execution); after != before {
		x.logger.Info("execution changed", "execution_id", id, "phase", after.String())
	}
	return execution, nil
}

// UpdateStatus merges a runner's news. An execution that has ended stays as it is, and that is no error: a runner that
// reports late has done nothing wrong.
func (x *Executions[E]) UpdateStatus(ctx context.Context, id string, news proto.Message) (E, error) {
	return x.change(ctx, id, func(_ store.Writer, execution E) (bool, error) {
		stored := statusOf(execution)
		if stored.phase().Terminal() {
			return false, nil
		}
		stored.merge(news.ProtoReflect())
		stored.enter(statusMessage{news.ProtoReflect()}.phase(), x.now())
		if stored.phase() == Failed && stored.text(errorField) == "" {
			stored.setText(errorField, x.cause(execution))
		}
		return true, nil
	})
}

// Fail ends an execution that its runner can no longer end. One that has ended stays as it is.
func (x *Executions[E]) Fail(ctx context.Context, id, cause string) (E, error) {
	return x.change(ctx, id, func(_ store.Writer, execution E) (bool, error) {
		stored := statusOf(execution)
		if stored.phase().Terminal() {
			return false, nil
		}
		stored.setText(errorField, cause)
		x.explain(execution, cause, x.now())
		stored.enter(Failed, x.now())
		return true, nil
	})
}

// Cancel ends an execution because somebody asked; what it has reported so far stays. One that has ended answers
// EndedError. The execution is marked until Temporal has confirmed the cancellation.
func (x *Executions[E]) Cancel(ctx context.Context, id string, wish Cancellation) (E, error) {
	return x.change(ctx, id, func(writer store.Writer, execution E) (bool, error) {
		stored := statusOf(execution)
		if stored.phase().Terminal() {
			return false, &EndedError{ID: id, Phase: stored.phase()}
		}
		if wish.News != nil {
			stored.merge(wish.News.ProtoReflect())
		}
		if wish.Reason != "" {
			stored.setText(errorField, wish.Reason)
		}
		stored.enter(Cancelled, x.now())
		return true, markCancelled(writer, id, wish.How)
	})
}

// MarkCancelled ends an execution whose cancellation Temporal knows already. One that has ended stays as it is.
func (x *Executions[E]) MarkCancelled(ctx context.Context, id string) (E, error) {
	return x.change(ctx, id, func(_ store.Writer, execution E) (bool, error) {
		stored := statusOf(execution)
		if stored.phase().Terminal() {
			return false, nil
		}
		stored.enter(Cancelled, x.now())
		return true, nil
	})
}

// Replace stores a client's new spec.
func (x *Executions[E]) Replace(ctx context.Context, id string, fresh E) (E, error) {
	return x.change(ctx, id, func(writer store.Writer, present E) (bool, error) {
		next := proto.Clone(fresh).(E)
		if err := x.table.Replace(writer, present, next, x.now()); err != nil {
			return false, err
		}
		proto.Reset(present)
		proto.Merge(present, next)
		return true, nil
	})
}

// Remove deletes an execution; its followers hear that it is gone.
func (x *Executions[E]) Remove(ctx context.Context, id string) (E, error) {
	mutex := x.lock(id)
	mutex.Lock()
	defer mutex.Unlock()
	var execution E
	err := x.store.Update(ctx, func(writer store.Writer) (err error) {
		if execution, err = x.table.Get(writer, id); err != nil {
			return err
		}
		if !PhaseOf(execution).Terminal() {
			if err := markCancelled(writer, id, AskToEnd); err != nil {
				return err
			}
		}
		return x.table.Remove(writer, execution)
	})
	if err != nil {
		return *new(E), err
	}
	x.broker.finish(id, &resource.NotFoundError{Kind: x.table.Name, Reference: id})
	return execution, nil
}

// Follow sends the stored state at once and every later one, and ends well after a terminal phase.
func (x *Executions[E]) Follow(ctx context.Context, id string, send func(E) error) error {
	state, reader, err := x.join(ctx, id)
	if err != nil {
		return err
	}
	defer x.broker.leave(id, reader)
	for {
		if err := send(state); err != nil {
			return err
		}
		if PhaseOf(state).Terminal() {
			return nil
		}
		if state, err = reader.next(ctx); err != nil {
			return err
		}
	}
}

// join reads the stored state and joins the followers while nothing can change, so that no state is lost between the two
// and none comes twice.
func (x *Executions[E]) join(ctx context.Context, id string) (E, *follower[E], error) {
	mutex := x.lock(id)
	mutex.Lock()
	defer mutex.Unlock()
	state, err := x.Get(ctx, id)
	if err != nil {
		return *new(E), nil, err
	}
	return state, x.broker.join(id), nil
}

// Stop ends the streams of all followers; executions can still change.
func (x *Executions[E]) Stop() {
	x.broker.stop(StoppingError{})
}
