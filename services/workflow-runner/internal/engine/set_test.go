package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTasksRunInOrderAndSeeWhatEarlierOnesSet(t *testing.T) {
	b := newBench(t)
	output := b.completed(`[` +
		set("first", `{"name":"Ada","count":"${ 2 + 3 }"}`, exported) + `,` +
		set("second", `{"greeting":"Hello ${ .name }","again":"${ $context[\"first\"].name }","n":"${ $data.count * 2 }"}`) + `]`)
	if diff := cmp.Diff(map[string]any{"greeting": "Hello Ada", "again": "Ada", "n": 10.0}, output); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	final := b.final()
	if diff := cmp.Diff([]string{"first COMPLETED", "second COMPLETED"}, order(final)); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	task := final.GetTasks()[1]
	if got := task.GetInput().AsMap()["greeting"]; got != "Hello Ada" {
		t.Errorf("the input shows %v, not what the expression gave", got)
	}
	if got := task.GetMetadata().AsMap()["kind"]; got != "SET" {
		t.Errorf("kind is %v", got)
	}
	for _, moment := range []string{
		task.GetStartedAt(), task.GetCompletedAt(), final.GetStartedAt(), final.GetCompletedAt(), final.GetTemporalWorkflowId(),
	} {
		if moment == "" {
			t.Errorf("something is not set in %v", final)
		}
	}
	if len(b.reports) != 1 {
		t.Errorf("a run that never waits needs one report, not %d", len(b.reports))
	}
}

func TestAFailedTaskFailsTheRunAndIsNamed(t *testing.T) {
	b := newBench(t)
	got := b.failed(`[` + set("good", `{"x":"1"}`) + `,` + set("bad", `{"y":"${ .x + 1 }"}`) + `,` + set("never", `{"z":"1"}`) + `]`)
	if !strings.HasPrefix(got, "task \"bad\" failed: y: expression `.x + 1`: cannot add: ") {
		t.Errorf("error is %q", got)
	}
	final := b.final()
	if diff := cmp.Diff([]string{"good COMPLETED", "bad FAILED"}, order(final)); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if final.GetTasks()[1].GetError() != got {
		t.Errorf("the task says %q, the run %q", final.GetTasks()[1].GetError(), got)
	}
}

func TestABadDefinitionFailsTheRun(t *testing.T) {
	got := newBench(t).failed(`[{"name":"a","kind":"WORKFLOW_TASK_KIND_SET","task_config":{"vars":{}}}]`)
	if got != "the definition is invalid: tasks[0].set.vars: unknown field; use one of variables" {
		t.Errorf("error is %q", got)
	}
}

func TestAReportIsRepeatedUntilItArrives(t *testing.T) {
	b := newBench(t)
	b.refuse = 7
	b.completed(`[` + set("only", `{"x":"1"}`) + `]`)
	if len(b.reports) != 1 || b.refuse != 0 {
		t.Errorf("%d reports, %d refusals left", len(b.reports), b.refuse)
	}
}

func TestFlowLeadsToTasksAndOut(t *testing.T) {
	for name, c := range map[string]struct {
		tasks string
		want  []string
	}{
		"forward":  {set("a", `{"x":"1"}`, then("c")) + `,` + set("b", `{"x":"1"}`) + `,` + set("c", `{"x":"1"}`), []string{"a", "c"}},
		"end":      {set("a", `{"x":"1"}`, then("end")) + `,` + set("b", `{"x":"1"}`), []string{"a"}},
		"exit":     {set("a", `{"x":"1"}`, then("exit")) + `,` + set("b", `{"x":"1"}`), []string{"a"}},
		"continue": {set("a", `{"x":"1"}`, then("continue")) + `,` + set("b", `{"x":"1"}`), []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.completed(`[` + c.tasks + `]`)
			var got []string
			for _, task := range b.final().GetTasks() {
				got = append(got, task.GetTaskId())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestARunThatGoesBackForEverEnds(t *testing.T) {
	b := newBench(t)
	got := b.failed(`[` + set("a", `{"x":"1"}`) + `,` + set("b", `{"x":"1"}`, `,"flow":{"then":"a"}`) + `]`)
	if !strings.Contains(got, "has had 5000 tasks, which is the limit") {
		t.Errorf("error is %q", got)
	}
	final := b.final()
	if n := len(final.GetTasks()); n != 5000 {
		t.Errorf("%d tasks", n)
	}
	if id := final.GetTasks()[2].GetTaskId(); id != "a#2" {
		t.Errorf("the second visit has the id %q", id)
	}
}

func TestSecretsAreHandedOnAndNotShown(t *testing.T) {
	b := newBench(t).variable("TOKEN", "", true).variable("REGION", "eu", false)
	output := b.completed(`[` + set("a", `{"auth":"Bearer ${.secrets.TOKEN}","region":"${.env_vars.REGION}"}`) + `,` +
		set("b", `{"copy":"${ .auth }","both":"${ .auth + .region }"}`) + `]`)
	if diff := cmp.Diff(map[string]any{"copy": "Bearer ***", "both": "Bearer ***eu"}, output); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnExpressionThatLooksIntoASecretFails(t *testing.T) {
	for _, text := range []string{
		"${ .secrets.TOKEN | length }", "${ .secrets.TOKEN | @base64 }", "${ .secrets.TOKEN[0:3] }", "${ .secrets.TOKEN | @uri }",
		"${ .secrets.TOKEN | ascii_downcase }", "${ .secrets.TOKEN | startswith(\\\"[\\\") }",
	} {
		got := newBench(t).variable("TOKEN", "", true).failed(`[` + set("a", `{"x":"`+text+`"}`) + `]`)
		if !strings.Contains(got, "secrets can only be handed on, whole or as part of a text") {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func TestAVariableWithoutValueIsNamed(t *testing.T) {
	got := newBench(t).failed(`[` + set("a", `{"x":"${.secrets.TOKEN}"}`) + `]`)
	if !strings.Contains(got, "TOKEN has no value; pass it with the run") {
		t.Errorf("error is %q", got)
	}
}
