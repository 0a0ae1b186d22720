package execution

import (
	"errors"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

func TestEveryEndOfAWorkflowIsExplained(t *testing.T) {
	for want, err := range map[string]error{
		"the execution took longer than 1m0s (STIGMER_TIMEOUT_WORKFLOW_RUN)": temporal.NewTimeoutError(
			enumspb.TIMEOUT_TYPE_START_TO_CLOSE, nil),
		"no luck":    temporal.NewApplicationError("no luck", "Unlucky"),
		"plain text": errors.New("plain text"),
	} {
		if got := explain(err, time.Minute); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTasksThatWereUnderWayEndWithTheRun(t *testing.T) {
	tasks := []*workflowexecutionv1.WorkflowTask{
		{TaskId: "a", Status: workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_COMPLETED},
		{TaskId: "b", Status: workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_IN_PROGRESS},
	}
	ended := abandoned(tasks, &workflowexecutionv1.WorkflowExecutionStatus{
		Phase: workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED, Error: "lost", CompletedAt: "now",
	})
	if ended[0].GetError() != "" || ended[1].GetError() != "lost" || ended[1].GetCompletedAt() != "now" ||
		ended[1].GetStatus() != workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_FAILED {
		t.Errorf("got %v", ended)
	}
}

func TestTheInputIsWhatTheCallerGave(t *testing.T) {
	for _, c := range []struct {
		spec *workflowexecutionv1.WorkflowExecutionSpec
		want string
	}{
		{&workflowexecutionv1.WorkflowExecutionSpec{}, `{}`},
		{&workflowexecutionv1.WorkflowExecutionSpec{
			TriggerMessage: "hello", TriggerMetadata: map[string]string{"a": "b"},
		}, `{"a":"b","message":"hello"}`},
		{&workflowexecutionv1.WorkflowExecutionSpec{
			TriggerMetadata: map[string]string{message.InputMetadata: `{"n":[1]}`, "other": "x"},
		}, `{"n":[1]}`},
	} {
		got, err := trigger(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := value.Text(got); text != c.want {
			t.Errorf("got %s, want %s", text, c.want)
		}
	}
	_, err := trigger(&workflowexecutionv1.WorkflowExecutionSpec{TriggerMetadata: map[string]string{message.InputMetadata: "{"}})
	if err == nil || !strings.Contains(err.Error(), "is no JSON") {
		t.Errorf("error is %v", err)
	}
}
