package workflow_test

import (
	"testing"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

// choose makes a SWITCH whose cases go on at the targets; the last case always holds.
func choose(name string, targets ...string) *workflow.Task {
	var cases []*types.SwitchCase
	for index, target := range targets {
		branch := &types.SwitchCase{Name: target, Then: target, When: "${ .again }"}
		if index == len(targets)-1 {
			branch.When = ""
		}
		cases = append(cases, branch)
	}
	return workflow.Switch(name, &workflow.SwitchArgs{Cases: cases})
}

func TestReferencesToTasksAreChecked(t *testing.T) {
	cases := map[string]struct {
		tasks func() []*workflow.Task
		want  []string
		cause error
	}{
		"then to an unknown task": {
			func() []*workflow.Task { return []*workflow.Task{set("a", "1").Then("nowhere"), set("b", "1")} },
			[]string{`tasks.a.then: there is no task "nowhere" beside this one: use one of "b", "end"`},
			workflow.ErrUnknownTask,
		},
		"case to an unknown task": {
			func() []*workflow.Task { return []*workflow.Task{choose("a", "end", "nowhere")} },
			[]string{`tasks.a.cases[1].then: there is no task "nowhere" beside this one: use one of "end"`},
			workflow.ErrUnknownTask,
		},
		"then into another task": {
			func() []*workflow.Task {
				return []*workflow.Task{
					set("a", "1").Then("inner"),
					workflow.Try("b", &workflow.TryArgs{Try: workflow.TryBody(set("inner", "1"))}),
				}
			},
			[]string{`tasks.a.then: there is no task "inner" beside this one`}, workflow.ErrUnknownTask,
		},
		"then to itself": {
			func() []*workflow.Task { return []*workflow.Task{set("a", "1").Then("a")} },
			[]string{`tasks.a.then: goes back to "a", and nothing leaves the circle`}, workflow.ErrTaskCycle,
		},
		"circle without a way out": {
			func() []*workflow.Task {
				return []*workflow.Task{set("a", "1"), choose("b", "c", "a"), set("c", "1").Then("b"), set("d", "1")}
			},
			[]string{`tasks.b.then: goes back to "a"`, `tasks.c.then: goes back to "b"`}, workflow.ErrTaskCycle,
		},
		"field of an unknown task": {
			func() []*workflow.Task { return []*workflow.Task{set("a", set("away", "1").Field("x").Expression())} },
			[]string{`tasks.a: uses the result of "away", but the workflow has no such task`}, workflow.ErrUnknownTask,
		},
		"field of itself": {
			func() []*workflow.Task {
				task := set("a", "1")
				task.Config = &workflow.SetArgs{Variables: map[string]string{"v": task.Field("x").Expression()}}
				return []*workflow.Task{task}
			},
			[]string{`tasks.a: uses the result of "a" before it ends`}, workflow.ErrTaskCycle,
		},
		"field of a later task": {
			func() []*workflow.Task {
				later := set("b", "1")
				return []*workflow.Task{set("a", later.Field("x").Expression()), later}
			},
			[]string{`tasks.a: uses the result of "b", which cannot have run before: add "b" earlier`}, workflow.ErrTaskCycle,
		},
		"field of a task that ends the workflow": {
			func() []*workflow.Task {
				last := set("b", "1").End()
				return []*workflow.Task{choose("a", "b", "c"), last, set("c", last.Field("x").Expression())}
			},
			[]string{`tasks.c: uses the result of "b", which cannot have run before`}, workflow.ErrTaskCycle,
		},
		"field of a later task inside a loop": {
			func() []*workflow.Task {
				later := set("b", "1")
				return []*workflow.Task{
					workflow.For("a", &workflow.ForArgs{In: "${ [1] }", Do: workflow.TryBody(set("in", later.Field("x").Expression()))}),
					later,
				}
			},
			[]string{`tasks.a.do.in: uses the result of "b", which cannot have run before`}, workflow.ErrTaskCycle,
		},
		"loop over its own result": {
			func() []*workflow.Task {
				loop := workflow.For("a", &workflow.ForArgs{Do: workflow.TryBody(set("in", "1"))})
				loop.Config.(*workflow.ForArgs).In = loop
				return []*workflow.Task{loop}
			},
			[]string{`tasks.a: uses the result of "a" before it ends`}, workflow.ErrTaskCycle,
		},
		"dependency on an unknown task": {
			func() []*workflow.Task { return []*workflow.Task{set("a", "1").DependsOn(set("away", "1"))} },
			[]string{`tasks.a.depends_on: there is no task "away": add it to the workflow`}, workflow.ErrUnknownTask,
		},
		"dependency on itself": {
			func() []*workflow.Task {
				task := set("a", "1")
				return []*workflow.Task{task.DependsOn(task)}
			},
			[]string{"tasks.a.depends_on: the task depends on itself"}, workflow.ErrTaskCycle,
		},
		"dependency on a later task": {
			func() []*workflow.Task {
				later := set("b", "1")
				return []*workflow.Task{set("a", "1").DependsOn(later), later}
			},
			[]string{`tasks.a.depends_on: "b" cannot have run before: add it to the workflow earlier`}, workflow.ErrTaskCycle,
		},
		"dependencies in a circle": {
			func() []*workflow.Task {
				a, b, c := set("a", "1"), set("b", "1"), set("c", "1")
				return []*workflow.Task{a.DependsOn(c), b.DependsOn(a), c.DependsOn(b)}
			},
			[]string{
				`tasks.a.depends_on: "a" and "c" depend on each other: remove one of the two`,
				`tasks.b.depends_on: "b" and "a" depend on each other`, `tasks.c.depends_on: "c" and "b" depend on each other`,
			},
			workflow.ErrTaskCycle,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := newWorkflow(t).AddTasks(c.tasks()...).ToProto()
			wantProblems(t, err, c.want...)
			wantCause(t, err, c.cause)
		})
	}
}

func TestOrdersThatCanRunAreAllowed(t *testing.T) {
	cases := map[string]func() []*workflow.Task{
		"forward": func() []*workflow.Task {
			first := set("a", "1").Then("c")
			return []*workflow.Task{first, set("b", "1"), set("c", first.Field("x").Expression()).DependsOn(first)}
		},
		"branches that meet": func() []*workflow.Task {
			left := set("left", "1").Then("after")
			right := set("right", "1")
			return []*workflow.Task{
				choose("a", "left", "right"), left, right,
				set("after", left.Field("x").Expression()+right.Field("x").Expression()),
			}
		},
		"a circle that a case leaves": func() []*workflow.Task {
			check := set("check", "1")
			return []*workflow.Task{check, choose("done", "wait", "end"), workflow.Wait("wait", &workflow.WaitArgs{Seconds: 1}).ThenRef(check)}
		},
		"the result of the round before": func() []*workflow.Task {
			wait := set("wait", "1").Then("check")
			return []*workflow.Task{set("check", wait.Field("x").Expression()), choose("done", "end", "wait"), wait}
		},
		"its own result of the round before": func() []*workflow.Task {
			count := set("count", "1")
			count.Config.(*workflow.SetArgs).Variables["value"] = count.Field("value").Expression()
			return []*workflow.Task{count, choose("done", "end", "again"), set("again", "1").ThenRef(count)}
		},
		"directives": func() []*workflow.Task {
			return []*workflow.Task{set("a", "1").Then("continue"), set("b", "1").Then("exit"), set("c", "1").End()}
		},
		"the result of a task inside another one": func() []*workflow.Task {
			inner := set("inner", "1")
			return []*workflow.Task{
				workflow.Try("a", &workflow.TryArgs{Try: workflow.TryBody(inner)}), set("b", inner.Field("x").Expression()),
			}
		},
		"an outer result inside another task": func() []*workflow.Task {
			first := set("a", "1")
			return []*workflow.Task{first, workflow.Fork("b", &workflow.ForkArgs{Branches: workflow.ForkBranches(
				workflow.ForkBranch("left", set("l", first.Field("x").Expression())),
				workflow.ForkBranch("right", set("r", first.Field("x").Expression())),
			)})}
		},
		"the same name inside and outside": func() []*workflow.Task {
			return []*workflow.Task{
				set("a", "1"), workflow.Try("b", &workflow.TryArgs{Try: workflow.TryBody(set("a", "1"))}),
			}
		},
	}
	for name, tasks := range cases {
		t.Run(name, func(t *testing.T) { convert(t, tasks()...) })
	}
}
