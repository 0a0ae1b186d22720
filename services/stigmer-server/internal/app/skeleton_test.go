package app_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"google.golang.org/grpc"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
)

// drain reads a stream to its end.
func drain[E any](t *testing.T, stream grpc.ServerStreamingClient[E], err error) []*E {
	t.Helper()
	var states []*E
	for err == nil {
		var state *E
		if state, err = stream.Recv(); err == nil {
			states = append(states, state)
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatalf("stream ended with %v after %d states", err, len(states))
	}
	return states
}

func TestAnAgentRunsToItsEnd(t *testing.T) {
	s := newStack(t)
	executions := agentexecutionv1.NewAgentExecutionCommandControllerClient(s.conn)
	s.startRunner(runner{agent: func(ctx context.Context, execution *agentexecutionv1.AgentExecution) (
		*agentexecutionv1.AgentExecutionStatus, error) {
		_, err := executions.UpdateStatus(ctx, &agentexecutionv1.AgentExecutionUpdateStatusInput{
			ExecutionId: execution.GetMetadata().GetId(),
			Status:      &agentexecutionv1.AgentExecutionStatus{Phase: agentexecutionv1.ExecutionPhase_EXECUTION_IN_PROGRESS},
		})
		return &agentexecutionv1.AgentExecutionStatus{
			Phase: agentexecutionv1.ExecutionPhase_EXECUTION_COMPLETED,
			Messages: []*agentexecutionv1.AgentMessage{{
				Type: agentexecutionv1.MessageType_MESSAGE_AI, Content: "Hello to you.",
			}},
		}, err
	}})
	agent, err := agentv1.NewAgentCommandControllerClient(s.conn).Apply(t.Context(), anAgent("Test Agent"))
	if err != nil {
		t.Fatal(err)
	}
	created, err := executions.Create(t.Context(), anAgentExecution(agent.GetMetadata().GetId()))
	if err != nil {
		t.Fatal(err)
	}
	if created.GetStatus().GetPhase() != agentexecutionv1.ExecutionPhase_EXECUTION_PENDING {
		t.Errorf("created as %s", created.GetStatus().GetPhase())
	}
	stream, err := agentexecutionv1.NewAgentExecutionQueryControllerClient(s.conn).Subscribe(t.Context(),
		&agentexecutionv1.AgentExecutionId{Value: created.GetMetadata().GetId()})
	states := drain(t, stream, err)
	last := states[len(states)-1].GetStatus()
	if last.GetPhase() != agentexecutionv1.ExecutionPhase_EXECUTION_COMPLETED || len(last.GetMessages()) != 1 {
		t.Errorf("ended as %s", last)
	}
	if last.GetStartedAt() == "" || last.GetCompletedAt() == "" {
		t.Errorf("times are missing: %s", last)
	}
}

func TestAWorkflowRunsToItsEnd(t *testing.T) {
	s := newStack(t)
	executions := workflowexecutionv1.NewWorkflowExecutionCommandControllerClient(s.conn)
	s.startRunner(runner{validation: findsValid, workflow: func(
		ctx context.Context, execution *workflowexecutionv1.WorkflowExecution,
	) (*workflowexecutionv1.WorkflowExecutionStatus, error) {
		_, err := executions.UpdateStatus(ctx, &workflowexecutionv1.WorkflowExecutionUpdateStatusInput{
			ExecutionId: execution.GetMetadata().GetId(),
			Status: &workflowexecutionv1.WorkflowExecutionStatus{
				Phase: workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED,
				Tasks: []*workflowexecutionv1.WorkflowTask{{TaskName: "greet"}},
			},
		})
		return &workflowexecutionv1.WorkflowExecutionStatus{}, err
	}})
	workflow, err := workflowv1.NewWorkflowCommandControllerClient(s.conn).Apply(t.Context(), aWorkflow("greeting"))
	if err != nil {
		t.Fatal(err)
	}
	if workflow.GetStatus().GetDefaultInstanceId() == "" {
		t.Error("the workflow has no default instance")
	}
	created, err := executions.Create(t.Context(), aWorkflowExecution(workflow.GetMetadata().GetId()))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := workflowexecutionv1.NewWorkflowExecutionQueryControllerClient(s.conn).Subscribe(t.Context(),
		&workflowexecutionv1.SubscribeWorkflowExecutionRequest{ExecutionId: created.GetMetadata().GetId()})
	states := drain(t, stream, err)
	last := states[len(states)-1].GetStatus()
	if last.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED || len(last.GetTasks()) != 1 {
		t.Errorf("ended as %s", last)
	}
}
