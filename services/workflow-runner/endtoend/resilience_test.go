package endtoend_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/app"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/testkit"
)

const hear = `{"to":{"mode":"one","signals":[{"id":"go","type":"signal"}]}}`

// listening waits until the last of a number of tasks is there.
func listening(stack *testkit.Stack, id string, tasks int) {
	stack.T.Helper()
	stack.Await(id, "the LISTEN", func(status *workflowexecutionv1.WorkflowExecutionStatus) bool {
		return len(status.GetTasks()) == tasks
	})
}

func TestARestartOfTheServerLosesNothing(t *testing.T) {
	t.Parallel()
	answer := make(chan struct{})
	began := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-answer
		echo(w, r)
	}))
	defer web.Close()
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(set("a", `{"x":"1"}`),
		task("get", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+web.URL+`"}}`), task("hear", "LISTEN", hear), set("b", `{"x":"2"}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	receive(t, began, "the call")

	// Everything from here to the end of the run happens while the server is away.
	stack.Server.Kill()
	close(answer)
	stack.Signal(id, "go", "now")
	stack.AwaitFailedReport(id)
	stack.Server.Start()

	final := stack.Ended(id)
	if diff := cmp.Diff([]string{"a COMPLETED", "get COMPLETED", "hear COMPLETED", "b COMPLETED"}, order(final)); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"x": "2"}, final.GetOutput().AsMap()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestAnExecutionWaitsForAServerThatIsAway(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(set("a", `{"x":"1"}`)))
	stack.StopRunner()
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	stack.AwaitScheduled(id)
	stack.Server.Kill()
	stack.StartRunner()
	stack.AwaitLog("the server does not answer; trying again")
	stack.Server.Start()
	if phase := stack.Ended(id).GetPhase(); phase != workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED {
		t.Errorf("phase %s", phase)
	}
}

func TestTheKeyIsSentWithEveryCall(t *testing.T) {
	t.Parallel()
	var proxy *testkit.Proxy
	stack := testkit.NewStack(t, func(s *app.Settings) {
		proxy = testkit.NewProxy(t, s.BackendEndpoint)
		s.BackendEndpoint = proxy.Address
	})
	stack.Completed(list(set("a", `{"x":"1"}`)))
	if got := proxy.Authorization(); got != "Bearer key" {
		t.Errorf("authorization is %q", got)
	}
}

// drive runs the runner's activity the way a server does that allows several attempts.
func drive(ctx workflow.Context, execution *workflowexecutionv1.WorkflowExecution) (*workflowexecutionv1.WorkflowExecutionStatus, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: drivenQueue, StartToCloseTimeout: time.Minute, HeartbeatTimeout: 2 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: 10 * time.Millisecond, MaximumAttempts: 5},
	})
	var status *workflowexecutionv1.WorkflowExecutionStatus
	err := workflow.ExecuteActivity(ctx, contract.ExecuteWorkflowActivity, execution).Get(ctx, &status)
	return status, err
}

// drivenQueue is where drive finds its runner; the server's own workflow finds none.
const drivenQueue = "driven"

func driven(s *app.Settings) { s.ExecutionQueue = drivenQueue }

// drivenProcess starts a runner for drive as a program of its own.
func drivenProcess(stack *testkit.Stack) *testkit.Process {
	return testkit.StartProcess(stack.T, nil,
		stack.ProcessEnvironment("TEMPORAL_WORKFLOW_EXECUTION_RUNNER_TASK_QUEUE="+drivenQueue)...)
}

// driver starts drive for an execution.
func driver(t *testing.T, stack *testkit.Stack, id string) client.WorkflowRun {
	t.Helper()
	made := worker.New(stack.Temporal, "driver", worker.Options{BuildID: "driver"})
	made.RegisterWorkflow(drive)
	if err := made.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.Stop)
	run, err := stack.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: "driver"}, drive,
		&workflowexecutionv1.WorkflowExecution{Metadata: &apiresource.ApiResourceMetadata{Id: id}})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestAnotherRunnerGoesOnWhereOneWasLost(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t, driven)
	workflow := stack.MustApply("w", list(set("a", `{"x":"1"}`), task("hear", "LISTEN", hear), set("b", `{"x":"${ .hear }"}`)))
	stack.StopRunner()
	lost := drivenProcess(stack)
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	run := driver(t, stack, id)
	listening(stack, id, 2)
	lost.Signal(syscall.SIGKILL)
	lost.Exit()

	stack.StartRunner()
	stack.AwaitAttempt(run.GetID(), 2)
	stack.Signal(id, "go", "on")
	var status workflowexecutionv1.WorkflowExecutionStatus
	if err := run.Get(t.Context(), &status); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"x": "on"}, status.GetOutput().AsMap()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	final := stack.Ended(id)
	if diff := cmp.Diff([]string{"a COMPLETED", "hear COMPLETED", "b COMPLETED"}, order(final)); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if final.GetStartedAt() >= final.GetCompletedAt() || final.GetStartedAt() == "" {
		t.Errorf("started %q, completed %q", final.GetStartedAt(), final.GetCompletedAt())
	}
}

func TestARunnerThatStopsHandsItsExecutionsOn(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t, driven)
	workflow := stack.MustApply("w", list(task("hear", "LISTEN", hear)))
	stack.StopRunner()
	first := drivenProcess(stack)
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	run := driver(t, stack, id)
	listening(stack, id, 1)
	first.Signal(syscall.SIGTERM)
	if code := first.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	stack.StartRunner()
	stack.AwaitAttempt(run.GetID(), 2)
	stack.Signal(id, "go", "on")
	var status workflowexecutionv1.WorkflowExecutionStatus
	if err := run.Get(t.Context(), &status); err != nil {
		t.Fatal(err)
	}
	if status.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED {
		t.Errorf("phase %s", status.GetPhase())
	}
}

func TestACancelledActivityCancelsTheRunAndItsTasks(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(set("a", `{"x":"1"}`), task("hear", "LISTEN", hear)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	listening(stack, id, 2)
	// The server's own workflow is the one that runs the activity.
	if err := stack.Temporal.CancelWorkflow(t.Context(), contract.WorkflowExecutionWorkflow+"/"+id, ""); err != nil {
		t.Fatal(err)
	}
	final := stack.Ended(id)
	if final.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED || final.GetCompletedAt() == "" {
		t.Errorf("%v", final)
	}
	stack.AwaitClosed(contract.ServerlessWorkflowIDPrefix+id, enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED)
}

func TestARunThatTakesTooLongFailsWithACause(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t, func(s *app.Settings) { s.Timeouts.WorkflowRun = time.Second })
	workflow := stack.MustApply("w", list(set("a", `{"x":"1"}`), task("hear", "LISTEN", hear)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	final := stack.Ended(id)
	stack.AwaitClosed(contract.ServerlessWorkflowIDPrefix+id, enumspb.WORKFLOW_EXECUTION_STATUS_FAILED)
	stack.Record("overdue", id)
	if got := final.GetError(); got != "the execution took longer than 1s (STIGMER_TIMEOUT_WORKFLOW_RUN)" {
		t.Errorf("error is %q", got)
	}
	if diff := cmp.Diff([]string{"a COMPLETED", "hear FAILED"}, order(final)); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
}

func TestATerminatedRunFailsWithACause(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(task("hear", "LISTEN", hear)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	listening(stack, id, 1)
	if err := stack.Temporal.TerminateWorkflow(t.Context(), contract.ServerlessWorkflowIDPrefix+id, "", "no more"); err != nil {
		t.Fatal(err)
	}
	if got := stack.Ended(id).GetError(); got != "the run was terminated in Temporal" {
		t.Errorf("error is %q", got)
	}
}

func TestAnExecutionWhoseWorkflowIsGoneFailsWithACause(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(set("a", `{"x":"1"}`)))
	stack.StopRunner()
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	stack.Delete(workflow.GetMetadata().GetId())
	stack.StartRunner()
	if got := stack.Ended(id).GetError(); !strings.HasPrefix(got, "read workflow") {
		t.Errorf("error is %q", got)
	}
}
