package workflow_test

import (
	"testing"

	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

func TestEveryKindHasThePlatformsForm(t *testing.T) {
	inside := func(name string) *workflow.Task { return set(name, "1") }
	const insideText = `"kind":"WORKFLOW_TASK_KIND_SET","name":"in","task_config":{"variables":{"value":"1"}}`
	input := map[string]any{"a": 1, "b": []string{"x"}}
	cases := []struct {
		task *workflow.Task
		kind apiresource.WorkflowTaskKind
		want string
	}{
		{
			inside("t"), apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_SET, `{"variables":{"value":"1"}}`,
		},
		{
			workflow.HttpPost("t", "http://a", map[string]string{"H": "v"}, input),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_HTTP_CALL,
			`{"body":{"a":1,"b":["x"]},"endpoint":{"uri":"http://a"},"headers":{"H":"v"},"method":"POST","timeout_seconds":30}`,
		},
		{
			workflow.GrpcCall("t", &workflow.GrpcCallArgs{Service: "h:1/p.S", Method: "Do", Request: input}),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_GRPC_CALL,
			`{"method":"Do","request":{"a":1,"b":["x"]},"service":"h:1/p.S"}`,
		},
		{
			workflow.CallActivity("t", &workflow.CallActivityArgs{Activity: "A", Input: input}),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_CALL_ACTIVITY,
			`{"activity":"A","input":{"a":1,"b":["x"]}}`,
		},
		{
			workflow.Switch("t", &workflow.SwitchArgs{Cases: []*types.SwitchCase{
				{Name: "c", When: "${ .a }", Then: "end"}, {Name: "d", Then: "end"},
			}}),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_SWITCH,
			`{"cases":[{"name":"c","then":"end","when":"${ .a }"},{"name":"d","then":"end"}]}`,
		},
		{
			workflow.For("t", &workflow.ForArgs{Each: "e", In: []int{1}, Do: workflow.TryBody(inside("in"))}),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_FOR,
			`{"do":[{` + insideText + `}],"each":"e","in":"${ [1] }"}`,
		},
		{
			workflow.Fork("t", &workflow.ForkArgs{Compete: true, Branches: workflow.ForkBranches(
				workflow.ForkBranch("l", inside("in")), workflow.ForkBranch("r", inside("in")),
			)}),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_FORK,
			`{"branches":[{"do":[{` + insideText + `}],"name":"l"},{"do":[{` + insideText + `}],"name":"r"}],"compete":true}`,
		},
		{
			workflow.Try("t", &workflow.TryArgs{
				Try: workflow.TryBody(inside("in")), Catch: workflow.CatchBody("e", inside("in")),
			}),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_TRY,
			`{"catch":{"as":"e","do":[{` + insideText + `}]},"try":[{` + insideText + `}]}`,
		},
		{
			workflow.Listen("t", &workflow.ListenArgs{To: &types.ListenTo{
				Mode: "one", Signals: []*types.SignalSpec{{Id: "approve", Type: "signal"}},
			}}),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_LISTEN,
			`{"to":{"mode":"one","signals":[{"id":"approve","type":"signal"}]}}`,
		},
		{
			workflow.Wait("t", &workflow.WaitArgs{Seconds: 5}),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_WAIT, `{"seconds":5}`,
		},
		{
			workflow.Raise("t", &workflow.RaiseArgs{Error: "Bad", Message: "no luck"}),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_RAISE, `{"error":"Bad","message":"no luck"}`,
		},
		{
			workflow.Run("t", &workflow.RunArgs{Workflow: "other", Input: input}),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_RUN, `{"input":{"a":1,"b":["x"]},"workflow":"other"}`,
		},
		{
			workflow.AgentCall("t", &workflow.AgentCallArgs{
				Agent: "a", Scope: "organization", Message: "m", Env: map[string]string{"K": workflow.RuntimeSecret("K")},
				Config: &types.AgentExecutionConfig{Model: "x", Timeout: 60, Temperature: 0.3},
			}),
			apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_AGENT_CALL,
			`{"agent":"a","config":{"model":"x","temperature":0.3,"timeout":60},"env":{"K":"${.secrets.K}"},"message":"m",` +
				`"scope":"organization"}`,
		},
	}
	seen := map[apiresource.WorkflowTaskKind]bool{}
	for _, c := range cases {
		t.Run(string(c.task.Kind), func(t *testing.T) {
			task := convert(t, c.task)[0]
			if task.GetKind() != c.kind {
				t.Errorf("kind is %v", task.GetKind())
			}
			if got := configText(t, task); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
		seen[c.kind] = true
	}
	for number := range apiresource.WorkflowTaskKind_name {
		if kind := apiresource.WorkflowTaskKind(number); number != 0 && !seen[kind] {
			t.Errorf("%v is not covered", kind)
		}
	}
}

func TestHttpFormsDifferInTheirMethodOnly(t *testing.T) {
	wf := newWorkflow(t)
	wf.HttpGet("get", "http://a", nil)
	wf.HttpPost("post", "http://a", nil, nil)
	wf.HttpPut("put", "http://a", nil, nil)
	wf.HttpPatch("patch", "http://a", nil, nil)
	wf.HttpDelete("delete", "http://a", nil)
	converted, err := wf.ToProto()
	if err != nil {
		t.Fatal(err)
	}
	for index, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		want := `{"endpoint":{"uri":"http://a"},"method":"` + method + `","timeout_seconds":30}`
		if got := configText(t, converted.GetSpec().GetTasks()[index]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTasksInsideMayBeWrittenByHand(t *testing.T) {
	task := convert(t, workflow.Try("t", &workflow.TryArgs{Try: []*types.WorkflowTask{{
		Name: "get", Kind: "HTTP_CALL",
		TaskConfig: map[string]any{
			"method": "GET", "endpoint": map[string]any{"uri": "http://a"}, "timeoutSeconds": 5,
		},
		Export: &types.Export{As: "${ .x }"}, Flow: &types.FlowControl{Then: "end"},
	}}}))[0]
	want := `{"try":[{"export":{"as":"${ .x }"},"flow":{"then":"end"},"kind":"WORKFLOW_TASK_KIND_HTTP_CALL","name":"get",` +
		`"task_config":{"endpoint":{"uri":"http://a"},"method":"GET","timeout_seconds":5}}]}`
	if got := configText(t, task); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
