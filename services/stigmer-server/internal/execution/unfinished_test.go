package execution_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
)

type (
	toolCall = agentexecutionv1.ToolCall
	subAgent = agentexecutionv1.SubAgentExecution
	todo     = agentexecutionv1.TodoItem
	task     = workflowexecutionv1.WorkflowTask
)

const end = "2026-01-02T03:04:05Z"

// busy is the status of an agent that is at work.
func busy() *agentexecutionv1.AgentExecutionStatus {
	calls := func() []*toolCall {
		return []*toolCall{
			{Id: "ended", Status: agentexecutionv1.ToolCallStatus_TOOL_CALL_COMPLETED},
			{Id: "running", Status: agentexecutionv1.ToolCallStatus_TOOL_CALL_RUNNING},
			{Id: "waiting", Status: agentexecutionv1.ToolCallStatus_TOOL_CALL_PENDING},
		}
	}
	return &agentexecutionv1.AgentExecutionStatus{
		Phase: inProgress, ToolCalls: calls(),
		Messages: []*agentexecutionv1.AgentMessage{{Type: agentexecutionv1.MessageType_MESSAGE_AI, ToolCalls: calls()}},
		SubAgentExecutions: []*subAgent{
			{Id: "ended", Status: agentexecutionv1.SubAgentStatus_SUB_AGENT_COMPLETED},
			{Id: "running", Status: agentexecutionv1.SubAgentStatus_SUB_AGENT_IN_PROGRESS},
			{Id: "waiting", Status: agentexecutionv1.SubAgentStatus_SUB_AGENT_PENDING},
		},
		Todos: map[string]*todo{
			"a": {Id: "a", Status: agentexecutionv1.TodoStatus_TODO_COMPLETED},
			"b": {Id: "b", Status: agentexecutionv1.TodoStatus_TODO_IN_PROGRESS},
			"c": {Id: "c", Status: agentexecutionv1.TodoStatus_TODO_PENDING},
		},
	}
}

func TestWhatAnAgentHasUnderWayEndsWithIt(t *testing.T) {
	for name, test := range map[string]struct {
		end   func(*books, string) error
		cause string
		// plans is what becomes of plans that are not carried out.
		plans []agentexecutionv1.TodoStatus
	}{
		"cancelled": {func(b *books, id string) error {
			_, err := b.agents.Cancel(b.t.Context(), id, execution.Cancellation{Reason: "enough", How: execution.AskToEnd})
			return err
		}, "enough", []agentexecutionv1.TodoStatus{4, 4}},
		"cancelled with the last news": {func(b *books, id string) error {
			_, err := b.agents.Cancel(b.t.Context(), id, execution.Cancellation{News: busy(), How: execution.Terminate})
			return err
		}, "the execution was cancelled", []agentexecutionv1.TodoStatus{4, 4}},
		"cancelled in Temporal": {func(b *books, id string) error {
			_, err := b.agents.MarkCancelled(b.t.Context(), id)
			return err
		}, "the execution was cancelled", []agentexecutionv1.TodoStatus{4, 4}},
		"lost": {func(b *books, id string) error {
			_, err := b.agents.Fail(b.t.Context(), id, "the agent-runner was lost")
			return err
		}, "the agent-runner was lost", []agentexecutionv1.TodoStatus{2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBooks(t)
			id := b.agentExecution()
			b.report(id, busy())
			if err := test.end(b, id); err != nil {
				t.Fatal(err)
			}
			stored, err := b.agents.Get(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			wanted := busy()
			for _, calls := range [][]*toolCall{wanted.GetToolCalls(), wanted.GetMessages()[0].GetToolCalls()} {
				for _, call := range calls[1:] {
					call.Status, call.Error, call.CompletedAt = agentexecutionv1.ToolCallStatus_TOOL_CALL_FAILED, test.cause, end
				}
			}
			for _, helper := range wanted.GetSubAgentExecutions()[1:] {
				helper.Status, helper.Error, helper.CompletedAt = agentexecutionv1.SubAgentStatus_SUB_AGENT_FAILED, test.cause, end
			}
			for index, id := range []string{"b", "c"} {
				if item := wanted.GetTodos()[id]; item.GetStatus() != test.plans[index] {
					item.Status, item.UpdatedAt = test.plans[index], end
				}
			}
			got := stored.GetStatus()
			got.Messages = got.GetMessages()[:1]
			if diff := cmp.Diff(wanted, got, protocmp.Transform(), protocmp.IgnoreFields(wanted, "phase", "error",
				"started_at", "completed_at", "audit")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTasksThatAreUnderWayEndWithTheirExecution(t *testing.T) {
	const (
		waiting = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_PENDING
		running = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_IN_PROGRESS
		done    = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_COMPLETED
		broken  = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_FAILED
		skipped = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_SKIPPED
	)
	for name, test := range map[string]struct {
		end    func(*books, string) error
		wanted *task
	}{
		"cancelled": {func(b *books, id string) error {
			_, err := b.workflows.Cancel(b.t.Context(), id, execution.Cancellation{Reason: "enough", How: execution.Terminate})
			return err
		}, &task{Status: skipped, Error: "enough", CompletedAt: end}},
		"reported as failed": {func(b *books, id string) error {
			_, err := b.workflows.UpdateStatus(b.t.Context(), id, &workflowexecutionv1.WorkflowExecutionStatus{
				Phase: workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED, Error: "no such host",
			})
			return err
		}, &task{Status: broken, Error: "no such host", CompletedAt: end}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBooks(t)
			id := b.workflowExecution("one")
			_, err := b.workflows.UpdateStatus(t.Context(), id, &workflowexecutionv1.WorkflowExecutionStatus{
				Phase: workflowexecutionv1.ExecutionPhase_EXECUTION_IN_PROGRESS,
				Tasks: []*task{{Status: done}, {Status: running}, {Status: waiting}},
			})
			if err == nil {
				err = test.end(b, id)
			}
			if err != nil {
				t.Fatal(err)
			}
			stored, err := b.workflows.Get(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			wanted := []*task{{Status: done}, test.wanted, {Status: skipped}}
			if diff := cmp.Diff(wanted, stored.GetStatus().GetTasks(), protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
