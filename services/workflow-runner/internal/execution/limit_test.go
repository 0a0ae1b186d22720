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

func TestAnActivityThatRanOutOfTimeWasNotCancelled(t *testing.T) {
	running := t.Context()
	cancelled, cancel := context.WithCancel(running)
	cancel()
	overdue, end := context.WithCancelCause(running)
	end(context.DeadlineExceeded)
	for name, c := range map[string]struct {
		ctx   context.Context
		phase workflowexecutionv1.ExecutionPhase
		text  string
	}{
		"running":   {running, workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED, "no luck"},
		"cancelled": {cancelled, workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED, "cancelled"},
		"overdue": {
			overdue, workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED,
			"the execution took longer than 1m0s (STIGMER_TIMEOUT_WORKFLOW_RUN)",
		},
	} {
		got := ending(c.ctx, limit{value: time.Minute}, errors.New("no luck"))
		if got.GetPhase() != c.phase || got.GetError() != c.text || got.GetCompletedAt() == "" {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
