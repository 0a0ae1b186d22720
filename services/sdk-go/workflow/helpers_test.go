package workflow_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/stigmer/stigmer/sdk/go/workflow"
)

// newWorkflow makes a workflow that is right but for its tasks.
func newWorkflow(t *testing.T) *workflow.Workflow {
	t.Helper()
	wf, err := workflow.New(nil, "tests/flow", nil)
	if err != nil {
		t.Fatal(err)
	}
	return wf
}

// convert gives the tasks of a workflow that is right.
func convert(t *testing.T, tasks ...*workflow.Task) []*workflowv1.WorkflowTask {
	t.Helper()
	converted, err := newWorkflow(t).AddTasks(tasks...).ToProto()
	if err != nil {
		t.Fatal(err)
	}
	return converted.GetSpec().GetTasks()
}

// configText gives the settings of a task as JSON without blanks, with sorted names.
func configText(t *testing.T, task *workflowv1.WorkflowTask) string {
	t.Helper()
	encoded, err := protojson.Marshal(task.GetTaskConfig())
	if err != nil {
		t.Fatal(err)
	}
	// protojson puts blanks behind separators in some builds and not in others, to keep people from comparing its bytes.
	var text bytes.Buffer
	if err := json.Compact(&text, encoded); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// wantProblems checks that an error has exactly these lines, in any order.
func wantProblems(t *testing.T, err error, want ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want:\n%s", strings.Join(want, "\n"))
	}
	got := strings.Split(err.Error(), "\n")
	if len(got) > 1 {
		got = got[1:]
	}
	missing := []string{}
	for _, line := range want {
		if !strings.Contains(err.Error(), line) {
			missing = append(missing, line)
		}
	}
	if len(missing) > 0 || len(got) != len(want) {
		t.Errorf("%d problems, want %d; missing %q; got:\n%v", len(got), len(want), missing, err)
	}
}

func wantCause(t *testing.T, err, cause error) {
	t.Helper()
	if !errors.Is(err, cause) {
		t.Errorf("errors.Is(err, %q) is false for:\n%v", cause, err)
	}
}

// set makes a task that is right.
func set(name string, value string) *workflow.Task {
	return workflow.Set(name, &workflow.SetArgs{Variables: map[string]string{"value": value}})
}
