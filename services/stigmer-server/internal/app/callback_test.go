package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	workflowrunnerv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowrunner/v1"
)

// caller is a workflow whose activity hands its token to an execution and waits for it, as a task that calls an agent.
type caller struct {
	run  client.WorkflowRun
	made chan *agentRun
}

func (s *stack) startCaller(agentID string, change ...func(*agentRun)) caller {
	s.t.Helper()
	made := make(chan *agentRun, 1)
	connected := s.temporal.Client(s.t, s.settings.Temporal.Namespace)
	polling := worker.New(connected, "callers", worker.Options{})
	polling.RegisterWorkflowWithOptions(func(ctx workflow.Context) (*agentRun, error) {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			StartToCloseTimeout: patience, WaitForCancellation: true, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
		})
		var result *agentRun
		err := workflow.ExecuteActivity(ctx, "call").Get(ctx, &result)
		return result, err
	}, workflow.RegisterOptions{Name: "caller"})
	polling.RegisterActivityWithOptions(func(ctx context.Context) error {
		wanted := anAgentExecution(agentID)
		for _, one := range change {
			one(wanted)
		}
		wanted.Spec.CallbackToken = activity.GetInfo(ctx).TaskToken
		run, err := s.agentRuns.Create(ctx, wanted)
		made <- run
		if err != nil {
			return err
		}
		return activity.ErrResultPending
	}, activity.RegisterOptions{Name: "call"})
	if err := polling.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(polling.Stop)
	run, err := connected.ExecuteWorkflow(s.t.Context(), client.StartWorkflowOptions{ID: "caller", TaskQueue: "callers"}, "caller")
	if err != nil {
		s.t.Fatal(err)
	}
	return caller{run, made}
}

// wait waits for the end of the caller.
func (c caller) wait(t *testing.T) (*agentRun, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var result *agentRun
	err := c.run.Get(ctx, &result)
	return result, err
}

func TestACallerGetsTheFinalExecution(t *testing.T) {
	s := newStack(t)
	s.startRunner(s.answers("Hello to you."))
	called := s.startCaller(s.agent())
	result, err := called.wait(t)
	if err != nil {
		t.Fatal(err)
	}
	made := <-called.made
	if result.GetMetadata().GetId() != made.GetMetadata().GetId() || result.GetStatus().GetPhase() != completed ||
		result.GetStatus().GetMessages()[0].GetContent() != "Hello to you." || result.GetStatus().GetCompletedAt() == "" {
		t.Errorf("caller got %s", result)
	}
}

func TestACallerGetsTheFailureOfItsExecution(t *testing.T) {
	for name, run := range map[string]func(*stack) runner{
		"reported by the runner": func(s *stack) runner {
			return runner{agent: func(context.Context, *agentRun) (*agentRunStatus, error) {
				return &agentRunStatus{Phase: failed, Error: "no such model"}, nil
			}}
		},
		"seen by the platform": func(s *stack) runner {
			return runner{agent: func(context.Context, *agentRun) (*agentRunStatus, error) {
				return nil, temporal.NewNonRetryableApplicationError("no such model", "ModelError", nil)
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStack(t)
			s.startRunner(run(s))
			_, err := s.startCaller(s.agent()).wait(t)
			failure, ok := errors.AsType[*temporal.ApplicationError](unwrapActivity(err))
			if !ok || failure.Type() != "AgentExecutionFailed" || !failure.NonRetryable() ||
				!strings.Contains(failure.Message(), "no such model") {
				t.Errorf("caller got %v", err)
			}
		})
	}
}

// unwrapActivity answers what an activity ended with.
func unwrapActivity(err error) error {
	if ended, ok := errors.AsType[*temporal.ActivityError](err); ok {
		return ended.Unwrap()
	}
	return err
}

func TestACallerHearsOfACancelledExecution(t *testing.T) {
	for name, force := range map[string]bool{"asked": false, "by force": true} {
		t.Run(name, func(t *testing.T) {
			s := newStack(t, quickHeartbeats)
			s.startRunner(runner{agent: untilCancelled})
			called := s.startCaller(s.agent())
			made := <-called.made
			_, err := s.control.CancelExecution(t.Context(), &workflowrunnerv1.CancelExecutionRequest{
				ExecutionId: made.GetMetadata().GetId(), Reason: "enough", Force: force,
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = called.wait(t)
			failure, ok := errors.AsType[*temporal.ApplicationError](unwrapActivity(err))
			if !ok || failure.Type() != "AgentExecutionCancelled" || failure.Message() != "enough" || !failure.NonRetryable() {
				t.Errorf("caller got %v", err)
			}
		})
	}
}

// untilCancelled is an agent-runner that runs until it is told to end.
func untilCancelled(ctx context.Context, _ *agentRun) (*agentRunStatus, error) {
	return nil, errors.Join(heartbeatUntilCancelled(ctx), ctx.Err())
}

func TestACallerThatIsCancelledItselfHearsOfACancellation(t *testing.T) {
	s := newStack(t, quickHeartbeats)
	s.startRunner(runner{agent: untilCancelled})
	called := s.startCaller(s.agent())
	made := <-called.made
	connected := s.temporal.Client(t, s.settings.Temporal.Namespace)
	if err := connected.CancelWorkflow(t.Context(), called.run.GetID(), ""); err != nil {
		t.Fatal(err)
	}
	_, err := s.control.CancelExecution(t.Context(), &workflowrunnerv1.CancelExecutionRequest{
		ExecutionId: made.GetMetadata().GetId(),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = called.wait(t)
	if !temporal.IsCanceledError(unwrapActivity(err)) {
		t.Errorf("caller got %v", err)
	}
}

func TestACallerThatHasGoneHoldsNothingUp(t *testing.T) {
	s := newStack(t)
	s.startRunner(s.answers("Hello to you."))
	run := s.runAgent(func(run *agentRun) { run.Spec.CallbackToken = []byte("no token of this Temporal") })
	if last := s.end(run); last.GetPhase() != completed {
		t.Errorf("ended as %s", last)
	}
}
