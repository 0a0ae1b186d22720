package execution

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// Cancellation is a wish to end an execution.
type Cancellation struct {
	// Reason is kept as the error text.
	Reason string
	// News are the last of the execution; nil when there are none.
	News proto.Message
	How  Way
}

// Way is how Temporal ends an execution.
type Way string

// Ways to end.
const (
	// AskToEnd lets the workflow and its runner clean up.
	AskToEnd Way = "cancel"
	// Terminate does not.
	Terminate Way = "terminate"
)

func markCancelled(writer store.Writer, id string, how Way) error {
	return writer.Set(store.PendingCancelKey(id), []byte(how))
}

// Insert stores a new execution in phase PENDING, marked as not started. What else belongs to it is stored by prepare, in
// the same transaction; prepare answers the id of a session that was made for this execution alone, or "".
func (x *Executions[E]) Insert(
	ctx context.Context, execution E, ids *resource.IDs, prepare func(store.Writer) (session string, err error),
) error {
	err := x.store.Update(ctx, func(writer store.Writer) error {
		x.starting.Delete(execution.GetMetadata().GetId())
		session, err := prepare(writer)
		if err != nil {
			return err
		}
		if err := x.table.Insert(writer, execution, ids, x.now()); err != nil {
			return err
		}
		x.starting.Store(execution.GetMetadata().GetId(), nil)
		statusOf(execution).enter(Pending, x.now())
		if err := x.table.Save(writer, execution); err != nil {
			return err
		}
		return writer.Set(store.PendingStartKey(execution.GetMetadata().GetId()), []byte(session))
	})
	if err != nil {
		x.starting.Delete(execution.GetMetadata().GetId())
	}
	return err
}

// Started notes that Temporal took an execution.
func (x *Executions[E]) Started(ctx context.Context, id string) error {
	defer x.starting.Delete(id)
	return x.store.Update(ctx, func(writer store.Writer) error {
		return writer.Delete(store.PendingStartKey(id))
	})
}

// Undo removes an execution that Temporal did not take, with the session that was made for it.
func (x *Executions[E]) Undo(ctx context.Context, id string) error {
	defer x.starting.Delete(id)
	return x.store.Update(ctx, func(writer store.Writer) error {
		session, err := writer.Get(store.PendingStartKey(id))
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		execution, err := x.table.Get(writer, id)
		if err != nil {
			return err
		}
		if len(session) > 0 {
			if err := removeSession(writer, string(session)); err != nil {
				return err
			}
		}
		if err := x.table.Remove(writer, execution); err != nil {
			return err
		}
		return writer.Delete(store.PendingStartKey(id))
	})
}

func removeSession(writer store.Writer, id string) error {
	session, err := resource.Sessions.Get(writer, id)
	if Gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return resource.Sessions.Remove(writer, session)
}

// Unended answers the executions that have not ended and are not being started at this moment; of each, whether it is
// marked as not started.
func (x *Executions[E]) Unended(ctx context.Context) (map[string]bool, error) {
	unended := map[string]bool{}
	err := x.store.View(ctx, func(reader store.Reader) error {
		all, err := x.table.All(reader, func(execution E) bool { return !PhaseOf(execution).Terminal() })
		if err != nil {
			return err
		}
		for _, execution := range all {
			id := execution.GetMetadata().GetId()
			if _, now := x.starting.Load(id); now {
				continue
			}
			_, err := reader.Get(store.PendingStartKey(id))
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			unended[id] = err == nil
		}
		return nil
	})
	return unended, err
}

// PendingCancellations answers what Temporal has not confirmed yet, of executions of all kinds.
func (x *Executions[E]) PendingCancellations(ctx context.Context) (map[string]Way, error) {
	pending := map[string]Way{}
	err := x.store.View(ctx, func(reader store.Reader) error {
		for entry, err := range reader.Scan(store.PendingCancelPrefix(), store.OldestFirst) {
			if err != nil {
				return err
			}
			way, err := entry.Value()
			if err != nil {
				return err
			}
			pending[store.LastPart(entry.Key)] = Way(way)
		}
		return nil
	})
	return pending, err
}

// CancellationSettled notes that Temporal has confirmed a cancellation.
func (x *Executions[E]) CancellationSettled(ctx context.Context, id string) error {
	return x.store.Update(ctx, func(writer store.Writer) error {
		return writer.Delete(store.PendingCancelKey(id))
	})
}
