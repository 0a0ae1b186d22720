package app_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"google.golang.org/grpc/codes"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowrunnerv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowrunner/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
)

func idOf(of resource.Resource) *apiresource.ApiResourceId {
	return &apiresource.ApiResourceId{Value: of.GetMetadata().GetId()}
}

// heartbeatUntilCancelled is how a good runner learns of a cancellation.
func heartbeatUntilCancelled(ctx context.Context) error {
	limit := time.After(patience)
	for {
		activity.RecordHeartbeat(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-limit:
			return errors.New("the runner was not told")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// waitForWorkflow waits until a workflow has ended and answers how.
func (s *stack) waitForWorkflow(id string) enums.WorkflowExecutionStatus {
	s.t.Helper()
	connected := s.temporal.Client(s.t, s.settings.Temporal.Namespace)
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	_ = connected.GetWorkflow(ctx, id, "").Get(ctx, nil)
	described, err := connected.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		s.t.Fatal(err)
	}
	return described.GetWorkflowExecutionInfo().GetStatus()
}

// quickHeartbeats make a runner hear of a cancellation soon: the SDK sends heartbeats at most every 0.8 limits.
func quickHeartbeats(settings *config.Settings) {
	settings.Timeouts.AgentHeartbeat = 2 * time.Second
	settings.Timeouts.WorkflowHeartbeat = 2 * time.Second
}

func TestACancelledAgentStopsAndKeepsWhatItSaid(t *testing.T) {
	for name, test := range map[string]struct {
		cancel func(*stack, string) error
		reason string
		status enums.WorkflowExecutionStatus
	}{
		"by the control service": {func(s *stack, id string) error {
			_, err := s.control.CancelExecution(s.t.Context(), &workflowrunnerv1.CancelExecutionRequest{
				ExecutionId: id, Reason: "not needed any more",
			})
			return err
		}, "not needed any more", enums.WORKFLOW_EXECUTION_STATUS_CANCELED},
		"by force": {func(s *stack, id string) error {
			_, err := s.control.CancelExecution(s.t.Context(), &workflowrunnerv1.CancelExecutionRequest{
				ExecutionId: id, Force: true,
			})
			return err
		}, "", enums.WORKFLOW_EXECUTION_STATUS_TERMINATED},
		"by a status": {func(s *stack, id string) error {
			_, err := s.agentRuns.UpdateStatus(s.t.Context(), &agentexecutionv1.AgentExecutionUpdateStatusInput{
				ExecutionId: id, Status: &agentRunStatus{Phase: cancelled},
			})
			return err
		}, "", enums.WORKFLOW_EXECUTION_STATUS_CANCELED},
		"by Temporal": {func(s *stack, id string) error {
			return s.temporal.Client(s.t, s.settings.Temporal.Namespace).CancelWorkflow(s.t.Context(),
				"stigmer/agent-execution/invoke/"+id, "")
		}, "", enums.WORKFLOW_EXECUTION_STATUS_CANCELED},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStack(t, quickHeartbeats)
			started, stopped := make(chan struct{}), make(chan error, 1)
			s.startRunner(runner{agent: func(ctx context.Context, run *agentRun) (*agentRunStatus, error) {
				err := s.report(ctx, run, &agentRunStatus{Phase: inProgress, Messages: says("so far")})
				close(started)
				stopped <- errors.Join(err, heartbeatUntilCancelled(ctx))
				return &agentRunStatus{Phase: failed, Messages: says("too late")}, nil
			}})
			run := s.runAgent()
			<-started
			if err := test.cancel(s, run.GetMetadata().GetId()); err != nil {
				t.Fatal(err)
			}
			last := s.end(run)
			if last.GetPhase() != cancelled || last.GetError() != test.reason || last.GetCompletedAt() == "" ||
				len(last.GetMessages()) != 1 || last.GetMessages()[0].GetContent() != "so far" {
				t.Errorf("ended as %s", last)
			}
			if err := <-stopped; err != nil {
				t.Error(err)
			}
			status := s.waitForWorkflow("stigmer/agent-execution/invoke/" + run.GetMetadata().GetId())
			if status != test.status {
				t.Errorf("workflow ended as %s", status)
			}
		})
	}
}

func TestWhatHasEndedCannotBeCancelled(t *testing.T) {
	s := newStack(t)
	s.startRunner(s.answers("Hello to you."))
	run := s.runAgent()
	s.end(run)
	id := run.GetMetadata().GetId()
	_, err := s.control.CancelExecution(t.Context(), &workflowrunnerv1.CancelExecutionRequest{ExecutionId: id})
	refused(t, err, codes.FailedPrecondition, id, "has ended as COMPLETED")
	for _, unknown := range []string{"aex-none", "wex-none", "agt-none", "nonsense"} {
		_, err := s.control.CancelExecution(t.Context(), &workflowrunnerv1.CancelExecutionRequest{ExecutionId: unknown})
		refused(t, err, codes.NotFound, unknown)
	}
	answered := must[*agentRun](t)(s.agentRuns.UpdateStatus(t.Context(), &agentexecutionv1.AgentExecutionUpdateStatusInput{
		ExecutionId: id, Status: &agentRunStatus{Phase: cancelled},
	}))
	if answered.GetStatus().GetPhase() != completed {
		t.Errorf("cancelling by a status made it %s", answered.GetStatus())
	}
}

func TestStartingPausingAndGoingOnAreNotImplemented(t *testing.T) {
	s := newStack(t)
	_, err := s.control.ExecuteAsync(t.Context(), &workflowrunnerv1.WorkflowExecuteInput{WorkflowExecutionId: "wex-1"})
	refused(t, err, codes.Unimplemented)
	_, err = s.control.PauseExecution(t.Context(), &workflowrunnerv1.PauseExecutionRequest{ExecutionId: "wex-1"})
	refused(t, err, codes.Unimplemented)
	_, err = s.control.ResumeExecution(t.Context(), &workflowrunnerv1.ResumeExecutionRequest{ExecutionId: "wex-1"})
	refused(t, err, codes.Unimplemented)
}

func TestACancelledWorkflowEndsTheWorkflowOfItsTasksToo(t *testing.T) {
	for name, force := range map[string]bool{"asked": false, "by force": true} {
		t.Run(name, func(t *testing.T) {
			s := newStack(t, quickHeartbeats)
			started, stopped := make(chan struct{}), make(chan error, 1)
			s.startRunner(runner{validation: findsValid, workflow: func(ctx context.Context, run *workflowRun) (*workflowRunStatus, error) {
				s.startTasks(run)
				err := s.reportWorkflow(ctx, run, &workflowRunStatus{Phase: workflowInProgress, Tasks: tasks("one")})
				close(started)
				stopped <- errors.Join(err, heartbeatUntilCancelled(ctx))
				return nil, ctx.Err()
			}})
			run := s.runWorkflow()
			<-started
			id := run.GetMetadata().GetId()
			_, err := s.control.CancelExecution(t.Context(), &workflowrunnerv1.CancelExecutionRequest{
				ExecutionId: id, Reason: "enough", Force: force,
			})
			if err != nil {
				t.Fatal(err)
			}
			last := s.workflowEnd(run)
			if last.GetPhase() != workflowCancelled || last.GetError() != "enough" || len(last.GetTasks()) != 1 {
				t.Errorf("ended as %s", last)
			}
			if err := <-stopped; err != nil {
				t.Error(err)
			}
			wanted := map[bool]enums.WorkflowExecutionStatus{
				false: enums.WORKFLOW_EXECUTION_STATUS_CANCELED, true: enums.WORKFLOW_EXECUTION_STATUS_TERMINATED,
			}[force]
			for _, workflow := range []string{"stigmer/workflow-execution/invoke/" + id, "workflow-exec-" + id} {
				if status := s.waitForWorkflow(workflow); status != wanted {
					t.Errorf("%s ended as %s", workflow, status)
				}
			}
		})
	}
}
