package endtoend_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/app"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/testkit"
)

func TestARunTaskRunsAnotherWorkflow(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	stack.MustApply("child", list(set("out", `{"sum":"${ $input.a + $input.b }","also":"${ .a }","region":"${.env_vars.REGION}"}`)))
	workflow := stack.MustApply("parent", list(task("sub", "RUN", `{"workflow":"child","input":{"a":"${ 1 + 1 }","b":3}}`, exported),
		set("out", `{"sum":"${ $context.sub.sum }","also":"${ .sub.also }","region":"${ .sub.region }"}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), &workflowexecutionv1.WorkflowExecutionSpec{
		RuntimeEnv: map[string]*executioncontextv1.ExecutionValue{"REGION": {Value: "eu"}},
	})
	final := stack.Ended(id)
	if diff := cmp.Diff(map[string]any{"sum": 5.0, "also": 2.0, "region": "eu"}, final.GetOutput().AsMap()); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, final.GetError())
	}
	child, _ := final.GetTasks()[0].GetMetadata().AsMap()["execution_id"].(string)
	if phase := stack.Status(child).GetPhase(); phase != workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED {
		t.Errorf("the child is in phase %s", phase)
	}
	stack.Record("run", id)
}

func TestAFailedChildFailsTheTaskWithTheWholeChain(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	stack.MustApply("child", list(task("fail", "RAISE", `{"error":"Broken","message":"no luck"}`)))
	got := stack.Failed(list(task("sub", "RUN", `{"workflow":"child"}`)))
	if got != `task "sub" failed: task "fail" failed: Broken: no luck` {
		t.Errorf("error is %q", got)
	}
	if got := stack.Failed(list(task("sub", "RUN", `{"workflow":"nothing"}`))); !strings.Contains(got, `find workflow "nothing" in organization "local"`) {
		t.Errorf("error is %q", got)
	}
}

func TestAWorkflowThatRunsItselfEnds(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	got := stack.Failed(list(task("again", "RUN", `{"workflow":"w"}`)))
	if !strings.HasSuffix(got, "workflows run workflows more than 16 levels deep; does one run itself?") {
		t.Errorf("error is %q", got)
	}
}

func TestACancelledRunCancelsItsChild(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	stack.MustApply("child", list(task("pause", "WAIT", `{"seconds":3600}`)))
	workflow := stack.MustApply("parent", list(task("sub", "RUN", `{"workflow":"child"}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	child := stack.AwaitChild(id)
	stack.Await(child, "the child's WAIT", func(status *workflowexecutionv1.WorkflowExecutionStatus) bool { return len(status.GetTasks()) == 1 })
	stack.Cancel(id)
	for _, one := range []string{id, child} {
		if phase := stack.Ended(one).GetPhase(); phase != workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED {
			t.Errorf("%s is in phase %s", one, phase)
		}
	}
}

// userWorker is a worker of the user's own.
func userWorker(t *testing.T, stack *testkit.Stack, name string, do any) {
	t.Helper()
	made := worker.New(stack.Temporal, stack.Settings.ActivityQueue, worker.Options{DisableWorkflowWorker: true, BuildID: "user"})
	made.RegisterActivityWithOptions(do, activity.RegisterOptions{Name: name})
	if err := made.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.Stop)
}

func TestAnActivityOfTheUsersRunsOnItsOwnQueue(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	userWorker(t, stack, "Greet", func(_ context.Context, input map[string]any) (map[string]any, error) {
		return map[string]any{"greeting": "Hello " + input["name"].(string)}, nil
	})
	workflow := stack.MustApply("w", list(task("greet", "CALL_ACTIVITY", `{"activity":"Greet","input":{"name":"${ \"Ada\" }"}}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	final := stack.Ended(id)
	if diff := cmp.Diff(map[string]any{"greeting": "Hello Ada"}, final.GetOutput().AsMap()); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, final.GetError())
	}
	stack.Record("call_activity", id)
}

func TestAnActivityWithoutAWorkerIsExplained(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t, func(s *app.Settings) { s.Timeouts.WorkflowScheduleToStart = time.Second })
	got := stack.Failed(list(task("call", "CALL_ACTIVITY", `{"activity":"Fail"}`)))
	if got != `task "call" failed: no worker took it within 1s; start one that polls the task queue "workflow_activities"` {
		t.Errorf("error is %q", got)
	}
}

func TestFailuresOfTheUsersActivitiesAreExplained(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	attempts := 0
	userWorker(t, stack, "Fail", func(context.Context) error {
		attempts++
		return errors.New("out of paper")
	})
	got := stack.Failed(list(task("call", "CALL_ACTIVITY", `{"activity":"Fail"}`)))
	if got != `task "call" failed: out of paper (the last of all attempts)` || attempts != 3 {
		t.Errorf("after %d attempts the error is %q", attempts, got)
	}
	got = stack.Failed(list(task("call", "CALL_ACTIVITY", `{"activity":"Nothing"}`)))
	if !strings.Contains(got, "unable to find activityType=Nothing") {
		t.Errorf("for an unknown activity the error is %q", got)
	}
}
