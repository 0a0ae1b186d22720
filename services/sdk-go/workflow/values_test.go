package workflow_test

import (
	"testing"
	"time"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

func TestConditionsAreWholeExpressions(t *testing.T) {
	state := workflow.HttpGet("fetch", "http://a", nil).Field("user.state")
	for got, want := range map[string]string{
		state.Equals("open"):          `${ $context["fetch"].user.state == "open" }`,
		state.NotEquals(`"<&`):        `${ $context["fetch"].user.state != "\"<&" }`,
		state.GreaterThan(10):         `${ $context["fetch"].user.state > 10 }`,
		state.GreaterThanOrEqual(1.5): `${ $context["fetch"].user.state >= 1.5 }`,
		state.LessThan(-1):            `${ $context["fetch"].user.state < -1 }`,
		state.LessThanOrEqual(0):      `${ $context["fetch"].user.state <= 0 }`,
		state.Equals(true):            `${ $context["fetch"].user.state == true }`,
		state.Equals(nil):             `${ $context["fetch"].user.state == null }`,
		state.Contains("fix"):         `${ $context["fetch"].user.state | contains("fix") }`,
		state.StartsWith("feat:"):     `${ $context["fetch"].user.state | startswith("feat:") }`,
		state.EndsWith(".go"):         `${ $context["fetch"].user.state | endswith(".go") }`,
		state.In([]string{"a", "b"}):  `${ $context["fetch"].user.state | IN("a", "b") }`,
		state.In([2]int{1, 2}):        `${ $context["fetch"].user.state | IN(1, 2) }`,
		state.In("a"):                 `${ $context["fetch"].user.state | IN("a") }`,
		state.Equals(state):           `${ $context["fetch"].user.state == $context["fetch"].user.state }`,

		workflow.Equals("open").Expression():             `${. == "open"}`,
		workflow.Equals(`"open"`).Expression():           `${. == "open"}`,
		workflow.GreaterThan(3).Expression():             "${. > 3}",
		workflow.LessThan(3).Expression():                "${. < 3}",
		workflow.CustomCondition("${ .a }").Expression(): "${ .a }",
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestStepsOfAFieldAreQuotedWhereTheyMust(t *testing.T) {
	task := workflow.HttpGet("fetch-it", "http://a", nil)
	for field, want := range map[string]string{
		"title":                      `${ $context["fetch-it"].title }`,
		"choices[0].message.content": `${ $context["fetch-it"].choices[0].message.content }`,
		"items[]":                    `${ $context["fetch-it"].items[] }`,
		"headers.x-request-id":       `${ $context["fetch-it"].headers."x-request-id" }`,
		"1st":                        `${ $context["fetch-it"]."1st" }`,
		`headers["x-id"]`:            `${ $context["fetch-it"].headers["x-id"] }`,
	} {
		if got := task.Field(field).Expression(); got != want {
			t.Errorf("%s: got %s, want %s", field, got, want)
		}
	}
	ref := task.Field("title")
	if ref.Name() != "fetch-it.title" || ref.TaskName() != "fetch-it" || ref.FieldName() != "title" {
		t.Errorf("names are %q, %q, %q", ref.Name(), ref.TaskName(), ref.FieldName())
	}
}

func TestUsingAResultExportsIt(t *testing.T) {
	byField, byTask, kept := set("a", "1"), set("b", "1"), set("c", "1").Export("${ .x }")
	byField.Field("value")
	workflow.For("loop", &workflow.ForArgs{In: workflow.CoerceToString(byTask)})
	kept.Field("value")
	for task, want := range map[*workflow.Task]string{byField: "${.}", byTask: "${.}", kept: "${ .x }", set("d", "1"): ""} {
		if task.ExportAs != want {
			t.Errorf("%s exports %q, want %q", task.Name, task.ExportAs, want)
		}
	}
	if got := set("e", "1").ExportField("count").ExportAs; got != "${.count}" {
		t.Errorf("ExportField gives %q", got)
	}
	if got := set("f", "1").ExportFields("a", "b").ExportAs; got != "${.}" {
		t.Errorf("ExportFields gives %q", got)
	}
}

func TestAnythingBecomesText(t *testing.T) {
	ctx := stigmer.NewContext()
	base, port := ctx.SetString("base", "http://a"), ctx.SetInt("port", 8080)
	field := set("task", "1").Field("id")
	for name, c := range map[string]struct{ got, want string }{
		"text":              {workflow.CoerceToString("a"), "a"},
		"nothing":           {workflow.CoerceToString(nil), ""},
		"number":            {workflow.CoerceToString(3), "3"},
		"variable":          {workflow.CoerceToString(base), "http://a"},
		"literal":           {workflow.CoerceToString(base.Concat("/x")), "http://a/x"},
		"number variable":   {workflow.CoerceToString(port), "8080"},
		"computed":          {workflow.CoerceToString(base.Upper()), "${ ($context.base | ascii_upcase) }"},
		"field":             {workflow.CoerceToString(field), `${ $context["task"].id }`},
		"task":              {workflow.CoerceToString(set("task", "1")), `${ $context["task"] }`},
		"list":              {workflow.CoerceToString([]string{"a", "<b>"}), `${ ["a","<b>"] }`},
		"object":            {workflow.CoerceToString(map[string]int{"a": 1}), `${ {"a":1} }`},
		"joined":            {workflow.Interpolate(base, ":", port, "/", field, true, 1.5), `http://a:8080/${ $context["task"].id }true1.5`},
		"joined secret":     {workflow.Interpolate("Bearer ", workflow.RuntimeSecret("KEY")), "Bearer ${.secrets.KEY}"},
		"joined computed":   {workflow.Interpolate(port.Add(port)), "${ ($context.port + $context.port) }"},
		"joined with a nil": {workflow.Interpolate("a", nil), "a"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", name, c.got, c.want)
		}
	}
}

func TestVariablesOfTheContextGetTheirValues(t *testing.T) {
	ctx := stigmer.NewContext()
	ctx.SetString("base", "http://a")
	ctx.SetInt("below", -1)
	port := ctx.SetInt("port", 8080)
	strict := ctx.SetBool("strict", true)
	limits := ctx.SetObject("limits", map[string]any{"low": -1, "names": []string{"x"}})
	named := ctx.SetString("a name", "n")
	wf, err := workflow.New(ctx, "tests/flow", nil)
	if err != nil {
		t.Fatal(err)
	}
	wf.Set("texts", &workflow.SetArgs{Variables: map[string]string{
		"whole": port.Expression(), "braces": "${base}/x", "inside": "${ $context.base }:${ $context.port }",
		"computed": port.Add(port).Expression(), "object": limits.FieldAsInt("low").Expression(), "bool": strict.Expression(),
		"named": named.Expression(), "unknown": "${ $context.other }", "negative": "${ 1 - $context.below }", "jq": `${ "$context.base \($context.base + ("x")) \\" + "}" }`,
		"text": "$context.base", "open": "${ $context.base", "now": "${now}",
	}})
	wf.HttpPost("post", ctx.GetString("base").Append("/x"), nil, map[string]any{
		"port": port, "limits": limits, "list": []any{port, &struct{ A int }{1}}, "wait": time.Second, "nil": nil, "bytes": []byte("b"),
	}).Export("${ .x + $context.port }")
	converted, err := wf.ToProto()
	if err != nil {
		t.Fatal(err)
	}
	tasks := converted.GetSpec().GetTasks()
	texts := tasks[0].GetTaskConfig().GetFields()["variables"].GetStructValue().AsMap()
	for name, want := range map[string]string{
		"whole": "${ 8080 }", "braces": "http://a/x", "inside": "http://a:8080", "computed": "${ (8080 + 8080) }",
		"object": `${ ({"low":-1,"names":["x"]}.low) }`, "bool": "${ true }", "named": "n", "unknown": "${ $context.other }",
		"negative": "${ 1 - (-1) }", "jq": `${ "$context.base \("http://a" + ("x")) \\" + "}" }`, "text": "$context.base", "open": "${ $context.base", "now": "${now}",
	} {
		if texts[name] != want {
			t.Errorf("%s: got %q, want %q", name, texts[name], want)
		}
	}
	want := `{"body":{"bytes":"Yg==","limits":{"low":-1,"names":["x"]},"list":[8080,{"A":1}],"nil":null,"port":8080,` +
		`"wait":1000000000},"endpoint":{"uri":"${ (\"http://a\" + \"/x\") }"},"method":"POST","timeout_seconds":30}`
	if got := configText(t, tasks[1]); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := tasks[1].GetExport().GetAs(); got != "${ .x + 8080 }" {
		t.Errorf("export is %q", got)
	}
}

func TestRuntimeReferencesAreRecognised(t *testing.T) {
	for _, right := range []string{workflow.RuntimeSecret("API_KEY"), workflow.RuntimeEnv("A_1")} {
		if err := workflow.ValidateRuntimeRef(right); err != nil || !workflow.IsRuntimeRef(right) {
			t.Errorf("%s is refused: %v", right, err)
		}
	}
	for _, wrong := range []string{"", "API_KEY", "${.secrets.key}", "${ .secrets.KEY }", "x${.secrets.KEY}", "${.other.KEY}"} {
		if workflow.ValidateRuntimeRef(wrong) == nil || workflow.IsRuntimeRef(wrong) {
			t.Errorf("%q is taken for a runtime reference", wrong)
		}
	}
	found := workflow.ExtractRuntimeRefs("a ${.secrets.A} b ${.env_vars.B} ${ .c }")
	if len(found) != 2 || found[0] != "${.secrets.A}" || found[1] != "${.env_vars.B}" {
		t.Errorf("found %q", found)
	}
}

func TestElementsErrorsAndBranchesAreReferredTo(t *testing.T) {
	var element workflow.LoopVar
	failure, branch := workflow.NewErrorRef(""), workflow.Fork("both", nil).Branch("left")
	for got, want := range map[string]string{
		element.Value(): "${.item}", element.Field("a.b"): "${.item.a.b}",
		failure.Message(): "${.error.message}", failure.Type(): "${.error.type}", failure.Timestamp(): "${.error.timestamp}",
		failure.StackTrace(): "${.error.stackTrace}", workflow.NewErrorRef("e").Field("code"): "${.e.code}",
		branch.Value(): `${ $context["both"].left }`, branch.Field("id"): `${ $context["both"].left.id }`,
		workflow.NewBranchResult("both", "the-left").Value(): `${ $context["both"]."the-left" }`,
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAgentsAreReferredToByTheirSlug(t *testing.T) {
	reviewer, err := agent.New(nil, "code-reviewer", &agent.AgentArgs{Instructions: "Review the code"})
	if err != nil {
		t.Fatal(err)
	}
	own, platform, other := workflow.Agent(reviewer), workflow.AgentBySlug("scanner", "platform"), workflow.AgentBySlug("x")
	if own.Slug() != "code-reviewer" || own.Scope() != "organization" {
		t.Errorf("own agent: %+v", own)
	}
	if platform.Slug() != "scanner" || platform.Scope() != "platform" || other.Scope() != "" {
		t.Errorf("agents by slug: %+v %+v", platform, other)
	}
	task := convert(t, workflow.AgentCall("ask", &workflow.AgentCallArgs{
		Agent: platform.Slug(), Scope: platform.Scope(), Message: set("a", "1").Name, Config: &types.AgentExecutionConfig{Temperature: 0.1},
	}))[0]
	want := `{"agent":"scanner","config":{"temperature":0.1},"message":"a","scope":"platform"}`
	if got := configText(t, task); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
