package workflow_test

import (
	"strings"
	"testing"

	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

func TestBrokenSettingsAreNamed(t *testing.T) {
	branch := func(name string) *types.ForkBranch { return workflow.ForkBranch(name, set("in"+name, "1")) }
	cases := map[string]struct {
		task *workflow.Task
		want []string
	}{
		"set without variables": {workflow.Set("t", nil), []string{"tasks.t.variables: is required"}},
		"http of unknown method": {
			workflow.HttpCall("t", &workflow.HttpCallArgs{Method: "FETCH", Endpoint: &types.HttpEndpoint{Uri: "http://a"}}),
			[]string{`tasks.t.method: must be one of GET, POST, PUT, DELETE, PATCH, is "FETCH"`},
		},
		"http without address": {workflow.HttpGet("t", "", nil), []string{"tasks.t.endpoint.uri: is required"}},
		"http with a long timeout": {
			workflow.HttpCall("t", &workflow.HttpCallArgs{
				Method: "GET", Endpoint: &types.HttpEndpoint{Uri: "http://a"}, TimeoutSeconds: 301,
			}),
			[]string{"tasks.t.timeout_seconds: must be from 1 to 300, is 301"},
		},
		"http with a negative timeout": {
			workflow.HttpCall("t", &workflow.HttpCallArgs{
				Method: "GET", Endpoint: &types.HttpEndpoint{Uri: "http://a"}, TimeoutSeconds: -1,
			}),
			[]string{"tasks.t.timeout_seconds: must be from 1 to 300, is -1"},
		},
		"http with a body that JSON cannot hold": {
			workflow.HttpPost("t", "http://a", nil, map[string]any{"field": make(chan int)}),
			[]string{"tasks.t: ", "invalid type: chan int"},
		},
		"grpc without everything": {
			workflow.GrpcCall("t", nil),
			[]string{"tasks.t.service: is required", "tasks.t.method: is required"},
		},
		"activity without name": {workflow.CallActivity("t", nil), []string{"tasks.t.activity: is required"}},
		"switch without cases":  {workflow.Switch("t", nil), []string{"tasks.t.cases: needs at least one case"}},
		"switch with empty cases": {
			workflow.Switch("t", &workflow.SwitchArgs{Cases: []*types.SwitchCase{nil}}),
			[]string{"tasks.t.cases[0].name: is required", "tasks.t.cases[0].then: is required"},
		},
		"switch with two defaults": {
			workflow.Switch("t", &workflow.SwitchArgs{Cases: []*types.SwitchCase{
				{Name: "a", Then: "end"}, {Name: "b", Then: "end"},
			}}),
			[]string{"tasks.t.cases: 2 cases have no When"},
		},
		"for without list and body": {
			workflow.For("t", nil),
			[]string{"tasks.t.in: is required", "tasks.t.do: needs at least one task"},
		},
		"fork with one branch": {
			workflow.Fork("t", &workflow.ForkArgs{Branches: workflow.ForkBranches(branch("a"))}),
			[]string{"tasks.t.branches: needs at least 2 branches, has 1"},
		},
		"fork with branches of one name": {
			workflow.Fork("t", &workflow.ForkArgs{Branches: workflow.ForkBranches(branch("a"), branch("a"))}),
			[]string{`tasks.t.branches[1].name: "a" is used twice`},
		},
		"fork with empty branches": {
			workflow.Fork("t", &workflow.ForkArgs{Branches: workflow.ForkBranches(branch("a"), nil)}),
			[]string{"tasks.t.branches[1].name: is required", "tasks.t.branches[1].do: needs at least one task"},
		},
		"try without tasks": {
			workflow.Try("t", &workflow.TryArgs{Catch: workflow.CatchBody("error")}),
			[]string{"tasks.t.try: needs at least one task", "tasks.t.catch.do: needs at least one task"},
		},
		"listen without signals": {
			workflow.Listen("t", nil),
			[]string{"tasks.t.to.mode: must be one of one, all", "tasks.t.to.signals: needs at least one signal"},
		},
		"listen for a wrong signal": {
			workflow.Listen("t", &workflow.ListenArgs{To: &types.ListenTo{
				Mode: "some", Signals: []*types.SignalSpec{{Type: "mail"}},
			}}),
			[]string{
				`tasks.t.to.mode: must be one of one, all, is "some"`, "tasks.t.to.signals[0].id: is required",
				`tasks.t.to.signals[0].type: must be one of signal, query, update, is "mail"`,
			},
		},
		"wait for no time":     {workflow.Wait("t", nil), []string{"tasks.t.seconds: must be from 1 to"}},
		"raise without a word": {workflow.Raise("t", nil), []string{"tasks.t.error: is required", "tasks.t.message: is required"}},
		"run without workflow": {workflow.Run("t", nil), []string{"tasks.t.workflow: is required"}},
		"agent without a word": {workflow.AgentCall("t", nil), []string{"tasks.t.agent: is required", "tasks.t.message: is required"}},
		"agent of unknown scope": {
			workflow.AgentCall("t", &workflow.AgentCallArgs{Agent: "a", Message: "m", Scope: "planet"}),
			[]string{"tasks.t: settings do not fit the kind AGENT_CALL"},
		},
		"agent with wrong settings": {
			workflow.AgentCall("t", &workflow.AgentCallArgs{
				Agent: strings.Repeat("a", 64), Message: "m",
				Config: &types.AgentExecutionConfig{Timeout: 3601, Temperature: 1.5},
			}),
			[]string{
				"tasks.t.agent: has 64 characters", "tasks.t.config.timeout: must be from 1 to 3600, is 3601",
				"tasks.t.config.temperature: must be from 0 to 1, is 1.5",
			},
		},
		"no task name":   {set("", "1"), []string{"tasks[0].name: is required"}},
		"bad task name":  {set("a b", "1"), []string{`tasks.a b.name: "a b" must have letters`}},
		"long task name": {set(strings.Repeat("n", 101), "1"), []string{"has 101 characters: use at most 100"}},
		"nil task":       {nil, []string{"tasks[0]: is nil"}},
		"unknown kind": {
			&workflow.Task{Name: "t", Kind: "DANCE", Config: &workflow.WaitArgs{Seconds: 1}},
			[]string{`tasks.t.kind: "DANCE" is not a kind of task`},
		},
		"settings of another kind": {
			&workflow.Task{Name: "t", Kind: workflow.TaskKindSet, Config: &workflow.WaitArgs{Seconds: 1}},
			[]string{"tasks.t: settings do not fit the kind SET: unknown field \"seconds\""},
		},
		"no settings": {
			&workflow.Task{Name: "t", Kind: workflow.TaskKindSet},
			[]string{"tasks.t: has settings of type <nil>"},
		},
		"lower-case runtime value": {
			set("t", workflow.RuntimeEnv("region")), []string{`tasks.t: runtime value "region" must have upper-case letters`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := newWorkflow(t).AddTask(c.task).ToProto()
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in:\n%v", want, err)
				}
			}
			if !strings.Contains(err.Error(), `workflow "flow": tasks`) {
				t.Errorf("the workflow is not named in:\n%v", err)
			}
		})
	}
}

func TestAllProblemsOfAWorkflowAreReportedTogether(t *testing.T) {
	wf, err := workflow.New(nil, "", &workflow.WorkflowArgs{})
	if err != nil {
		t.Fatal(err)
	}
	wf.Document.DSL = "2.0.0"
	wf.Document.Version = ""
	wf.AddEnvironmentVariables(environment.Variable{Name: "TOKEN"}, environment.Variable{Name: "TOKEN"})
	wf.AddTasks(set("a", "1"), set("a", "2"), workflow.Wait("b", nil))
	_, err = wf.ToProto()
	wantProblems(t, err,
		`document.dsl: must be "1.0.0", is "2.0.0"`,
		"document.namespace: is required", "document.name: is required", "document.version: is required",
		`env_spec[1]: "TOKEN" is used twice`,
		`tasks.a.name: "a" is used twice`,
		"tasks.b.seconds: must be from 1 to",
	)
	for _, cause := range []error{
		workflow.ErrInvalidNamespace, workflow.ErrInvalidName, workflow.ErrInvalidVersion, workflow.ErrDuplicateTaskName,
	} {
		wantCause(t, err, cause)
	}
}

func TestAWorkflowWithoutTasksIsAnError(t *testing.T) {
	_, err := newWorkflow(t).ToProto()
	wantProblems(t, err, `workflow "flow": tasks: a workflow needs at least one task`)
	wantCause(t, err, workflow.ErrNoTasks)
}

func TestProblemsInsideOtherTasksAreNamedByTheirPath(t *testing.T) {
	wf := newWorkflow(t)
	wf.Try("attempt", &workflow.TryArgs{
		Try: workflow.TryBody(workflow.Fork("both", &workflow.ForkArgs{Branches: workflow.ForkBranches(
			workflow.ForkBranch("left", workflow.Wait("pause", nil)),
			workflow.ForkBranch("right", nil),
		)})),
		Catch: workflow.CatchBody("error", set("same", "1"), set("same", "2")),
	})
	_, err := wf.ToProto()
	wantProblems(t, err,
		"tasks.attempt.try.both.branches.left.do.pause.seconds: must be from 1 to",
		"tasks.attempt.try.both.branches.right.do[0].name: is required",
		"tasks.attempt.try.both.branches.right.do[0].kind: is required",
		`tasks.attempt.catch.do.same.name: "same" is used twice`,
	)
}

func TestSettingsThatCannotBeWrittenAreReportedInsideOtherTasks(t *testing.T) {
	wf := newWorkflow(t)
	wf.Try("attempt", &workflow.TryArgs{Try: workflow.TryBody(
		workflow.HttpPost("send", "http://a", nil, map[string]any{"field": func() {}}),
	)})
	_, err := wf.ToProto()
	wantProblems(t, err, "tasks.attempt.try.send: ")
	wantCause(t, err, workflow.ErrConversion)
}

func TestAWrongSlugIsRefusedAtOnce(t *testing.T) {
	for slug, want := range map[string]string{"Upper": `slug "Upper" must have lower-case letters`, "-a": `slug "-a"`} {
		_, err := workflow.New(nil, "tests/flow", &workflow.WorkflowArgs{Slug: slug})
		wantProblems(t, err, want)
		wantCause(t, err, workflow.ErrInvalidName)
	}
}
