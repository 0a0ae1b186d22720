package orchestration_test

import (
	"context"
	"errors"
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
)

// caller starts a workflow whose activity waits for an execution, and answers the activity's token.
func (s *theatre) caller() (token []byte, waiting client.WorkflowRun) {
	s.t.Helper()
	tokens := make(chan []byte, 1)
	polling := worker.New(s.client, "callers", worker.Options{})
	polling.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			StartToCloseTimeout: patience, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
		})
		return workflow.ExecuteActivity(ctx, "call").Get(ctx, nil)
	}, workflow.RegisterOptions{Name: "caller"})
	polling.RegisterActivityWithOptions(func(ctx context.Context) error {
		tokens <- activity.GetInfo(ctx).TaskToken
		return activity.ErrResultPending
	}, activity.RegisterOptions{Name: "call"})
	if err := polling.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(polling.Stop)
	run, err := s.client.ExecuteWorkflow(s.t.Context(), client.StartWorkflowOptions{TaskQueue: "callers"}, "caller")
	if err != nil {
		s.t.Fatal(err)
	}
	return <-tokens, run
}

func TestACallerHearsOfAnExecutionThatEndedBeforeItBegan(t *testing.T) {
	for kind, leave := range map[string]func(*theatre, string) error{
		"AgentExecutionCancelled": func(s *theatre, id string) error {
			_, err := s.agents.Cancel(s.t.Context(), id, execution.Cancellation{How: execution.AskToEnd})
			return err
		},
		"AgentExecutionFailed": func(s *theatre, id string) error {
			_, err := s.agents.Fail(s.t.Context(), id, "no such model")
			return err
		},
		"ExecutionDeleted": func(s *theatre, id string) error {
			_, err := s.agents.Remove(s.t.Context(), id)
			return err
		},
	} {
		t.Run(kind, func(t *testing.T) {
			s := newTheatre(t)
			token, waiting := s.caller()
			fresh := s.insertAgent(token)
			if err := leave(s, fresh.GetMetadata().GetId()); err != nil {
				t.Fatal(err)
			}
			s.launchAgent(fresh)
			failure, ok := errors.AsType[*temporal.ApplicationError](waiting.Get(t.Context(), nil))
			if !ok || failure.Type() != kind {
				t.Errorf("caller got %v", failure)
			}
		})
	}
}
