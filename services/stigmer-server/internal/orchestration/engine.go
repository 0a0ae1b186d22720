package orchestration

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/serverless"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
)

// endMargin is what a workflow may last beyond the limit of its execution, to store the end and to tell the caller: all
// attempts of both fit. Temporal ends a workflow that is over its limit without a word.
const endMargin = 5 * time.Minute

// Engine runs executions on Temporal.
type Engine struct {
	*Connection
	logger *slog.Logger

	opened    chan struct{}
	agents    *execution.Agents
	workflows *execution.Workflows
}

// NewEngine makes an engine; Run connects it. Serving is told when Temporal comes and goes.
func NewEngine(
	where config.Temporal, timeouts settings.Timeouts, logger *slog.Logger, serving func(bool),
) *Engine {
	engine := &Engine{logger: logger, opened: make(chan struct{})}
	engine.Connection = &Connection{
		where: where, timeouts: timeouts, logger: logger, serving: serving,
		attach: engine.startWorkers, arrived: engine.reconcile,
	}
	return engine
}

// Open gives the engine the executions. Until then its activities wait, so that connecting need not wait for the store.
func (e *Engine) Open(agents *execution.Agents, workflows *execution.Workflows) {
	e.agents, e.workflows = agents, workflows
	close(e.opened)
}

func (e *Engine) agentActivities() activities[*agentexecutionv1.AgentExecution, *agentexecutionv1.AgentExecutionStatus] {
	return activities[*agentexecutionv1.AgentExecution, *agentexecutionv1.AgentExecutionStatus]{
		executions: func(ctx context.Context) (*execution.Agents, error) { err := e.wait(ctx); return e.agents, err },
		client:     e.Client,
	}
}

func (e *Engine) workflowActivities() activities[
	*workflowexecutionv1.WorkflowExecution, *workflowexecutionv1.WorkflowExecutionStatus,
] {
	return activities[*workflowexecutionv1.WorkflowExecution, *workflowexecutionv1.WorkflowExecutionStatus]{
		executions: func(ctx context.Context) (*execution.Workflows, error) { err := e.wait(ctx); return e.workflows, err },
		client:     e.Client,
	}
}

func (e *Engine) wait(ctx context.Context) error {
	select {
	case <-e.opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ready answers UnavailableError while Temporal is away.
func (e *Engine) Ready() error {
	_, err := e.Client()
	return err
}

// StartAgent starts an execution of an agent.
func (e *Engine) StartAgent(ctx context.Context, started *agentexecutionv1.AgentExecution) error {
	id := contract.AgentExecutionWorkflow + "/" + started.GetMetadata().GetId()
	return e.start(ctx, e.agentArgument(started), contract.AgentExecutionWorkflow, client.StartWorkflowOptions{
		ID: id, TaskQueue: e.where.Queues.AgentStigmer, WorkflowRunTimeout: e.timeouts.AgentRun + endMargin,
		Memo: map[string]any{contract.ActivityTaskQueueMemo: e.where.Queues.AgentRunner},
	})
}

// StartWorkflow starts an execution of a workflow.
func (e *Engine) StartWorkflow(ctx context.Context, started *workflowexecutionv1.WorkflowExecution) error {
	id := contract.WorkflowExecutionWorkflow + "/" + started.GetMetadata().GetId()
	return e.start(ctx, e.workflowArgument(started), contract.WorkflowExecutionWorkflow, client.StartWorkflowOptions{
		ID: id, TaskQueue: e.where.Queues.WorkflowStigmer, WorkflowRunTimeout: e.timeouts.WorkflowRun + endMargin,
		Memo: map[string]any{contract.ActivityTaskQueueMemo: e.where.Queues.WorkflowRunner},
	})
}

func (e *Engine) start(ctx context.Context, argument proto.Message, name string, o client.StartWorkflowOptions) error {
	// The worker of the queue is in this process, so Temporal may answer the start with the first task.
	o.EnableEagerStart = true
	return e.call(ctx, e.patiently(), func(ctx context.Context, connected client.Client) error {
		_, err := connected.ExecuteWorkflow(ctx, o, name, argument)
		return e.startError(err)
	})
}

// startError tells a Temporal that is away from one that does not want the workflow.
func (e *Engine) startError(err error) error {
	if err == nil {
		return nil
	}
	if _, refused := errors.AsType[*serviceerror.InvalidArgument](err); refused {
		return &RefusedError{err}
	}
	e.suspect()
	return e.unavailable(err)
}

// Validate has the workflow-runner validate a workflow. An answer is valid or invalid; all else is an error.
func (e *Engine) Validate(
	ctx context.Context, spec *workflowv1.WorkflowSpec,
) (*serverless.ServerlessWorkflowValidation, error) {
	var result *serverless.ServerlessWorkflowValidation
	err := e.call(ctx, e.timeouts.Validation, func(ctx context.Context, connected client.Client) error {
		run, err := connected.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID:                       contract.ValidationWorkflowIDPrefix + uuid.NewString(),
			TaskQueue:                e.where.Queues.ValidationStigmer,
			WorkflowExecutionTimeout: e.timeouts.Validation,
			Memo:                     map[string]any{contract.ActivityTaskQueueMemo: e.where.Queues.ValidationRunner},
			EnableEagerStart:         true,
		}, contract.ValidationWorkflow, validationArgument(spec))
		if err != nil {
			return e.startError(err)
		}
		if err := run.Get(ctx, &result); err != nil {
			return e.validationError(err)
		}
		return checkValidation(result, run.GetID())
	})
	return result, err
}

func (e *Engine) validationError(err error) error {
	if application, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return &ValidationError{application.Message()}
	}
	return &ValidationError{fmt.Sprintf("no answer within %s: start a workflow-runner that polls the task queue %q",
		e.timeouts.Validation, e.where.Queues.ValidationRunner)}
}

// checkValidation refuses an answer that is none, and completes the others.
func checkValidation(result *serverless.ServerlessWorkflowValidation, id string) error {
	state := result.GetState()
	if state != serverless.ValidationState_VALID && state != serverless.ValidationState_INVALID {
		return &ValidationError{fmt.Sprintf("the workflow-runner answered %s: %s", state,
			strings.Join(result.GetErrors(), "; "))}
	}
	if result.GetValidatedAt() == nil {
		result.ValidatedAt = timestamppb.Now()
	}
	if result.GetValidationWorkflowId() == "" {
		result.ValidationWorkflowId = id
	}
	return nil
}
