// Package heartbeat shows Temporal that an activity lives, and the activity that it is no longer wanted.
//
// The SDK's own heartbeats cancel an activity when Temporal does not answer one within a second. A busy Temporal would
// end runs by that; here only its word does.
package heartbeat

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"
)

// patience limits one heartbeat: half of the shortest time after which silence means that a runner was lost, 10 s, so
// that another one finds its way when Temporal has lost this one.
const patience = 5 * time.Second

// Recorder is the part of Temporal's client that is needed.
type Recorder interface {
	RecordActivityHeartbeat(ctx context.Context, taskToken []byte, details ...any) error
}

// Keep sends a heartbeat every interval. It returns a context that ends when Temporal says that the
// activity is cancelled or gone, and with the given context; `end` ends it, too, with the heartbeats.
//
// The context has no deadline of its own. Servers are told of a deadline and may end a call a moment before it passes
// here; that would look like a failure of the call. context.Cause says why it ended.
func Keep(
	given context.Context, recorder Recorder, token []byte, interval time.Duration, logger *slog.Logger,
) (alive context.Context, end context.CancelCauseFunc) {
	alive, cancel := context.WithCancelCause(context.WithoutCancel(given))
	unfollow := context.AfterFunc(given, func() { cancel(given.Err()) })
	// A cancelled activity cleans up, and lives while it does.
	beating, quiet := context.WithCancel(context.WithoutCancel(given))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-beating.Done():
				return
			}
			if err := beat(beating, recorder, token); final(err) {
				cancel(err)
			} else if err != nil && beating.Err() == nil {
				logger.WarnContext(given, "Temporal does not answer a heartbeat; trying again", "error", err.Error())
			}
		}
	}()
	return alive, func(cause error) {
		unfollow()
		cancel(cause)
		quiet()
		<-ended
	}
}

func beat(ctx context.Context, recorder Recorder, token []byte) error {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	return recorder.RecordActivityHeartbeat(ctx, token)
}

// final tells whether Temporal has said that nobody waits for the activity.
func final(err error) bool {
	var cancelled *temporal.CanceledError
	var gone *serviceerror.NotFound
	var homeless *serviceerror.NamespaceNotFound
	return errors.As(err, &cancelled) || errors.As(err, &gone) || errors.As(err, &homeless)
}
