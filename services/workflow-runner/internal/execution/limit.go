package execution

import (
	"context"
	"errors"
	"time"
)

const (
	// marginShare and longestMargin say how long before its server gives it up a run ends itself, so that its own last
	// report, which has the tasks, comes first. A report takes some 10 ms; a run that may take long can spare a second.
	marginShare   = 10
	longestMargin = time.Second
)

// limit is how long a run may take.
type limit struct {
	value    time.Duration
	deadline time.Time
}

// limitOf is the limit of the server, which is the time that an activity has, or that of the runner, whichever is first.
func limitOf(ctx context.Context, server, runner time.Duration, now time.Time) limit {
	taken := limit{value: runner, deadline: now.Add(runner)}
	if deadline, ok := ctx.Deadline(); ok && server > 0 && server <= runner {
		margin := min(server/marginShare, longestMargin)
		taken = limit{value: server, deadline: deadline.Add(-margin)}
	}
	return taken
}

// overdue tells whether an activity has had the time that its server gave it; then nobody has cancelled it.
func overdue(ctx context.Context) bool {
	return errors.Is(context.Cause(ctx), context.DeadlineExceeded)
}
