package endtoend_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/testkit"
)

// task writes a task in JSON.
func task(name, kind, config string, more ...string) string {
	return `{"name":"` + name + `","kind":"WORKFLOW_TASK_KIND_` + kind + `","task_config":` + config + strings.Join(more, "") + `}`
}

func set(name, variables string, more ...string) string {
	return task(name, "SET", `{"variables":`+variables+`}`, more...)
}

func list(tasks ...string) string { return "[" + strings.Join(tasks, ",") + "]" }

const exported = `,"export":{"as":"${.}"}`

// order are the ids of the tasks in a status, each with its state.
func order(status *workflowexecutionv1.WorkflowExecutionStatus) []string {
	var all []string
	for _, one := range status.GetTasks() {
		all = append(all, one.GetTaskId()+" "+strings.TrimPrefix(one.GetStatus().String(), "WORKFLOW_TASK_"))
	}
	return all
}

func TestAWorkflowRunsAndIsReportedWhole(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	final := stack.Run(list(set("first", `{"name":"Ada"}`), set("second", `{"greeting":"Hello ${ .name }"}`)))
	if final.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED {
		t.Fatalf("%s: %s", final.GetPhase(), final.GetError())
	}
	if diff := cmp.Diff(map[string]any{"greeting": "Hello Ada"}, final.GetOutput().AsMap()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"first COMPLETED", "second COMPLETED"}, order(final)); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if final.GetStartedAt() == "" || final.GetCompletedAt() <= final.GetStartedAt() {
		t.Errorf("started %q, completed %q", final.GetStartedAt(), final.GetCompletedAt())
	}
	if !strings.HasPrefix(final.GetTemporalWorkflowId(), "workflow-exec-wex-") {
		t.Errorf("temporal_workflow_id is %q", final.GetTemporalWorkflowId())
	}
}

func TestAnInvalidWorkflowIsRefused(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	_, err := stack.Apply("w", testkit.Spec(t, list(
		set("a", `{"x":"${ .y + }"}`), task("b", "SWITCH", `{"cases":[{"name":"c","then":"nowhere"}]}`))))
	if code := status.Code(err); code != codes.InvalidArgument {
		t.Errorf("code %s: %v", code, err)
	}
	if err == nil || !strings.Contains(err.Error(), "tasks[0].set.variables.x: this is no expression: it ends too early") {
		t.Errorf("%v does not name the first problem", err)
	}
}

func TestAFailedRunSaysWhichTaskAndWhy(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	got := stack.Failed(list(task("outer", "FOR", `{"each":"i","in":"[1]","do":[`+set("inner", `{"x":"${ $i + \"a\" }"}`)+`]}`)))
	want := "task \"outer\" failed: round 0: task \"inner\" failed: x: expression `$i + \"a\"`: cannot add: number (1) and string (\"a\")"
	if got != want {
		t.Errorf("error is\n%s, want\n%s", got, want)
	}
}
