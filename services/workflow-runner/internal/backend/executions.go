package backend

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	workflowinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowinstance/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/environment"
)

// Execution reads an execution.
func (c *Client) Execution(ctx context.Context, id string) (*workflowexecutionv1.WorkflowExecution, error) {
	execution, err := persist(ctx, c.logger, func(ctx context.Context) (*workflowexecutionv1.WorkflowExecution, error) {
		return c.runs.Get(ctx, &workflowexecutionv1.WorkflowExecutionId{Value: id})
	})
	return execution, wrap(err, "read execution %s", id)
}

// UpdateStatus merges news into the status of an execution and returns the execution as it is then. It does not end
// before the server has answered or the context is over.
func (c *Client) UpdateStatus(
	ctx context.Context, id string, news *workflowexecutionv1.WorkflowExecutionStatus,
) (*workflowexecutionv1.WorkflowExecution, error) {
	execution, err := persist(ctx, c.logger, func(ctx context.Context) (*workflowexecutionv1.WorkflowExecution, error) {
		return c.updateStatus(ctx, id, news)
	})
	return execution, wrap(err, "update the status of execution %s", id)
}

// TryUpdateStatus is UpdateStatus with one attempt.
func (c *Client) TryUpdateStatus(
	ctx context.Context, id string, news *workflowexecutionv1.WorkflowExecutionStatus,
) (*workflowexecutionv1.WorkflowExecution, error) {
	execution, err := once(ctx, func(ctx context.Context) (*workflowexecutionv1.WorkflowExecution, error) {
		return c.updateStatus(ctx, id, news)
	})
	return execution, wrap(err, "update the status of execution %s", id)
}

func (c *Client) updateStatus(
	ctx context.Context, id string, news *workflowexecutionv1.WorkflowExecutionStatus,
) (*workflowexecutionv1.WorkflowExecution, error) {
	return c.executions.UpdateStatus(ctx, &workflowexecutionv1.WorkflowExecutionUpdateStatusInput{
		ExecutionId: id, Status: news,
	})
}

// IsPermanent tells whether trying again would give the same answer.
func IsPermanent(err error) bool {
	switch status.Code(err) {
	case codes.InvalidArgument, codes.NotFound, codes.FailedPrecondition, codes.PermissionDenied, codes.Unauthenticated,
		codes.Unimplemented:
		return true
	default:
		return false
	}
}

// Plan is what an execution runs, and with which values.
type Plan struct {
	Workflow  *workflowv1.Workflow
	Variables environment.Variables
}

// Plan reads all that an execution refers to: its instance, the workflow of that, and the environments.
func (c *Client) Plan(ctx context.Context, execution *workflowexecutionv1.WorkflowExecution) (*Plan, error) {
	workflow, instance, err := c.target(ctx, execution.GetSpec())
	if err != nil {
		return nil, err
	}
	references := instance.GetSpec().GetEnvRefs()
	environments := make([]*environmentv1.EnvironmentSpec, len(references))
	group, groupContext := errgroup.WithContext(ctx)
	for i, reference := range references {
		group.Go(func() error {
			found, err := persist(groupContext, c.logger, func(ctx context.Context) (*environmentv1.Environment, error) {
				return c.environments.GetByReference(ctx, reference)
			})
			environments[i] = found.GetSpec()
			return wrap(err, "read environment %q of instance %s", reference.GetSlug(), instance.GetMetadata().GetId())
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return &Plan{
		Workflow:  workflow,
		Variables: environment.Merge(workflow.GetSpec().GetEnvSpec(), environments, execution.GetSpec().GetRuntimeEnv()),
	}, nil
}

// Secrets reads the secrets of an execution, by name.
func (c *Client) Secrets(ctx context.Context, id string) (map[string]string, error) {
	execution, err := c.Execution(ctx, id)
	if err != nil {
		return nil, err
	}
	plan, err := c.Plan(ctx, execution)
	if err != nil {
		return nil, err
	}
	return plan.Variables.Secrets(), nil
}

// target finds the workflow and the instance of an execution, side by side where both are named.
func (c *Client) target(
	ctx context.Context, spec *workflowexecutionv1.WorkflowExecutionSpec,
) (*workflowv1.Workflow, *workflowinstancev1.WorkflowInstance, error) {
	var workflow *workflowv1.Workflow
	var instance *workflowinstancev1.WorkflowInstance
	group, groupContext := errgroup.WithContext(ctx)
	if id := spec.GetWorkflowId(); id != "" {
		group.Go(func() (err error) {
			workflow, err = c.workflow(groupContext, id)
			return err
		})
	}
	if id := spec.GetWorkflowInstanceId(); id != "" {
		group.Go(func() (err error) {
			instance, err = c.instance(groupContext, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	var err error
	switch id := workflow.GetStatus().GetDefaultInstanceId(); {
	case workflow == nil && instance == nil:
		return nil, nil, fmt.Errorf("the execution names neither a workflow nor an instance")
	case instance == nil && id == "":
		return nil, nil, fmt.Errorf("workflow %s has no default instance; apply it again", workflow.GetMetadata().GetId())
	case instance == nil:
		instance, err = c.instance(ctx, id)
	case workflow.GetMetadata().GetId() != instance.GetSpec().GetWorkflowId():
		// The instance decides.
		workflow, err = c.workflow(ctx, instance.GetSpec().GetWorkflowId())
	}
	return workflow, instance, err
}

func (c *Client) workflow(ctx context.Context, id string) (*workflowv1.Workflow, error) {
	workflow, err := persist(ctx, c.logger, func(ctx context.Context) (*workflowv1.Workflow, error) {
		return c.workflows.Get(ctx, &workflowv1.WorkflowId{Value: id})
	})
	return workflow, wrap(err, "read workflow %s", id)
}

func (c *Client) instance(ctx context.Context, id string) (*workflowinstancev1.WorkflowInstance, error) {
	instance, err := persist(ctx, c.logger, func(ctx context.Context) (*workflowinstancev1.WorkflowInstance, error) {
		return c.instances.Get(ctx, &workflowinstancev1.WorkflowInstanceId{Value: id})
	})
	return instance, wrap(err, "read workflow instance %s", id)
}

// callError is a call that did not work, in words for people.
type callError struct {
	what string
	err  error
}

func (e *callError) Error() string {
	answer, ok := status.FromError(e.err)
	if !ok || answer.Code() == codes.Unknown {
		return e.what + ": " + e.err.Error()
	}
	return fmt.Sprintf("%s: %s (%s)", e.what, answer.Message(), answer.Code())
}

func (e *callError) Unwrap() error { return e.err }

func wrap(err error, format string, arguments ...any) error {
	if err == nil {
		return nil
	}
	return &callError{what: fmt.Sprintf(format, arguments...), err: err}
}
