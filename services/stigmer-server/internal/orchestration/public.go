package orchestration

import (
	"google.golang.org/protobuf/proto"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
)

// agentArgument is what Temporal records of an agent's execution: all but the values of its environment.
func (e *Engine) agentArgument(started *agentexecutionv1.AgentExecution) *agentexecutionv1.AgentExecution {
	if e.where.EnvironmentInArguments || len(started.GetSpec().GetRuntimeEnv()) == 0 {
		return started
	}
	public := proto.CloneOf(started)
	public.Spec.RuntimeEnv = nil
	return public
}

// workflowArgument is what Temporal records of a workflow's execution: all but the values of its environment.
func (e *Engine) workflowArgument(
	started *workflowexecutionv1.WorkflowExecution,
) *workflowexecutionv1.WorkflowExecution {
	if e.where.EnvironmentInArguments || len(started.GetSpec().GetRuntimeEnv()) == 0 {
		return started
	}
	public := proto.CloneOf(started)
	public.Spec.RuntimeEnv = nil
	return public
}

// validationArgument is what Temporal records of a workflow that is validated. The names in its environment belong to its
// structure, the values do not.
func validationArgument(spec *workflowv1.WorkflowSpec) *workflowv1.WorkflowSpec {
	if len(spec.GetEnvSpec().GetData()) == 0 {
		return spec
	}
	public := proto.CloneOf(spec)
	for _, variable := range public.GetEnvSpec().GetData() {
		variable.Value = ""
	}
	return public
}

// publicResult is what the activity that waits for an execution gets, and with that what the history of its workflow
// holds: which execution it was, how it ended, and what came of it. How it came to that stays here.
func publicResult(ended resource.Resource) resource.Resource {
	switch ended := ended.(type) {
	case *agentexecutionv1.AgentExecution:
		status := ended.GetStatus()
		return &agentexecutionv1.AgentExecution{
			ApiVersion: ended.GetApiVersion(), Kind: ended.GetKind(), Metadata: ended.GetMetadata(),
			Status: &agentexecutionv1.AgentExecutionStatus{
				Phase: status.GetPhase(), StartedAt: status.GetStartedAt(), CompletedAt: status.GetCompletedAt(),
				Messages: lastAnswer(status.GetMessages()),
			},
		}
	case *workflowexecutionv1.WorkflowExecution:
		status := ended.GetStatus()
		return &workflowexecutionv1.WorkflowExecution{
			ApiVersion: ended.GetApiVersion(), Kind: ended.GetKind(), Metadata: ended.GetMetadata(),
			Status: &workflowexecutionv1.WorkflowExecutionStatus{
				Phase: status.GetPhase(), StartedAt: status.GetStartedAt(), CompletedAt: status.GetCompletedAt(),
				Output: status.GetOutput(),
			},
		}
	default:
		return nil
	}
}

// lastAnswer is the agent's last message with a text in it, without the calls of tools that came with it.
func lastAnswer(messages []*agentexecutionv1.AgentMessage) []*agentexecutionv1.AgentMessage {
	for index := len(messages) - 1; index >= 0; index-- {
		message := messages[index]
		if message.GetType() == agentexecutionv1.MessageType_MESSAGE_AI && message.GetContent() != "" {
			return []*agentexecutionv1.AgentMessage{{
				Type: message.GetType(), Content: message.GetContent(), Timestamp: message.GetTimestamp(),
			}}
		}
	}
	return nil
}
