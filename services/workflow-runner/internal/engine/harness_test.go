package engine_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/engine"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/environment"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/expression"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// task writes a task in JSON.
func task(name, kind, config string, more ...string) string {
	return `{"name":"` + name + `","kind":"WORKFLOW_TASK_KIND_` + kind + `","task_config":` + config + strings.Join(more, "") + `}`
}

func set(name, variables string, more ...string) string {
	return task(name, "SET", `{"variables":`+variables+`}`, more...)
}

func list(tasks ...string) string { return "[" + strings.Join(tasks, ",") + "]" }

// then is the flow of a task.
func then(target string) string { return `,"flow":{"then":"` + target + `"}` }

const exported = `,"export":{"as":"${.}"}`

// bench runs definitions in the SDK's test environment and keeps every report.
type bench struct {
	*testsuite.TestWorkflowEnvironment
	t       *testing.T
	input   message.Run
	reports []*workflowexecutionv1.WorkflowExecutionStatus
	// refuse fails that many reports first.
	refuse int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	b := &bench{
		TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(),
		t:                       t,
		input: message.Run{
			ExecutionID: "wex-1", Organization: "local", Nonce: "0123456789abcdef", StartedAt: "2026-01-01T00:00:00Z",
			Policy: message.Policy{
				TaskTimeout: time.Minute, TaskWait: time.Minute, RetryAttempts: 3, RetryInterval: time.Second, ActivityQueue: "mine",
			},
		},
	}
	// A busy machine with the race detector is slow; the defaults are 3 s and 1 s.
	b.SetTestTimeout(time.Minute)
	b.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: time.Minute})
	b.RegisterWorkflowWithOptions(engine.New(expression.NewCompiler()).Execute,
		workflow.RegisterOptions{Name: contract.ServerlessWorkflow})
	b.RegisterActivityWithOptions(b.report, activity.RegisterOptions{Name: message.ReportActivity})
	return b
}

// http answers HTTP_CALL tasks.
func (b *bench) http(answer func(request message.HTTPRequest) (any, error)) *bench {
	b.RegisterActivityWithOptions(
		func(_ context.Context, _ message.Caller, request message.HTTPRequest) (message.Result, error) {
			given, err := answer(request)
			return message.Result{Value: value.Value{V: given}, Notes: map[string]any{"http_status": 200}}, err
		}, activity.RegisterOptions{Name: message.HTTPActivity})
	return b
}

func (b *bench) report(_ context.Context, _ message.Caller, news *workflowexecutionv1.WorkflowExecutionStatus) error {
	if b.refuse > 0 {
		b.refuse--
		return context.DeadlineExceeded
	}
	b.reports = append(b.reports, news)
	return nil
}

func (b *bench) variable(name, value string, secret bool) *bench {
	b.input.Variables = append(b.input.Variables, environment.Variable{Name: name, Value: value, Secret: secret})
	return b
}

// run runs tasks in JSON and returns the last report.
func (b *bench) run(tasks string) *workflowexecutionv1.WorkflowExecutionStatus {
	b.t.Helper()
	spec := &workflowv1.WorkflowSpec{}
	text := `{"document":{"dsl":"1.0.0","namespace":"n","name":"w","version":"1.0.0"},"tasks":` + tasks + `}`
	if err := protojson.Unmarshal([]byte(text), spec); err != nil {
		b.t.Fatalf("%s: %v", tasks, err)
	}
	b.ExecuteWorkflow(contract.ServerlessWorkflow, b.input, spec)
	if !b.IsWorkflowCompleted() {
		b.t.Fatal("the workflow did not end")
	}
	if len(b.reports) == 0 {
		b.t.Fatalf("nothing was reported; the workflow says %v", b.GetWorkflowError())
	}
	return b.reports[len(b.reports)-1]
}

// completed runs tasks that must end well and returns the output.
func (b *bench) completed(tasks string) map[string]any {
	b.t.Helper()
	status := b.run(tasks)
	if status.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED {
		b.t.Fatalf("%s: %s", status.GetPhase(), status.GetError())
	}
	return status.GetOutput().AsMap()
}

// failed runs tasks that must fail and returns the error.
func (b *bench) failed(tasks string) string {
	b.t.Helper()
	status := b.run(tasks)
	if status.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED {
		b.t.Fatalf("%s, with output %v", status.GetPhase(), status.GetOutput())
	}
	if b.GetWorkflowError() == nil {
		b.t.Error("the workflow itself did not fail")
	}
	return status.GetError()
}

// order are the ids of the tasks in a status, each with its state.
func order(status *workflowexecutionv1.WorkflowExecutionStatus) []string {
	var all []string
	for _, task := range status.GetTasks() {
		all = append(all, task.GetTaskId()+" "+task.GetStatus().String()[len("WORKFLOW_TASK_"):])
	}
	return all
}

// final is the last report.
func (b *bench) final() *workflowexecutionv1.WorkflowExecutionStatus {
	b.t.Helper()
	return b.reports[len(b.reports)-1]
}
