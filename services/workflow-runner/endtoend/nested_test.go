package endtoend_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/testkit"
)

// shop answers like a small web shop.
func shop(t *testing.T) string {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/orders":
			_, _ = io.WriteString(w, `[{"id":1,"sku":"a"},{"id":2,"sku":"broken"},{"id":3,"sku":"c"}]`)
		case strings.HasSuffix(r.URL.Path, "broken"):
			w.WriteHeader(http.StatusNotFound)
		default:
			_ = json.NewEncoder(w).Encode(map[string]any{"path": r.URL.Path})
		}
	}))
	t.Cleanup(web.Close)
	return web.URL
}

func TestNestedTasksRunAndAreReportedInOrder(t *testing.T) {
	t.Parallel()
	web := shop(t)
	stack := testkit.NewStack(t)
	get := func(name, path string) string {
		return task(name, "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+web+path+`"}}`)
	}
	workflow := stack.MustApply("w", list(
		get("orders", "/orders"),
		task("each", "FOR", `{"each":"order","in":"${ .orders }","do":[`+
			task("attempt", "TRY", `{"try":[`+get("fetch", "/items/${ .order.sku }")+`],"catch":{"as":"problem","do":[`+
				set("note", `{"path":"missing ${ .problem.status }"}`)+`]}}`)+`]}`),
		task("both", "FORK", `{"branches":[{"name":"left","do":[`+get("l", "/left")+`]},{"name":"right","do":[`+get("r", "/right")+`]}]}`),
		task("choose", "SWITCH", `{"cases":[{"name":"many","when":"${ .each | length } > 2","then":"pause"}]}`),
		set("never", `{"x":"1"}`),
		task("pause", "WAIT", `{"seconds":1}`),
		set("out", `{"paths":"${ .each | map(.path) }","left":"${ .both.left.path }"}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	final := stack.Ended(id)
	want := map[string]any{"paths": []any{"/items/a", "missing 404", "/items/c"}, "left": "/left"}
	if diff := cmp.Diff(want, final.GetOutput().AsMap()); diff != "" {
		t.Errorf("output (-want +got):\n%s\n%s", diff, final.GetError())
	}
	if diff := cmp.Diff([]string{
		"orders COMPLETED", "each COMPLETED",
		"each[0]/attempt COMPLETED", "each[0]/attempt/try/fetch COMPLETED",
		"each[1]/attempt COMPLETED", "each[1]/attempt/try/fetch FAILED", "each[1]/attempt/catch/note COMPLETED",
		"each[2]/attempt COMPLETED", "each[2]/attempt/try/fetch COMPLETED",
		"both COMPLETED", "both/left/l COMPLETED", "both/right/r COMPLETED",
		"choose COMPLETED", "pause COMPLETED", "out COMPLETED",
	}, order(final)); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	stack.Record("nested", id)
}

func TestTasksAreReportedWhileTheyRun(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(set("a", `{"x":"1"}`),
		task("hear", "LISTEN", `{"to":{"mode":"one","signals":[{"id":"go","type":"signal"}]}}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	during := stack.Await(id, "the LISTEN", func(status *workflowexecutionv1.WorkflowExecutionStatus) bool {
		return len(status.GetTasks()) == 2
	})
	if diff := cmp.Diff([]string{"a COMPLETED", "hear IN_PROGRESS"}, order(during)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if during.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_IN_PROGRESS {
		t.Errorf("phase %s", during.GetPhase())
	}
	stack.Signal(id, "go", map[string]any{"by": "Ada"})
	if diff := cmp.Diff(map[string]any{"by": "Ada"}, stack.Ended(id).GetOutput().AsMap()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARaisedErrorFailsTheRun(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(task("fail", "RAISE", `{"error":"Broken","message":"no ${ \"luck\" }"}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	if got := stack.Ended(id).GetError(); got != `task "fail" failed: Broken: no luck` {
		t.Errorf("error is %q", got)
	}
	stack.Record("raise", id)
}

func TestTheFirstOfCompetingBranchesWins(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(task("race", "FORK", `{"compete":true,"branches":[
		{"name":"slow","do":[`+task("pause", "WAIT", `{"seconds":3600}`)+`]},{"name":"quick","do":[`+set("s", `{"x":"1"}`)+`]}]}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	final := stack.Ended(id)
	if diff := cmp.Diff([]string{"race COMPLETED", "race/slow/pause SKIPPED", "race/quick/s COMPLETED"}, order(final)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	stack.Record("compete", id)
}

func TestUpdatesAndQueriesAreAnswered(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(set("before", `{"x":"1"}`), task("hear", "LISTEN", `{"to":{"mode":"all","signals":[
		{"id":"approve","type":"update"},{"id":"go","type":"signal"},{"id":"look","type":"query"}]}}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	stack.Await(id, "the LISTEN", func(status *workflowexecutionv1.WorkflowExecutionStatus) bool { return len(status.GetTasks()) == 2 })
	if got := stack.Query(id, "look"); !strings.Contains(got, `"x":"1"`) {
		t.Errorf("the query is answered with %s", got)
	}
	if got := stack.Update(id, "approve", map[string]any{"by": "Ada"}); got != `{"accepted":true}` {
		t.Errorf("the update is answered with %s", got)
	}
	stack.Signal(id, "go", 5)
	final := stack.Ended(id)
	want := map[string]any{"approve": map[string]any{"by": "Ada"}, "go": 5.0}
	if diff := cmp.Diff(want, final.GetOutput().AsMap()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	stack.Record("listen", id)
}
