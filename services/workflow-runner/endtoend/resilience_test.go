package endtoend_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	enumspb "go.temporal.io/api/enums/v1"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

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

// process starts a runner as a program of its own in place of the stack's.
func process(stack *testkit.Stack) *testkit.Process {
	stack.T.Helper()
	stack.StopRunner()
	return testkit.StartProcess(stack.T, nil, stack.ProcessEnvironment()...)
}

// counter is a service that counts its calls.
func counter(t *testing.T) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	calls := &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		echo(w, r)
	}))
	t.Cleanup(server.Close)
	return server, calls
}

func TestAnotherRunnerGoesOnWhereOneWasLost(t *testing.T) {
	t.Parallel()
	web, calls := counter(t)
	stack := testkit.NewStack(t)
	// The server finds a lost runner by its silence; nobody should wait for the usual 30 s.
	stack.Server.Restart("STIGMER_TIMEOUT_WORKFLOW_HEARTBEAT=2s")
	workflow := stack.MustApply("w", list(task("get", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+web.URL+`"}}`),
		task("hear", "LISTEN", hear), set("b", `{"x":"${ .hear }"}`)))
	lost := process(stack)
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	listening(stack, id, 2)
	lost.Signal(syscall.SIGKILL)
	lost.Exit()

	process(stack)
	stack.AwaitAttempt(contract.WorkflowExecutionWorkflow+"/"+id, 2)
	stack.Signal(id, "go", "on")
	final := stack.Ended(id)
	if diff := cmp.Diff(map[string]any{"x": "on"}, final.GetOutput().AsMap()); diff != "" {
		t.Errorf("%s: %s (-want +got):\n%s", final.GetPhase(), final.GetError(), diff)
	}
	if diff := cmp.Diff([]string{"get COMPLETED", "hear COMPLETED", "b COMPLETED"}, order(final)); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if final.GetStartedAt() >= final.GetCompletedAt() || final.GetStartedAt() == "" {
		t.Errorf("started %q, completed %q", final.GetStartedAt(), final.GetCompletedAt())
	}
	if calls.Load() != 1 {
		t.Errorf("the service was called %d times", calls.Load())
	}
}

func TestARunnerThatStopsHandsItsExecutionsOn(t *testing.T) {
	t.Parallel()
	web, calls := counter(t)
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(task("get", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+web.URL+`"}}`),
		task("hear", "LISTEN", hear)))
	first := process(stack)
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	listening(stack, id, 2)
	first.Signal(syscall.SIGTERM)
	if code := first.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	process(stack)
	stack.AwaitAttempt(contract.WorkflowExecutionWorkflow+"/"+id, 2)
	stack.Signal(id, "go", "on")
	if final := stack.Ended(id); final.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED || calls.Load() != 1 {
		t.Errorf("%s after %d calls: %s", final.GetPhase(), calls.Load(), final.GetError())
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
