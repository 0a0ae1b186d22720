package execution

import (
	"log/slog"
	"strings"
	"time"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// Kinds of executions.
type (
	// Agents keeps the executions of agents.
	Agents = Executions[*agentexecutionv1.AgentExecution]
	// Workflows keeps the executions of workflows.
	Workflows = Executions[*workflowexecutionv1.WorkflowExecution]
)

// noCause is the error of an execution whose runner reported a failure and nothing else.
const noCause = "the runner reported a failure without a cause: its log has more"

// NewAgents makes the keeper of agent executions.
func NewAgents(s store.Store, logger *slog.Logger, now func() time.Time) *Agents {
	agents := newExecutions(resource.AgentExecutions, s, logger, now)
	agents.explain = explainToUser
	agents.cause = lastSystemMessage
	agents.finish = finishCalls
	return agents
}

// NewWorkflows makes the keeper of workflow executions.
func NewWorkflows(s store.Store, logger *slog.Logger, now func() time.Time) *Workflows {
	workflows := newExecutions(resource.WorkflowExecutions, s, logger, now)
	workflows.explain = func(*workflowexecutionv1.WorkflowExecution, string, time.Time) {}
	workflows.cause = func(*workflowexecutionv1.WorkflowExecution) string { return noCause }
	workflows.finish = finishTasks
	return workflows
}

// explainToUser adds two messages of the platform to the conversation: clients show messages, not errors.
func explainToUser(execution *agentexecutionv1.AgentExecution, cause string, now time.Time) {
	stamp := now.UTC().Format(time.RFC3339Nano)
	for _, text := range []string{
		"Internal system error occurred during execution: the platform ended it, not the agent.",
		"Error details: " + cause,
	} {
		execution.Status.Messages = append(execution.GetStatus().GetMessages(), &agentexecutionv1.AgentMessage{
			Type: agentexecutionv1.MessageType_MESSAGE_SYSTEM, Content: text, Timestamp: stamp,
		})
	}
}

// lastSystemMessage is where the real agent-runner puts the cause of a failure.
func lastSystemMessage(execution *agentexecutionv1.AgentExecution) string {
	messages := execution.GetStatus().GetMessages()
	for index := len(messages) - 1; index >= 0; index-- {
		message := messages[index]
		if message.GetType() == agentexecutionv1.MessageType_MESSAGE_SYSTEM && message.GetContent() != "" {
			return strings.TrimSpace(strings.TrimPrefix(message.GetContent(), "❌ Error:"))
		}
	}
	return noCause
}
