package definition_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/expression"
)

// spec makes a WorkflowSpec of tasks in JSON, written as people write them.
func spec(t *testing.T, tasks string) *workflowv1.WorkflowSpec {
	t.Helper()
	made := &workflowv1.WorkflowSpec{}
	text := `{"document":{"dsl":"1.0.0","namespace":"n","name":"w","version":"1.0.0"},"tasks":` + tasks + `}`
	if err := protojson.Unmarshal([]byte(text), made); err != nil {
		t.Fatalf("%s: %v", tasks, err)
	}
	return made
}

func check(t *testing.T, made *workflowv1.WorkflowSpec) (*definition.Definition, []string) {
	t.Helper()
	parsed, problems, err := definition.NewChecker(expression.NewCompiler()).Check(made)
	if err != nil {
		t.Fatal(err)
	}
	return parsed, problems
}

const set = `{"name":"a","kind":"WORKFLOW_TASK_KIND_SET","task_config":{"variables":{"x":"1"}}}`

func TestBadDefinitionsAreExplained(t *testing.T) {
	task := func(kind, config string) string {
		return `[{"name":"a","kind":"WORKFLOW_TASK_KIND_` + kind + `","task_config":` + config + `}]`
	}
	for name, c := range map[string]struct {
		tasks string
		want  []string
	}{
		"no tasks": {`[]`, []string{"tasks: at least one task is needed"}},
		"no name":  {`[{"kind":"WORKFLOW_TASK_KIND_WAIT","task_config":{"seconds":1}}]`, []string{"tasks[0].name: value is required"}},
		"no kind": {`[{"name":"a","task_config":{"seconds":1}}]`, []string{
			"tasks[0].kind: use one of SET, HTTP_CALL, GRPC_CALL, CALL_ACTIVITY, SWITCH, FOR, FORK, TRY, LISTEN, WAIT, RAISE, RUN, AGENT_CALL"}},
		"no config": {`[{"name":"a","kind":"WORKFLOW_TASK_KIND_WAIT"}]`, []string{"tasks[0].task_config: value is required", "tasks[0].wait.seconds: must be greater than or equal to 1"}},
		"unknown kind": {`[{"name":"a","kind":99,"task_config":{"x":1}}]`, []string{
			"tasks[0].kind: use one of SET, HTTP_CALL, GRPC_CALL, CALL_ACTIVITY, SWITCH, FOR, FORK, TRY, LISTEN, WAIT, RAISE, RUN, AGENT_CALL"}},
		"nothing to set": {task("SET", `{}`), []string{"tasks[0].set.variables: value is required"}},
		"unknown fields, all of them": {task("SET", `{"vars":{},"variables":{"x":"1"},"b":2}`), []string{
			"tasks[0].set.b: unknown field; use one of variables", "tasks[0].set.vars: unknown field; use one of variables"}},
		"a number for a text": {task("SET", `{"variables":{"x":5}}`), []string{"tasks[0].set.variables.x: must be a text, not 5"}},
		"method and timeout": {task("HTTP_CALL", `{"method":"get","endpoint":{"uri":"http://x"},"timeout_seconds":301}`), []string{
			`tasks[0].http_call.method: must be in list [GET, POST, PUT, DELETE, PATCH]`,
			"tasks[0].http_call.timeout_seconds: must be greater than or equal to 1 and less than or equal to 300"}},
		"a text for an object": {task("HTTP_CALL", `{"method":"GET","endpoint":"http://x"}`), []string{
			"tasks[0].http_call.endpoint: must be an object, not a text"}},
		"no endpoint":  {task("HTTP_CALL", `{"method":"GET"}`), []string{"tasks[0].http_call.endpoint: value is required"}},
		"half seconds": {task("WAIT", `{"seconds":1.5}`), []string{"tasks[0].wait.seconds: must be a whole number, not 1.5"}},
		"no cases":     {task("SWITCH", `{"cases":[]}`), []string{"tasks[0].switch.cases: must contain at least 1 item(s)"}},
		"unknown target of a case": {task("SWITCH", `{"cases":[{"name":"c","then":"x"}]}`), []string{
			`tasks[0].switch.cases[0].then: no task named "x"; use the name of a task beside it, continue, exit or end`}},
		"unknown target of a flow": {`[{"name":"a","kind":"WORKFLOW_TASK_KIND_WAIT","task_config":{"seconds":1},"flow":{"then":"b"}}]`, []string{
			`tasks[0].flow.then: no task named "b"; use the name of a task beside it, continue, exit or end`}},
		"same name twice": {`[` + set + `,` + set + `]`, []string{
			`tasks[1].name: "a" is taken by a task beside it; names must differ`}},
		"reserved name": {strings.ReplaceAll(`[`+set+`]`, `"a"`, `"end"`), []string{
			`tasks[0].name: "end" has a meaning of its own; use another name`}},
		"bad expressions": {task("SET", `{"variables":{"x":"${ .a + }","y":"${ nothing }","z":"${ .a"}}`), []string{
			"tasks[0].set.variables.x: this is no expression: it ends too early",
			"tasks[0].set.variables.y: this is no expression: function not defined: nothing/0",
			"tasks[0].set.variables.z: this is no expression: `${` without a closing `}`; write `$${` for a literal `${`"}},
		"bad export": {`[{"name":"a","kind":"WORKFLOW_TASK_KIND_WAIT","task_config":{"seconds":1},"export":{"as":"${ ] }"}}]`, []string{
			"tasks[0].export.as: this is no expression: unexpected token \"]\""}},
		"bad condition": {task("SWITCH", `{"cases":[{"name":"c","when":"${ .x } ==","then":"end"}]}`), []string{
			"tasks[0].switch.cases[0].when: this is no expression: it ends too early"}},
		"one branch": {task("FORK", `{"branches":[{"name":"b","do":[`+set+`]}]}`), []string{
			"tasks[0].fork.branches: must contain at least 2 item(s)"}},
		"two branches of one name": {task("FORK", `{"branches":[{"name":"b","do":[`+set+`]},{"name":"b","do":[`+set+`]}]}`), []string{
			`tasks[0].fork.branches[1].name: "b" is taken by another branch; names must differ`}},
		"empty loop": {task("FOR", `{"each":"i","in":"${ .x }","do":[]}`), []string{"tasks[0].for.do: must contain at least 1 item(s)"}},
		"loop variable": {task("FOR", `{"each":"secrets","in":"${ .x }","do":[`+set+`]}`), []string{
			`tasks[0].for.each: "secrets" has a meaning of its own; use another name`}},
		"error variable": {task("TRY", `{"try":[`+set+`],"catch":{"as":"my error","do":[`+set+`]}}`), []string{
			`tasks[0].try.catch.as: "my error" cannot be the name of a variable; use letters, digits and _`}},
		"deep inside": {task("TRY", `{"try":[{"name":"f","kind":"FOR","taskConfig":{"each":"i","in":"${ .x }","do":[
			{"name":"s","kind":"SET","taskConfig":{"variables":{"x":"${ ( }"},"more":1}}]}}]}`), []string{
			"tasks[0].try.try[0].for.do[0].set.more: unknown field; use one of variables",
			"tasks[0].try.try[0].for.do[0].set.variables.x: this is no expression: it ends too early"}},
		"deep expression": {task("FOR", `{"each":"i","in":"${ .x }","do":[{"name":"s","kind":"SET","task_config":{"variables":{"x":"${ $j }"}}}]}`), []string{
			"tasks[0].for.do[0].set.variables.x: this is no expression: variable not defined: $j"}},
		"unknown kind inside": {task("TRY", `{"try":[{"name":"f","kind":"FLY","task_config":{"a":1}}]}`), []string{
			`tasks[0].try.try[0].kind: unknown kind "FLY"; use one of SET, HTTP_CALL, GRPC_CALL, CALL_ACTIVITY, SWITCH, FOR, FORK, TRY, LISTEN, WAIT, RAISE, RUN, AGENT_CALL`}},
		"jump out of a loop": {`[` + set + `,{"name":"b","kind":"WORKFLOW_TASK_KIND_FOR","task_config":{"each":"i","in":"${ .x }","do":[
			{"name":"s","kind":"SET","task_config":{"variables":{"x":"1"}},"flow":{"then":"a"}}]}}]`, []string{
			`tasks[1].for.do[0].flow.then: no task named "a"; use the name of a task beside it, continue, exit or end`}},
		"mode of listening": {task("LISTEN", `{"to":{"mode":"some","signals":[{"id":"","type":"shout"}]}}`), []string{
			`tasks[0].listen.to.mode: must be in list [one, all]`,
			"tasks[0].listen.to.signals[0].id: value is required",
			`tasks[0].listen.to.signals[0].type: must be in list [signal, query, update]`}},
		"agent call": {task("AGENT_CALL", `{"agent":"`+strings.Repeat("x", 64)+`","scope":"galaxy","message":""}`), []string{
			`tasks[0].agent_call.scope: unknown value "galaxy"; use one of api_resource_owner_scope_unspecified, platform, organization, identity_account`,
			"tasks[0].agent_call.agent: must be at most 63 characters",
			"tasks[0].agent_call.message: value is required"}},
		"limits of an agent call": {task("AGENT_CALL", `{"agent":"`+strings.Repeat("x", 64)+`","message":"m","config":{"timeout":3601,"temperature":2}}`), []string{
			"tasks[0].agent_call.agent: must be at most 63 characters",
			"tasks[0].agent_call.config.timeout: must be greater than or equal to 1 and less than or equal to 3600",
			"tasks[0].agent_call.config.temperature: must be greater than or equal to 0 and less than or equal to 1"}},
		"a secret in a message": {task("AGENT_CALL", `{"agent":"a","message":"my key is ${.secrets.KEY}"}`), []string{
			"tasks[0].agent_call.message: a secret would be readable here; secrets can be used in HTTP_CALL, GRPC_CALL, SET and the env of AGENT_CALL"}},
		"a secret in an input": {task("RUN", `{"workflow":"w","input":{"a":[{"b":"${.secrets.KEY}"}]}}`), []string{
			"tasks[0].run.input.a[0].b: a secret would be readable here; secrets can be used in HTTP_CALL, GRPC_CALL, SET and the env of AGENT_CALL"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := check(t, spec(t, c.tasks))
			if diff := cmp.Diff(c.want, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAllProblemsAreFoundAtOnce(t *testing.T) {
	made := spec(t, `[
		{"name":"a","kind":"WORKFLOW_TASK_KIND_SET","task_config":{"wrong":1}},
		{"name":"a","kind":"WORKFLOW_TASK_KIND_SWITCH","task_config":{"cases":[{"name":"c","then":"x"}]}},
		{"name":"c","kind":"WORKFLOW_TASK_KIND_WAIT","task_config":{"seconds":0}}]`)
	made.Document.Dsl = "2.0.0"
	_, problems := check(t, made)
	if len(problems) != 6 {
		t.Errorf("want 6 problems, got %d:\n%s", len(problems), strings.Join(problems, "\n"))
	}
}

func TestNestingHasALimit(t *testing.T) {
	inner := set
	for range 40 {
		inner = `{"name":"t","kind":"WORKFLOW_TASK_KIND_TRY","task_config":{"try":[` + inner + `]}}`
	}
	_, problems := check(t, spec(t, "["+inner+"]"))
	if len(problems) != 1 || !strings.Contains(problems[0], "more than 32 levels deep") {
		t.Errorf("got %v", problems)
	}
}

func TestClientsMaySpellFieldsBothWays(t *testing.T) {
	for _, config := range []string{
		`{"method":"GET","endpoint":{"uri":"http://x"},"timeout_seconds":5}`,
		`{"method":"GET","endpoint":{"uri":"http://x"},"timeoutSeconds":5}`,
		`{"method":"GET","endpoint":{"uri":"http://x"},"timeoutSeconds":"5","body":null}`,
	} {
		if _, problems := check(t, spec(t, `[{"name":"a","kind":"WORKFLOW_TASK_KIND_HTTP_CALL","task_config":`+config+`}]`)); len(problems) > 0 {
			t.Errorf("%s: %v", config, problems)
		}
	}
}
