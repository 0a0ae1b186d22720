package execution

import (
	"context"
	"errors"
	"testing"
	"time"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
)

func TestTheLimitOfARunIsTheOneThatComesFirst(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		server, runner time.Duration
		value, until   time.Duration
	}{
		{server: 30 * time.Minute, runner: time.Second, value: time.Second, until: time.Second},
		{server: time.Second, runner: 30 * time.Minute, value: time.Second, until: 900 * time.Millisecond},
		{server: time.Hour, runner: time.Hour, value: time.Hour, until: time.Hour - time.Second},
	} {
		ctx, stop := context.WithDeadline(t.Context(), now.Add(c.server))
		got := limitOf(ctx, c.server, c.runner, now)
		stop()
		if got.value != c.value || got.deadline.Sub(now) != c.until {
			t.Errorf("server %s, runner %s: got %s, in %s", c.server, c.runner, got.value, got.deadline.Sub(now))
		}
	}
	if got := limitOf(t.Context(), 0, time.Minute, now); got.value != time.Minute {
		t.Errorf("without a deadline: got %s", got.value)
	}
}

func TestWhatFollowsAContextEndsWithItAndHasNoDeadline(t *testing.T) {
	given, cancel := context.WithTimeout(t.Context(), time.Hour)
	ctx, stop := following(given)
	defer stop(nil)
	if _, has := ctx.Deadline(); has || ctx.Err() != nil {
		t.Errorf("a deadline, or an end: %v", ctx.Err())
	}
	cancel()
	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		t.Errorf("cause is %v", cause)
	}
}

func TestAnActivityThatRanOutOfTimeWasNotCancelled(t *testing.T) {
	running := t.Context()
	cancelled, cancel := context.WithCancel(running)
	cancel()
	overdue, stop := context.WithDeadline(running, time.Time{})
	defer stop()
	beating, end := following(overdue)
	defer end(nil)
	<-beating.Done()
	for name, c := range map[string]struct {
		ctx   context.Context
		phase workflowexecutionv1.ExecutionPhase
		text  string
	}{
		"running":   {running, workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED, "no luck"},
		"cancelled": {cancelled, workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED, "cancelled"},
		"overdue": {
			beating, workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED,
			"the execution took longer than 1m0s (STIGMER_TIMEOUT_WORKFLOW_RUN)",
		},
	} {
		got := ending(c.ctx, limit{value: time.Minute}, errors.New("no luck"))
		if got.GetPhase() != c.phase || got.GetError() != c.text || got.GetCompletedAt() == "" {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
