package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/temporal"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

func TestALoopRunsOncePerElement(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []any
	}{
		"list":                  {`[\"a\",\"b\"]`, []any{"0:a", "1:b"}},
		"list in an expression": {`${ [\"a\"] }`, []any{"0:a"}},
		"object":                {`{b: 1, a: 2}`, []any{"a:2", "b:1"}},
		"number":                {`2`, []any{"0:0", "1:1"}},
		"nothing":               {`[]`, []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			output := b.completed(list(task("loop", "FOR",
				`{"each":"item","in":"`+c.in+`","do":[`+set("in", `{"x":"${ .index }:${ $item }"}`)+`]}`),
				set("all", `{"xs":"${ .loop | map(.x) }"}`)))
			if diff := cmp.Diff(map[string]any{"xs": c.want}, output); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestARoundKeepsItsChangesForItself(t *testing.T) {
	b := newBench(t)
	output := b.completed(list(set("before", `{"x":"outer"}`),
		task("loop", "FOR", `{"each":"i","in":"[1,2]","do":[`+set("see", `{"seen":"${ .x }"}`)+`,`+set("change", `{"x":"${ $i }"}`)+`,`+
			set("tell", `{"seen":"${ .seen }","x":"${ .x }"}`)+`]}`),
		set("after", `{"x":"${ .x }","i":"${ .i }","rounds":"${ .loop }"}`)))
	want := map[string]any{"x": "outer", "i": nil, "rounds": []any{
		map[string]any{"seen": "outer", "x": 1.0}, map[string]any{"seen": "outer", "x": 2.0},
	}}
	if diff := cmp.Diff(want, output); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"before COMPLETED", "loop COMPLETED", "loop[0]/see COMPLETED", "loop[0]/change COMPLETED", "loop[0]/tell COMPLETED",
		"loop[1]/see COMPLETED", "loop[1]/change COMPLETED", "loop[1]/tell COMPLETED", "after COMPLETED",
	}, order(b.final())); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
}

func TestALoopOverNoListFails(t *testing.T) {
	got := newBench(t).failed(list(task("loop", "FOR", `{"each":"i","in":"${ .missing }","do":[`+set("s", `{"x":"1"}`)+`]}`)))
	if got != `task "loop" failed: in: gives null, which is no list` {
		t.Errorf("error is %q", got)
	}
}

func TestEndInsideEndsEverything(t *testing.T) {
	stop := set("stop", `{"x":"${ .index }"}`, then("end"))
	for name, outer := range map[string]string{
		"loop":  task("t", "FOR", `{"each":"i","in":"3","do":[`+stop+`]}`),
		"fork":  task("t", "FORK", `{"branches":[{"name":"a","do":[`+stop+`]},{"name":"b","do":[`+task("w", "WAIT", `{"seconds":60}`)+`]}]}`),
		"try":   task("t", "TRY", `{"try":[`+stop+`]}`),
		"catch": task("t", "TRY", `{"try":[`+task("r", "RAISE", `{"error":"E","message":"m"}`)+`],"catch":{"do":[`+stop+`]}}`),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.completed(list(outer, set("never", `{"y":"1"}`)))
			for _, id := range order(b.final()) {
				if strings.HasPrefix(id, "never") {
					t.Errorf("a task after the end ran: %v", order(b.final()))
				}
			}
		})
	}
}

func TestExitLeavesTheListOnly(t *testing.T) {
	b := newBench(t)
	b.completed(list(task("t", "TRY", `{"try":[`+set("a", `{"x":"1"}`, then("exit"))+`,`+set("b", `{"x":"1"}`)+`]}`),
		set("after", `{"y":"1"}`)))
	if diff := cmp.Diff([]string{"t COMPLETED", "t/try/a COMPLETED", "after COMPLETED"}, order(b.final())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBranchesRunSideBySide(t *testing.T) {
	b := newBench(t)
	branch := func(name string, seconds string) string {
		return `{"name":"` + name + `","do":[` + task("wait", "WAIT", `{"seconds":`+seconds+`}`) + `,` +
			set("say", `{"who":"`+name+`"}`) + `]}`
	}
	start := b.Now()
	output := b.completed(list(task("both", "FORK", `{"branches":[`+branch("slow", "50")+`,`+branch("quick", "20")+`]}`, exported),
		set("after", `{"slow":"${ $context[\"both\"].slow.who }","quick":"${ .both.quick.who }"}`)))
	if diff := cmp.Diff(map[string]any{"slow": "slow", "quick": "quick"}, output); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if took := b.Now().Sub(start); took < 50*time.Second || took > 60*time.Second {
		t.Errorf("side by side they take 50 s, not %s", took)
	}
	if diff := cmp.Diff([]string{
		"both COMPLETED", "both/slow/wait COMPLETED", "both/quick/wait COMPLETED", "both/quick/say COMPLETED",
		"both/slow/say COMPLETED", "after COMPLETED",
	}, order(b.final())); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
}

func TestTheFirstOfCompetingBranchesDecides(t *testing.T) {
	b := newBench(t)
	output := b.completed(list(task("race", "FORK", `{"compete":true,"branches":[
		{"name":"slow","do":[`+task("wait", "WAIT", `{"seconds":50}`)+`]},
		{"name":"quick","do":[`+task("wait", "WAIT", `{"seconds":20}`)+`,`+set("say", `{"who":"quick"}`)+`]}]}`)))
	if diff := cmp.Diff(map[string]any{"who": "quick"}, output); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"race COMPLETED", "race/slow/wait SKIPPED", "race/quick/wait COMPLETED", "race/quick/say COMPLETED",
	}, order(b.final())); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if got := b.final().GetTasks()[0].GetMetadata().AsMap()["winner"]; got != "quick" {
		t.Errorf("winner is %v", got)
	}
	if got := b.final().GetTasks()[1].GetError(); got != "cancelled" {
		t.Errorf("the loser says %q", got)
	}
}

func TestAFailedBranchEndsTheOthers(t *testing.T) {
	b := newBench(t)
	got := b.failed(list(task("both", "FORK", `{"branches":[
		{"name":"slow","do":[`+task("wait", "WAIT", `{"seconds":50}`)+`]},
		{"name":"bad","do":[`+task("fail", "RAISE", `{"error":"Broken","message":"no luck"}`)+`]}]}`)))
	if got != `task "both" failed: branch "bad": task "fail" failed: Broken: no luck` {
		t.Errorf("error is %q", got)
	}
	if diff := cmp.Diff([]string{"both FAILED", "both/slow/wait SKIPPED", "both/bad/fail FAILED"}, order(b.final())); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
}

func TestACatchSeesTheError(t *testing.T) {
	handle := set("handle", `{"message":"${ .error.message }","type":"${ $error.type }","task":"${ .error.task }","kind":"${ .error.kind }"}`)
	b := newBench(t)
	output := b.completed(list(task("attempt", "TRY",
		`{"try":[`+task("fail", "RAISE", `{"error":"PaymentDeclined","message":"card ${ 1 + 1 }"}`)+`],"catch":{"as":"error","do":[`+handle+`]}}`)))
	want := map[string]any{"message": "card 2", "type": "PaymentDeclined", "task": "fail", "kind": "RAISE"}
	if diff := cmp.Diff(want, output); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"attempt COMPLETED", "attempt/try/fail FAILED", "attempt/catch/handle COMPLETED",
	}, order(b.final())); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if got := b.final().GetTasks()[0].GetMetadata().AsMap()["caught"]; got != `task "fail" failed: PaymentDeclined: card 2` {
		t.Errorf("caught is %v", got)
	}
}

func TestACatchSeesTheResponseOfAnHTTPCall(t *testing.T) {
	b := newBench(t).http(func(message.HTTPRequest) (any, error) {
		return nil, temporal.NewNonRetryableApplicationError("GET http://x answered 404 Not Found", message.HTTPError, nil,
			message.Failure{Status: 404, Body: &value.Value{V: map[string]any{"reason": "gone"}}})
	})
	output := b.completed(list(task("attempt", "TRY", `{"try":[`+task("get", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"http://x"}}`)+`],
		"catch":{"do":[`+set("handle", `{"status":"${ .error.status }","reason":"${ .error.body.reason }","type":"${ .error.type }"}`)+`]}}`)))
	want := map[string]any{"status": 404.0, "reason": "gone", "type": "CallHTTP error"}
	if diff := cmp.Diff(want, output); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAFailureInACatchFailsTheRun(t *testing.T) {
	got := newBench(t).failed(list(task("attempt", "TRY", `{"try":[`+task("fail", "RAISE", `{"error":"E","message":"m"}`)+`],
		"catch":{"do":[`+task("again", "RAISE", `{"error":"Worse","message":"after ${ .error.message }"}`)+`]}}`)))
	if got != `task "attempt" failed: task "again" failed: Worse: after m` {
		t.Errorf("error is %q", got)
	}
}

func TestATryWithoutFailureGivesItsResult(t *testing.T) {
	b := newBench(t)
	output := b.completed(list(task("attempt", "TRY", `{"try":[`+set("in", `{"x":"1"}`)+`],"catch":{"do":[`+set("no", `{"y":"1"}`)+`]}}`, exported),
		set("after", `{"x":"${ $context.attempt.x }","seen":"${ .x }"}`)))
	if diff := cmp.Diff(map[string]any{"x": "1", "seen": "1"}, output); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCancellationIsNotCaught(t *testing.T) {
	b := newBench(t)
	b.RegisterDelayedCallback(b.CancelWorkflow, 10*time.Second)
	final := b.run(list(task("attempt", "TRY", `{"try":[`+task("fork", "FORK", `{"branches":[
		{"name":"a","do":[`+task("wait", "WAIT", `{"seconds":60}`)+`]},{"name":"b","do":[`+task("wait", "WAIT", `{"seconds":60}`)+`]}]}`)+`],
		"catch":{"do":[`+set("no", `{"y":"1"}`)+`]}}`)))
	if final.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED || final.GetError() != "cancelled" {
		t.Errorf("%s: %s", final.GetPhase(), final.GetError())
	}
	if diff := cmp.Diff([]string{
		"attempt SKIPPED", "attempt/try/fork SKIPPED", "attempt/try/fork/a/wait SKIPPED", "attempt/try/fork/b/wait SKIPPED",
	}, order(final)); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	var cancelled *temporal.CanceledError
	if !errors.As(b.GetWorkflowError(), &cancelled) {
		t.Errorf("the workflow ends with %v", b.GetWorkflowError())
	}
}
