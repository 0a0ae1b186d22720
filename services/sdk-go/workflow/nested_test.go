package workflow_test

import (
	"testing"

	"github.com/stigmer/stigmer/sdk/go/workflow"
)

func TestATaskOfTheListMovesIntoAnotherTask(t *testing.T) {
	wf := newWorkflow(t)
	loop := wf.ForEach("loop", &workflow.ForArgs{
		In: "${ [1, 2] }",
		Do: workflow.LoopBody(func(item workflow.LoopVar) []*workflow.Task {
			return []*workflow.Task{wf.Set("inside", &workflow.SetArgs{Variables: map[string]string{"v": item.Value()}})}
		}),
	})
	wf.Set("after", &workflow.SetArgs{Variables: map[string]string{"v": "1"}}).DependsOn(loop)
	converted, err := wf.ToProto()
	if err != nil {
		t.Fatal(err)
	}
	tasks := converted.GetSpec().GetTasks()
	if len(tasks) != 2 || tasks[0].GetName() != "loop" || tasks[1].GetName() != "after" || len(wf.Tasks) != 2 {
		t.Fatalf("the list is %v", tasks)
	}
	want := `{"do":[{"kind":"WORKFLOW_TASK_KIND_SET","name":"inside","task_config":{"variables":{"v":"${.item}"}}}],` +
		`"each":"item","in":"${ [1, 2] }"}`
	if got := configText(t, tasks[0]); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestATaskInsideAnotherOneCanStillBeChanged(t *testing.T) {
	first, second := set("first", "1"), set("second", "1")
	body := workflow.TryBody(first, second)
	first.ThenRef(second)
	first.Field("value")
	second.End()
	task := convert(t, workflow.Try("attempt", &workflow.TryArgs{Try: body}))[0]
	want := `{"try":[` +
		`{"export":{"as":"${.}"},"flow":{"then":"second"},"kind":"WORKFLOW_TASK_KIND_SET","name":"first",` +
		`"task_config":{"variables":{"value":"1"}}},` +
		`{"flow":{"then":"end"},"kind":"WORKFLOW_TASK_KIND_SET","name":"second","task_config":{"variables":{"value":"1"}}}]}`
	if got := configText(t, task); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheSameWorkflowConvertsTwiceToTheSame(t *testing.T) {
	wf := newWorkflow(t)
	wf.Try("attempt", &workflow.TryArgs{Try: workflow.TryBody(wf.HttpGet("get", "http://a", nil))})
	first, err := wf.ToProto()
	if err != nil {
		t.Fatal(err)
	}
	second, err := wf.ToProto()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := configText(t, second.GetSpec().GetTasks()[0]), configText(t, first.GetSpec().GetTasks()[0]); got != want {
		t.Errorf("got %s, then %s", want, got)
	}
}
