package api

import (
	"context"

	"google.golang.org/grpc"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	workflowinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowinstance/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// workflowExecutions answers the methods of workflow executions.
type workflowExecutions struct {
	workflowexecutionv1.UnimplementedWorkflowExecutionCommandControllerServer
	workflowexecutionv1.UnimplementedWorkflowExecutionQueryControllerServer
	base
	keeper *execution.Workflows
	engine Engine
}

// Create stores an execution and starts it.
func (w *workflowExecutions) Create(
	ctx context.Context, wanted *workflowexecutionv1.WorkflowExecution,
) (*workflowexecutionv1.WorkflowExecution, error) {
	spec := wanted.GetSpec()
	if spec.GetWorkflowInstanceId() == "" && spec.GetWorkflowId() == "" {
		return nil, resource.Invalid("either workflow_id or workflow_instance_id must be provided")
	}
	return launch(ctx, w.base, w.keeper, w.engine, launching[*workflowexecutionv1.WorkflowExecution]{
		wanted: wanted, prepare: w.prepare, start: w.engine.StartWorkflow,
	})
}

// prepare finds the instance to run: the one that the client names, or the default one of the workflow.
func (w *workflowExecutions) prepare(
	writer store.Writer, fresh *workflowexecutionv1.WorkflowExecution,
) (session string, err error) {
	if id := fresh.GetSpec().GetWorkflowInstanceId(); id != "" {
		_, err := resource.WorkflowInstances.Get(writer, id)
		return "", err
	}
	workflow, err := resource.Workflows.Get(writer, fresh.GetSpec().GetWorkflowId())
	if err != nil {
		return "", err
	}
	if err := w.ensureWorkflowInstance(writer, workflow); err != nil {
		return "", err
	}
	fresh.Spec.WorkflowInstanceId = workflow.GetStatus().GetDefaultInstanceId()
	return "", nil
}

// Update replaces the spec of an execution.
func (w *workflowExecutions) Update(
	ctx context.Context, wanted *workflowexecutionv1.WorkflowExecution,
) (*workflowexecutionv1.WorkflowExecution, error) {
	if wanted.GetMetadata().GetId() == "" {
		return nil, resource.Invalid("resource id is required for update: set metadata.id")
	}
	return w.keeper.Replace(ctx, wanted.GetMetadata().GetId(), wanted)
}

// UpdateStatus merges a runner's news, or ends the execution where the news are that it is cancelled.
func (w *workflowExecutions) UpdateStatus(
	ctx context.Context, input *workflowexecutionv1.WorkflowExecutionUpdateStatusInput,
) (*workflowexecutionv1.WorkflowExecution, error) {
	return updateStatus(ctx, w.keeper, w.engine, input.GetExecutionId(), input.GetStatus(),
		execution.Phase(input.GetStatus().GetPhase()))
}

// Delete removes an execution; one that runs is ended.
func (w *workflowExecutions) Delete(
	ctx context.Context, id *apiresource.ApiResourceId,
) (*workflowexecutionv1.WorkflowExecution, error) {
	return removeExecution(ctx, w.keeper, w.engine, id.GetValue())
}

// Get reads an execution by its id.
func (w *workflowExecutions) Get(
	ctx context.Context, id *workflowexecutionv1.WorkflowExecutionId,
) (*workflowexecutionv1.WorkflowExecution, error) {
	return w.keeper.Get(ctx, id.GetValue())
}

// List lists executions, newest first.
func (w *workflowExecutions) List(
	ctx context.Context, request *workflowexecutionv1.ListWorkflowExecutionsRequest,
) (*workflowexecutionv1.WorkflowExecutionList, error) {
	page, err := listPage(ctx, w.store, resource.WorkflowExecutions, func(one *workflowexecutionv1.WorkflowExecution) bool {
		anyPhase := request.GetPhase() == workflowexecutionv1.ExecutionPhase_EXECUTION_PHASE_UNSPECIFIED
		return (anyPhase || one.GetStatus().GetPhase() == request.GetPhase()) && hasTags(one.GetMetadata(), request.GetTags())
	}, request.GetPageSize(), request.GetPageToken())
	if err != nil {
		return nil, err
	}
	return &workflowexecutionv1.WorkflowExecutionList{TotalPages: page.Pages, Entries: page.Entries}, nil
}

// ListByWorkflow lists the executions of all instances of a workflow, newest first.
func (w *workflowExecutions) ListByWorkflow(
	ctx context.Context, request *workflowexecutionv1.ListWorkflowExecutionsByWorkflowRequest,
) (*workflowexecutionv1.WorkflowExecutionList, error) {
	var page resource.Page[*workflowexecutionv1.WorkflowExecution]
	err := w.store.View(ctx, func(reader store.Reader) error {
		instances, err := instancesOfWorkflow(reader, request.GetWorkflowId())
		if err != nil {
			return err
		}
		page, err = resource.WorkflowExecutions.ListAfter(reader, func(one *workflowexecutionv1.WorkflowExecution) bool {
			spec := one.GetSpec()
			return spec.GetWorkflowId() == request.GetWorkflowId() || instances[spec.GetWorkflowInstanceId()]
		}, request.GetPageSize(), request.GetPageToken())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &workflowexecutionv1.WorkflowExecutionList{TotalPages: page.Pages, Entries: page.Entries}, nil
}

// instancesOfWorkflow answers the ids of a workflow's instances.
func instancesOfWorkflow(reader store.Reader, workflowID string) (map[string]bool, error) {
	ids := map[string]bool{}
	instances, err := resource.WorkflowInstances.All(reader, func(instance *workflowinstancev1.WorkflowInstance) bool {
		return instance.GetSpec().GetWorkflowId() == workflowID
	})
	for _, instance := range instances {
		ids[instance.GetMetadata().GetId()] = true
	}
	return ids, err
}

// Subscribe sends the stored state and every later one, and ends after a terminal phase.
func (w *workflowExecutions) Subscribe(
	request *workflowexecutionv1.SubscribeWorkflowExecutionRequest,
	stream grpc.ServerStreamingServer[workflowexecutionv1.WorkflowExecution],
) error {
	return w.keeper.Follow(stream.Context(), request.GetExecutionId(), stream.Send)
}
