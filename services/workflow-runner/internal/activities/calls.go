package activities

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/backend"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

const (
	apiVersion = "agentic.stigmer.ai/v1"
	// depthMetadata counts how deep executions run executions.
	depthMetadata = "stigmer.ai/depth"
	// depthLimit bounds that, so that a workflow that runs itself ends.
	depthLimit = 16
)

// CallAgent starts an execution of an agent. The server completes the activity when that has ended.
func (a *Activities) CallAgent(ctx context.Context, w work, call message.AgentCall) (message.Result, error) {
	scope := apiresource.ApiResourceOwnerScope(call.Scope)
	if scope == apiresource.ApiResourceOwnerScope_api_resource_owner_scope_unspecified {
		scope = apiresource.ApiResourceOwnerScope_organization
	}
	agent, err := a.backend.Agent(ctx, w.caller.Organization, call.Agent, scope)
	if err != nil {
		return message.Result{}, callFailure(message.AgentError, err)
	}
	environment, err := agentEnvironment(w, call.Env)
	if err != nil {
		return message.Result{}, callFailure(message.AgentError, err)
	}
	info := activity.GetInfo(ctx)
	execution, err := a.backend.StartAgentExecution(ctx, &agentexecutionv1.AgentExecution{
		ApiVersion: apiVersion,
		Kind:       "AgentExecution",
		Metadata: &apiresource.ApiResourceMetadata{
			Name: call.Agent + "-" + call.Tag, Org: w.caller.Organization, Tags: []string{call.Tag},
		},
		Spec: &agentexecutionv1.AgentExecutionSpec{
			AgentId:         agent.GetMetadata().GetId(),
			Message:         call.Message,
			RuntimeEnv:      environment,
			ExecutionConfig: &agentexecutionv1.ExecutionConfig{ModelName: call.Model},
			CallbackToken:   info.TaskToken,
		},
	})
	if err != nil {
		return message.Result{}, callFailure(message.AgentError, err)
	}
	return message.Result{}, a.pending(ctx, info.TaskToken, execution.GetMetadata().GetId())
}

// agentEnvironment are the values for an agent's run; what holds a secret is one.
func agentEnvironment(w work, texts map[string]string) (map[string]*executioncontextv1.ExecutionValue, error) {
	values := map[string]*executioncontextv1.ExecutionValue{}
	for name, text := range texts {
		revealed, err := w.vault.RevealText(text)
		if err != nil {
			return nil, err
		}
		if revealed == "" {
			// The schema wants no empty values; a variable without one is not set.
			continue
		}
		values[name] = &executioncontextv1.ExecutionValue{Value: revealed, IsSecret: w.vault.Uses(text)}
	}
	return values, nil
}

// CallWorkflow starts an execution of a workflow, with the runtime values of the calling one. The server completes the
// activity when that has ended.
func (a *Activities) CallWorkflow(ctx context.Context, w work, call message.WorkflowCall) (message.Result, error) {
	parent, err := a.backend.Execution(ctx, w.caller.ExecutionID)
	if err != nil {
		return message.Result{}, callFailure(message.WorkflowError, err)
	}
	metadata, err := childMetadata(parent, call.Input)
	if err != nil {
		return message.Result{}, callFailure(message.WorkflowError, err)
	}
	workflow, err := a.backend.Workflow(ctx, w.caller.Organization, call.Workflow)
	if err != nil {
		return message.Result{}, callFailure(message.WorkflowError, err)
	}
	info := activity.GetInfo(ctx)
	execution, err := a.backend.StartWorkflowExecution(ctx, &workflowexecutionv1.WorkflowExecution{
		ApiVersion: apiVersion,
		Kind:       "WorkflowExecution",
		Metadata: &apiresource.ApiResourceMetadata{
			Name: call.Workflow + "-" + call.Tag, Org: w.caller.Organization, Tags: []string{call.Tag},
			OwnerScope: parent.GetMetadata().GetOwnerScope(),
		},
		Spec: &workflowexecutionv1.WorkflowExecutionSpec{
			WorkflowId:      workflow.GetMetadata().GetId(),
			TriggerMetadata: metadata,
			RuntimeEnv:      inherited(w, parent.GetSpec().GetRuntimeEnv()),
			CallbackToken:   info.TaskToken,
		},
	})
	if err != nil {
		return message.Result{}, callFailure(message.WorkflowError, err)
	}
	return message.Result{}, a.pending(ctx, info.TaskToken, execution.GetMetadata().GetId())
}

// inherited are the runtime values of the calling execution. What is a secret there is one here, also when only the
// calling workflow says so.
func inherited(
	w work, values map[string]*executioncontextv1.ExecutionValue,
) map[string]*executioncontextv1.ExecutionValue {
	handed := map[string]*executioncontextv1.ExecutionValue{}
	for name, given := range values {
		handed[name] = &executioncontextv1.ExecutionValue{
			Value: given.GetValue(), IsSecret: given.GetIsSecret() || w.vault.Has(name),
		}
	}
	return handed
}

// childMetadata hands the input on, and counts the depth.
func childMetadata(parent *workflowexecutionv1.WorkflowExecution, input *value.Value) (map[string]string, error) {
	depth, err := strconv.Atoi(parent.GetSpec().GetTriggerMetadata()[depthMetadata])
	if err != nil {
		depth = 0
	}
	if depth++; depth > depthLimit {
		return nil, fmt.Errorf("workflows run workflows more than %d levels deep; does one run itself?", depthLimit)
	}
	metadata := map[string]string{depthMetadata: strconv.Itoa(depth)}
	if input == nil {
		input = &value.Value{V: map[string]any{}}
	}
	encoded, err := value.Encode(input.V)
	metadata[message.InputMetadata] = string(encoded)
	return metadata, err
}

// pending leaves an activity open. When it has been cancelled meanwhile, what it started is cancelled here: the
// workflow's own cancellation came too early to find it.
func (a *Activities) pending(ctx context.Context, token []byte, id string) error {
	err := a.temporal.RecordActivityHeartbeat(ctx, token, nil)
	var gone *serviceerror.NotFound
	if temporal.IsCanceledError(err) || errors.As(err, &gone) {
		if err := a.backend.Cancel(ctx, id, "the calling workflow was cancelled"); err != nil {
			a.logger.ErrorContext(ctx, "an execution that nobody waits for goes on", "execution_id", id, "error", err.Error())
		}
	}
	return activity.ErrResultPending
}

// CancelCall ends what a call has started, if it has.
func (a *Activities) CancelCall(ctx context.Context, call message.CancelCall) error {
	id, err := a.startedBy(ctx, call)
	if err == nil {
		err = a.backend.Cancel(ctx, id, call.Reason)
	}
	switch {
	case errors.Is(err, backend.ErrNoneTagged):
		return nil
	case status.Code(err) == codes.Unimplemented:
		a.logger.WarnContext(ctx, "the server cannot cancel executions", "execution_id", id)
		return nil
	default:
		return err
	}
}

func (a *Activities) startedBy(ctx context.Context, call message.CancelCall) (string, error) {
	if call.Kind == message.CallOfAgent {
		found, err := a.backend.TaggedAgentExecution(ctx, call.Tag)
		return found.GetMetadata().GetId(), err
	}
	found, err := a.backend.TaggedWorkflowExecution(ctx, call.Tag)
	return found.GetMetadata().GetId(), err
}

// callFailure is the failure of a call that could not be started. The server was asked until the attempt's limit, so
// only a server that was away may do better later.
func callFailure(kind string, err error) error {
	return &failure{kind: kind, text: err.Error(), passing: status.Code(err) == codes.Unavailable}
}
