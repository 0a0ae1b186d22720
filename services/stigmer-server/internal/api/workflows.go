package api

import (
	"context"
	"strings"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/serverless"
	workflowinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowinstance/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// workflowCollection answers the methods that workflows have in common with all kinds.
type workflowCollection = collection[*workflowv1.Workflow, *workflowv1.WorkflowId]

// workflows answers the methods of workflows.
type workflows struct {
	unimplementedWorkflows
	workflowCollection
	engine Engine
}

type unimplementedWorkflows struct {
	workflowv1.UnimplementedWorkflowCommandControllerServer
	workflowv1.UnimplementedWorkflowQueryControllerServer
}

func newWorkflows(b base, engine Engine) *workflows {
	return &workflows{engine: engine, workflowCollection: workflowCollection{
		base: b, table: resource.Workflows,
		removed: func(writer store.Writer, gone *workflowv1.Workflow) error {
			return removeInstance(writer, resource.WorkflowInstances, gone.GetStatus().GetDefaultInstanceId())
		},
	}}
}

// Create has the runner validate a workflow and makes it.
func (w *workflows) Create(ctx context.Context, wanted *workflowv1.Workflow) (*workflowv1.Workflow, error) {
	validated, err := w.validate(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return validated.Create(ctx, wanted)
}

// Update has the runner validate a workflow and replaces its spec.
func (w *workflows) Update(ctx context.Context, wanted *workflowv1.Workflow) (*workflowv1.Workflow, error) {
	validated, err := w.validate(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return validated.Update(ctx, wanted)
}

// Apply has the runner validate a workflow and makes or changes it.
func (w *workflows) Apply(ctx context.Context, wanted *workflowv1.Workflow) (*workflowv1.Workflow, error) {
	validated, err := w.validate(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return validated.Apply(ctx, wanted)
}

// validate answers a collection that stores the runner's opinion with the workflow. The runner is asked before the
// transaction, which would else last as long as the runner needs.
func (w *workflows) validate(ctx context.Context, wanted *workflowv1.Workflow) (workflowCollection, error) {
	validated := w.workflowCollection
	result, err := w.engine.Validate(ctx, wanted.GetSpec())
	if err != nil {
		return validated, err
	}
	if result.GetState() != serverless.ValidationState_VALID {
		return validated, resource.Invalid("workflow validation failed: %s", problems(result.GetErrors()))
	}
	validated.made = func(writer store.Writer, workflow *workflowv1.Workflow) error {
		workflow.Status.ServerlessWorkflowValidation = result
		if err := w.table.Save(writer, workflow); err != nil {
			return err
		}
		return w.ensureWorkflowInstance(writer, workflow)
	}
	return validated, nil
}

// problems are all of them, one a line, so that a user mends them together.
func problems(found []string) string {
	if len(found) == 0 {
		return "the workflow-runner gave no reason"
	}
	return strings.Join(found, "\n")
}

// workflowInstances answers the methods of workflow instances.
type workflowInstances struct {
	unimplementedWorkflowInstances
	collection[*workflowinstancev1.WorkflowInstance, *workflowinstancev1.WorkflowInstanceId]
}

type unimplementedWorkflowInstances struct {
	workflowinstancev1.UnimplementedWorkflowInstanceCommandControllerServer
	workflowinstancev1.UnimplementedWorkflowInstanceQueryControllerServer
}

func newWorkflowInstances(b base) *workflowInstances {
	answering := &workflowInstances{}
	answering.collection = collection[*workflowinstancev1.WorkflowInstance, *workflowinstancev1.WorkflowInstanceId]{
		base: b, table: resource.WorkflowInstances, check: checkWorkflowOfInstance,
	}
	return answering
}

// checkWorkflowOfInstance sees to it that an organization's workflow is used in that organization only.
func checkWorkflowOfInstance(reader store.Reader, instance *workflowinstancev1.WorkflowInstance) error {
	workflow, err := resource.Workflows.Get(reader, instance.GetSpec().GetWorkflowId())
	if err != nil {
		return err
	}
	of, own := workflow.GetMetadata(), instance.GetMetadata()
	organization := apiresource.ApiResourceOwnerScope_organization
	if of.GetOwnerScope() == organization && own.GetOwnerScope() == organization && of.GetOrg() != own.GetOrg() {
		return resource.Invalid("workflow %s belongs to organization '%s' and the instance to '%s': create the instance in "+
			"the workflow's organization", of.GetId(), of.GetOrg(), own.GetOrg())
	}
	return nil
}

// GetByWorkflow lists the instances of a workflow, newest first.
func (w *workflowInstances) GetByWorkflow(
	ctx context.Context, request *workflowinstancev1.GetWorkflowInstancesByWorkflowRequest,
) (*workflowinstancev1.WorkflowInstanceList, error) {
	var page resource.Page[*workflowinstancev1.WorkflowInstance]
	err := w.store.View(ctx, func(reader store.Reader) (err error) {
		page, err = w.table.ListNumbered(reader, func(instance *workflowinstancev1.WorkflowInstance) bool {
			return instance.GetSpec().GetWorkflowId() == request.GetWorkflowId()
		}, request.GetPageInfo())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &workflowinstancev1.WorkflowInstanceList{TotalPages: page.Pages, Entries: page.Entries}, nil
}
