package heartbeat_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/heartbeat"
)

// answers is a Temporal that says one thing to each heartbeat, the last one to all others.
type answers struct {
	said  []func(context.Context) error
	count atomic.Int32
}

func (a *answers) RecordActivityHeartbeat(ctx context.Context, _ []byte, _ ...any) error {
	answer := a.said[min(int(a.count.Add(1))-1, len(a.said)-1)]
	return answer(ctx)
}

func says(err error) func(context.Context) error { return func(context.Context) error { return err } }

func silent(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

const interval = time.Second

func keep(t *testing.T, given context.Context, said ...func(context.Context) error) (context.Context, *answers, context.CancelCauseFunc) {
	t.Helper()
	recorder := &answers{said: said}
	alive, end := heartbeat.Keep(given, recorder, nil, interval, slog.New(slog.DiscardHandler))
	return alive, recorder, end
}

func TestATemporalThatDoesNotAnswerCancelsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alive, recorder, end := keep(t, t.Context(), silent, says(serviceerror.NewUnavailable("busy")), says(nil))
		time.Sleep(time.Minute)
		if alive.Err() != nil {
			t.Errorf("ended: %v", context.Cause(alive))
		}
		if recorder.count.Load() < 50 {
			t.Errorf("%d heartbeats in a minute", recorder.count.Load())
		}
		end(nil)
	})
}

func TestTemporalsWordEndsAnActivityThatGoesOnBeating(t *testing.T) {
	for name, word := range map[string]error{
		"cancelled": temporal.NewCanceledError(),
		"gone":      serviceerror.NewNotFound("no such activity"),
		"homeless":  serviceerror.NewNamespaceNotFound("stack"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				alive, recorder, end := keep(t, t.Context(), says(nil), says(word))
				<-alive.Done()
				if !errors.Is(context.Cause(alive), word) {
					t.Errorf("cause is %v", context.Cause(alive))
				}
				before := recorder.count.Load()
				time.Sleep(10 * interval)
				if recorder.count.Load() == before {
					t.Error("no more heartbeats")
				}
				end(nil)
			})
		})
	}
}

func TestTheContextEndsWithTheGivenOneAndHasNoDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		given, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		alive, _, end := keep(t, given, says(nil))
		defer end(nil)
		if _, has := alive.Deadline(); has || alive.Err() != nil {
			t.Errorf("a deadline, or an end: %v", alive.Err())
		}
		<-alive.Done()
		if cause := context.Cause(alive); !errors.Is(cause, context.DeadlineExceeded) {
			t.Errorf("cause is %v", cause)
		}
	})
}

func TestTheEndWaitsForTheLastHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alive, recorder, end := keep(t, t.Context(), silent)
		time.Sleep(interval)
		synctest.Wait()
		reason := errors.New("done")
		end(reason)
		if !errors.Is(context.Cause(alive), reason) {
			t.Errorf("cause is %v", context.Cause(alive))
		}
		before := recorder.count.Load()
		time.Sleep(time.Minute)
		if recorder.count.Load() != before {
			t.Error("heartbeats after the end")
		}
	})
}
