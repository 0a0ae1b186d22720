package app_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
)

func TestAnotherRunnerGoesOnWhereOneWasLostOrToldToEnd(t *testing.T) {
	for name, leave := range map[string]func(context.Context) error{
		"lost": func(ctx context.Context) error {
			<-activity.GetWorkerStopChannel(ctx)
			return errors.New("worker stopped")
		},
		"told to end": func(context.Context) error {
			return temporal.NewApplicationError("the runner stops; another one goes on", "RunnerStops")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStack(t, func(settings *config.Settings) { settings.Timeouts.WorkflowHeartbeat = 500 * time.Millisecond })
			var attempts atomic.Int32
			s.startRunner(runner{validation: findsValid, workflow: func(ctx context.Context, _ *workflowRun) (*workflowRunStatus, error) {
				if attempts.Add(1) < 3 {
					return nil, leave(ctx)
				}
				return &workflowRunStatus{Phase: workflowCompleted}, nil
			}})
			if last := s.workflowEnd(s.runWorkflow()); last.GetPhase() != workflowCompleted || attempts.Load() != 3 {
				t.Errorf("after %d attempts it ended as %s", attempts.Load(), last)
			}
		})
	}
}

func TestAnErrorThatARepetitionDoesNotHelpEndsTheExecutionAtOnce(t *testing.T) {
	s := newStack(t)
	var attempts atomic.Int32
	s.startRunner(runner{validation: findsValid, workflow: func(context.Context, *workflowRun) (*workflowRunStatus, error) {
		attempts.Add(1)
		return nil, temporal.NewNonRetryableApplicationError("the execution has no id", "InvalidExecution", nil)
	}})
	last := s.workflowEnd(s.runWorkflow())
	if last.GetPhase() != workflowFailed || !strings.HasSuffix(last.GetError(), "the execution has no id") || attempts.Load() != 1 {
		t.Errorf("after %d attempts it ended as %s", attempts.Load(), last)
	}
}

func TestARunnerThatWasLostAndHasNoSuccessorIsNamedInTheError(t *testing.T) {
	s := newStack(t, func(settings *config.Settings) {
		settings.Timeouts.WorkflowScheduleToStart = 300 * time.Millisecond
	})
	s.startRunner(runner{validation: findsValid})
	began := make(chan struct{})
	stop := s.startRunner(runner{workflow: func(ctx context.Context, _ *workflowRun) (*workflowRunStatus, error) {
		close(began)
		<-activity.GetWorkerStopChannel(ctx)
		return nil, temporal.NewApplicationError("the runner stops; another one goes on", "RunnerStops")
	}})
	run := s.runWorkflow()
	<-began
	stop()
	wanted := "the workflow-runner failed: the runner stops; another one goes on; no other workflow-runner took the " +
		`execution within 300ms: start one that polls the task queue "workflow_execution_runner"`
	if last := s.workflowEnd(run); last.GetPhase() != workflowFailed || last.GetError() != wanted {
		t.Errorf("ended as %s", last)
	}
}
