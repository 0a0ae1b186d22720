package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/serverless"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	workflowinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowinstance/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
)

type (
	workflowRun       = workflowexecutionv1.WorkflowExecution
	workflowRunStatus = workflowexecutionv1.WorkflowExecutionStatus
)

const (
	workflowInProgress = workflowexecutionv1.ExecutionPhase_EXECUTION_IN_PROGRESS
	workflowCompleted  = workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED
	workflowFailed     = workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED
	workflowCancelled  = workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED
)

func tasks(names ...string) []*workflowexecutionv1.WorkflowTask {
	var all []*workflowexecutionv1.WorkflowTask
	for _, name := range names {
		all = append(all, &workflowexecutionv1.WorkflowTask{TaskId: name, TaskName: name})
	}
	return all
}

func (s *stack) reportWorkflow(ctx context.Context, run *workflowRun, news *workflowRunStatus) error {
	_, err := s.workflowRuns.UpdateStatus(ctx, &workflowexecutionv1.WorkflowExecutionUpdateStatusInput{
		ExecutionId: run.GetMetadata().GetId(), Status: news,
	})
	return err
}

// startTasks starts a workflow such as the runner interprets a definition with; it waits until it is cancelled.
func (s *stack) startTasks(run *workflowRun) {
	s.t.Helper()
	connected := s.temporal.Client(s.t, s.settings.Temporal.Namespace)
	polling := worker.New(connected, contract.ServerlessExecutionQueue, worker.Options{})
	polling.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		return workflow.Sleep(ctx, time.Hour)
	}, workflow.RegisterOptions{Name: contract.ServerlessWorkflow})
	if err := polling.Start(); err != nil {
		s.t.Error(err)
	}
	s.t.Cleanup(polling.Stop)
	_, err := connected.ExecuteWorkflow(s.t.Context(), client.StartWorkflowOptions{
		ID: contract.ServerlessWorkflowIDPrefix + run.GetMetadata().GetId(), TaskQueue: contract.ServerlessExecutionQueue,
	}, contract.ServerlessWorkflow)
	if err != nil {
		s.t.Error(err)
	}
}

// runWorkflow makes an execution of a new workflow; a runner must validate it.
func (s *stack) runWorkflow() *workflowRun {
	s.t.Helper()
	made := must[*workflowv1.Workflow](s.t)(s.workflows.Apply(s.t.Context(), aWorkflow("greeting")))
	wanted := aWorkflowExecution(made.GetMetadata().GetId())
	return must[*workflowRun](s.t)(s.workflowRuns.Create(s.t.Context(), wanted))
}

func (s *stack) followWorkflow(run *workflowRun) grpc.ServerStreamingClient[workflowRun] {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	s.t.Cleanup(cancel)
	return must[grpc.ServerStreamingClient[workflowRun]](s.t)(s.workflowRunQuery.Subscribe(ctx,
		&workflowexecutionv1.SubscribeWorkflowExecutionRequest{ExecutionId: run.GetMetadata().GetId()}))
}

func (s *stack) workflowEnd(run *workflowRun) *workflowRunStatus {
	s.t.Helper()
	states := drain(s.t, s.followWorkflow(run))
	return states[len(states)-1].GetStatus()
}

func TestAWorkflowRunsToItsEnd(t *testing.T) {
	s := newStack(t)
	s.startRunner(runner{validation: findsValid, workflow: func(ctx context.Context, run *workflowRun) (*workflowRunStatus, error) {
		err := errors.Join(
			s.reportWorkflow(ctx, run, &workflowRunStatus{Phase: workflowInProgress, Tasks: tasks("one")}),
			s.reportWorkflow(ctx, run, &workflowRunStatus{Tasks: tasks("one", "two")}),
		)
		return &workflowRunStatus{Phase: workflowCompleted}, err
	}})
	run := s.runWorkflow()
	if run.GetStatus().GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_PENDING ||
		run.GetSpec().GetWorkflowInstanceId() == "" {
		t.Errorf("created as %s", run)
	}
	last := s.workflowEnd(run)
	if last.GetPhase() != workflowCompleted || len(last.GetTasks()) != 2 || last.GetStartedAt() == "" ||
		last.GetCompletedAt() == "" {
		t.Errorf("ended as %s", last)
	}
}

func TestAWorkflowThatItsRunnerCannotEndIsFailed(t *testing.T) {
	for name, test := range map[string]struct {
		workflow func(context.Context, *workflowRun) (*workflowRunStatus, error)
		words    string
	}{
		"nobody polls": {nil, "no workflow-runner took the execution within 300ms: start one that polls"},
		"the runner falls silent": {func(ctx context.Context, _ *workflowRun) (*workflowRunStatus, error) {
			<-activity.GetWorkerStopChannel(ctx)
			return nil, errors.New("worker stopped")
		}, "the workflow-runner was lost: no sign of life for 500ms"},
		"the runner gives up": {func(context.Context, *workflowRun) (*workflowRunStatus, error) {
			return nil, errors.New("no such definition")
		}, "the workflow-runner failed: no such definition"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStack(t, func(settings *config.Settings) {
				if test.workflow == nil {
					settings.Timeouts.WorkflowScheduleToStart = 300 * time.Millisecond
				}
				settings.Timeouts.WorkflowHeartbeat = 500 * time.Millisecond
			})
			s.startRunner(runner{validation: findsValid, workflow: test.workflow})
			last := s.workflowEnd(s.runWorkflow())
			if last.GetPhase() != workflowFailed || !strings.Contains(last.GetError(), test.words) || last.GetCompletedAt() == "" {
				t.Errorf("ended as %s", last)
			}
		})
	}
}

func TestTheTasksOfALostRunnerAreStopped(t *testing.T) {
	s := newStack(t, func(settings *config.Settings) { settings.Timeouts.WorkflowHeartbeat = 500 * time.Millisecond })
	s.startRunner(runner{validation: findsValid, workflow: func(ctx context.Context, run *workflowRun) (*workflowRunStatus, error) {
		s.startTasks(run)
		<-activity.GetWorkerStopChannel(ctx)
		return nil, errors.New("worker stopped")
	}})
	run := s.runWorkflow()
	if last := s.workflowEnd(run); last.GetPhase() != workflowFailed {
		t.Errorf("ended as %s", last)
	}
	s.waitForWorkflow("workflow-exec-" + run.GetMetadata().GetId())
}

func TestExecutionsAreListedByWorkflow(t *testing.T) {
	s := newStack(t)
	s.startRunner(runner{validation: findsValid, workflow: func(context.Context, *workflowRun) (*workflowRunStatus, error) {
		return &workflowRunStatus{Phase: workflowCompleted}, nil
	}})
	made := must[*workflowv1.Workflow](t)(s.workflows.Apply(t.Context(), aWorkflow("greeting")))
	other := must[*workflowv1.Workflow](t)(s.workflows.Apply(t.Context(), aWorkflow("other")))
	id := made.GetMetadata().GetId()
	instance := must[*workflowinstancev1.WorkflowInstance](t)(s.workflowInstances.Create(t.Context(),
		&workflowinstancev1.WorkflowInstance{
			ApiVersion: "agentic.stigmer.ai/v1", Kind: "WorkflowInstance", Metadata: metadata("second"),
			Spec: &workflowinstancev1.WorkflowInstanceSpec{WorkflowId: id},
		}))
	instances := must[*workflowinstancev1.WorkflowInstanceList](t)(s.workflowInstanceQ.GetByWorkflow(t.Context(),
		&workflowinstancev1.GetWorkflowInstancesByWorkflowRequest{WorkflowId: id}))
	if len(instances.GetEntries()) != 2 {
		t.Errorf("instances are %v", instances)
	}
	for name, spec := range map[string]*workflowexecutionv1.WorkflowExecutionSpec{
		"by workflow": {WorkflowId: id}, "by instance": {WorkflowInstanceId: instance.GetMetadata().GetId()},
		"of another": {WorkflowId: other.GetMetadata().GetId()},
	} {
		wanted := aWorkflowExecution("")
		wanted.Metadata.Name, wanted.Spec = name, spec
		s.workflowEnd(must[*workflowRun](t)(s.workflowRuns.Create(t.Context(), wanted)))
	}
	list := must[*workflowexecutionv1.WorkflowExecutionList](t)(s.workflowRunQuery.ListByWorkflow(t.Context(),
		&workflowexecutionv1.ListWorkflowExecutionsByWorkflowRequest{WorkflowId: id}))
	all := must[*workflowexecutionv1.WorkflowExecutionList](t)(s.workflowRunQuery.List(t.Context(),
		&workflowexecutionv1.ListWorkflowExecutionsRequest{Phase: workflowCompleted}))
	if len(list.GetEntries()) != 2 || len(all.GetEntries()) != 3 {
		t.Errorf("of the workflow %d, in all %d", len(list.GetEntries()), len(all.GetEntries()))
	}
	again := aWorkflowExecution(id)
	again.Metadata.Name = "by workflow"
	_, err := s.workflowRuns.Create(t.Context(), again)
	refused(t, err, codes.AlreadyExists, "WorkflowExecution with slug 'by-workflow' already exists")
}

func TestAnInstanceStaysInTheOrganizationOfItsWorkflow(t *testing.T) {
	s := newStack(t)
	s.startRunner(runner{validation: findsValid})
	made := must[*workflowv1.Workflow](t)(s.workflows.Apply(t.Context(), aWorkflow("greeting")))
	instance := &workflowinstancev1.WorkflowInstance{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "WorkflowInstance", Metadata: metadata("elsewhere"),
		Spec: &workflowinstancev1.WorkflowInstanceSpec{WorkflowId: made.GetMetadata().GetId()},
	}
	instance.Metadata.Org = "acme"
	_, err := s.workflowInstances.Create(t.Context(), instance)
	refused(t, err, codes.InvalidArgument, "belongs to organization 'local' and the instance to 'acme'")
	instance.Metadata.OwnerScope = apiresource.ApiResourceOwnerScope_identity_account
	must[*workflowinstancev1.WorkflowInstance](t)(s.workflowInstances.Create(t.Context(), instance))
}

func TestAWorkflowIsMadeWhenItsRunnerFindsItValid(t *testing.T) {
	for name, test := range map[string]struct {
		validation func(*workflowv1.WorkflowSpec) (*serverless.ServerlessWorkflowValidation, error)
		code       codes.Code
		words      string
	}{
		"valid": {findsValid, codes.OK, ""},
		"invalid": {func(*workflowv1.WorkflowSpec) (*serverless.ServerlessWorkflowValidation, error) {
			return &serverless.ServerlessWorkflowValidation{
				State: serverless.ValidationState_INVALID, Errors: []string{"task one has no end", "and more"},
			}, nil
		}, codes.InvalidArgument, "workflow validation failed: task one has no end\nand more"},
		"invalid without a reason": {func(*workflowv1.WorkflowSpec) (*serverless.ServerlessWorkflowValidation, error) {
			return &serverless.ServerlessWorkflowValidation{State: serverless.ValidationState_INVALID}, nil
		}, codes.InvalidArgument, "workflow validation failed: the workflow-runner gave no reason"},
		"a runner that cannot": {func(*workflowv1.WorkflowSpec) (*serverless.ServerlessWorkflowValidation, error) {
			return &serverless.ServerlessWorkflowValidation{
				State: serverless.ValidationState_FAILED, Errors: []string{"out of order"},
			}, nil
		}, codes.Unavailable, "workflow validation system error: the workflow-runner answered FAILED: out of order"},
		"a runner that fails": {func(*workflowv1.WorkflowSpec) (*serverless.ServerlessWorkflowValidation, error) {
			return nil, errors.New("crashed")
		}, codes.Unavailable, "workflow validation system error: crashed"},
		"nobody": {nil, codes.Unavailable, `no answer within 3s: start a workflow-runner that polls the task queue "workflow_validation_runner"`},
	} {
		t.Run(name, func(t *testing.T) {
			// Three attempts of a runner that fails take 1 s and 2 s of pauses.
			limit := 10 * time.Second
			if test.validation == nil {
				limit = 3 * time.Second
			}
			s := newStack(t, func(settings *config.Settings) { settings.Timeouts.Validation = limit })
			s.startRunner(runner{validation: test.validation})
			made, err := s.workflows.Apply(t.Context(), aWorkflow("greeting"))
			if test.code != codes.OK {
				refused(t, err, test.code, test.words)
				_, err = s.workflowQuery.GetByReference(t.Context(), referenceTo("greeting"))
				refused(t, err, codes.NotFound, "Workflow not found: greeting")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			validation := made.GetStatus().GetServerlessWorkflowValidation()
			if validation.GetState() != serverless.ValidationState_VALID || validation.GetYaml() == "" ||
				validation.GetValidatedAt() == nil || validation.GetValidationWorkflowId() == "" ||
				made.GetStatus().GetDefaultInstanceId() == "" {
				t.Errorf("status is %s", made.GetStatus())
			}
			found := must[*workflowv1.Workflow](t)(s.workflowQuery.GetByReference(t.Context(), referenceTo("greeting")))
			if found.GetStatus().GetServerlessWorkflowValidation().GetYaml() == "" {
				t.Errorf("stored is %s", found)
			}
		})
	}
}

func TestADeletedWorkflowTakesItsDefaultInstanceAlong(t *testing.T) {
	s := newStack(t)
	s.startRunner(runner{validation: findsValid})
	made := must[*workflowv1.Workflow](t)(s.workflows.Apply(t.Context(), aWorkflow("greeting")))
	must[*workflowv1.Workflow](t)(s.workflows.Delete(t.Context(), &workflowv1.WorkflowId{Value: made.GetMetadata().GetId()}))
	_, err := s.workflowInstanceQ.GetByReference(t.Context(), referenceTo("greeting-default"))
	refused(t, err, codes.NotFound)
	must[*workflowv1.Workflow](t)(s.workflows.Apply(t.Context(), aWorkflow("greeting")))
	changed := aWorkflow("greeting")
	changed.Spec.Description = "changed"
	again := must[*workflowv1.Workflow](t)(s.workflows.Apply(t.Context(), changed))
	if again.GetSpec().GetDescription() != "changed" {
		t.Errorf("changed is %s", again)
	}
}
