package execution

import (
	"cmp"
	"time"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
)

// ending is how an execution ended before all of its parts had. What a runner says later is not taken any more, so that
// its parts would look as if they were at work for ever.
type ending struct {
	cancelled bool
	// cause is what its parts say.
	cause string
	stamp string
}

func newEnding(phase Phase, cause string, now time.Time) ending {
	return ending{
		cancelled: phase == Cancelled, cause: cmp.Or(cause, "the execution was cancelled"),
		stamp: now.UTC().Format(time.RFC3339Nano),
	}
}

// finishTasks ends the tasks of a workflow's execution. No task can be cancelled by itself, so that those of a cancelled
// execution are skipped, as the workflow-runner has it.
func finishTasks(execution *workflowexecutionv1.WorkflowExecution, end ending) {
	for _, task := range execution.GetStatus().GetTasks() {
		switch task.GetStatus() {
		case workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_PENDING:
			task.Status = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_SKIPPED
		case workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_IN_PROGRESS:
			task.Status = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_FAILED
			if end.cancelled {
				task.Status = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_SKIPPED
			}
			task.Error, task.CompletedAt = end.cause, end.stamp
		}
	}
}

// finishCalls ends the calls of tools, the sub-agents and, of a cancelled execution, the plans of an agent. Calls and
// sub-agents have no other end than a good and a bad one.
func finishCalls(execution *agentexecutionv1.AgentExecution, end ending) {
	status := execution.GetStatus()
	end.calls(status.GetToolCalls())
	for _, message := range status.GetMessages() {
		end.calls(message.GetToolCalls())
	}
	for _, helper := range status.GetSubAgentExecutions() {
		switch helper.GetStatus() {
		case agentexecutionv1.SubAgentStatus_SUB_AGENT_PENDING, agentexecutionv1.SubAgentStatus_SUB_AGENT_IN_PROGRESS:
			helper.Status = agentexecutionv1.SubAgentStatus_SUB_AGENT_FAILED
			helper.Error, helper.CompletedAt = end.cause, end.stamp
		}
	}
	if !end.cancelled {
		return
	}
	for _, todo := range status.GetTodos() {
		switch todo.GetStatus() {
		case agentexecutionv1.TodoStatus_TODO_PENDING, agentexecutionv1.TodoStatus_TODO_IN_PROGRESS:
			todo.Status, todo.UpdatedAt = agentexecutionv1.TodoStatus_TODO_CANCELLED, end.stamp
		}
	}
}

func (e ending) calls(calls []*agentexecutionv1.ToolCall) {
	for _, call := range calls {
		switch call.GetStatus() {
		case agentexecutionv1.ToolCallStatus_TOOL_CALL_PENDING, agentexecutionv1.ToolCallStatus_TOOL_CALL_RUNNING:
			call.Status = agentexecutionv1.ToolCallStatus_TOOL_CALL_FAILED
			call.Error, call.CompletedAt = e.cause, e.stamp
		}
	}
}
