package engine

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"
)

// limit is how long a run may take. A run that has reached it ends itself, so that its tasks and what they called are
// ended and reported as after a cancellation; Temporal's own limit would leave them as they are.
type limit struct {
	// deadline is zero where there is none.
	deadline time.Time
	value    time.Duration
}

// start gives a context that ends with the limit, and what ends the watch for it.
func (l limit) start(ctx workflow.Context) (running workflow.Context, stop func()) {
	if l.deadline.IsZero() {
		return ctx, func() {}
	}
	running, cancel := workflow.WithCancel(ctx)
	watching, stop := workflow.WithCancel(ctx)
	workflow.GoNamed(watching, "limit", func(ctx workflow.Context) {
		if workflow.Sleep(ctx, max(l.deadline.Sub(workflow.Now(ctx)), time.Nanosecond)) == nil {
			cancel()
		}
	})
	return running, stop
}

// ended tells whether the limit has ended a context. Who runs the workflow has the same limit, and its cancellation may
// arrive before the timer fires.
func (l limit) ended(ctx workflow.Context) bool {
	return ctx.Err() != nil && !l.deadline.IsZero() && !workflow.Now(ctx).Before(l.deadline)
}

func (l limit) Error() string { return Overdue(l.value) }

// Overdue says that a run took longer than it may, in the words of the server, which may be the first to see it.
func Overdue(limit time.Duration) string {
	return fmt.Sprintf("the execution took longer than %s (STIGMER_TIMEOUT_WORKFLOW_RUN)", limit)
}
