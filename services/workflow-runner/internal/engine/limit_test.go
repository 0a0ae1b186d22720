package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
)

const anHour = `{"seconds":3600}`

// limitedTo gives a run that much time.
func (b *bench) limitedTo(limit time.Duration) *bench {
	b.input.Deadline = b.Now().Add(limit)
	b.input.Policy.RunLimit = limit
	return b
}

func TestARunThatTakesTooLongEndsItselfAsFailed(t *testing.T) {
	b := newBench(t).limitedTo(time.Minute)
	got := b.failed(list(set("first", `{"x":"1"}`),
		task("attempt", "TRY", `{"try":`+list(task("pause", "WAIT", anHour))+`,"catch":{"as":"e","do":`+list(set("caught", `{"x":"2"}`))+`}}`),
		set("never", `{"x":"3"}`)))
	want := "the execution took longer than 1m0s (STIGMER_TIMEOUT_WORKFLOW_RUN)"
	if got != want {
		t.Errorf("error is %q", got)
	}
	if diff := cmp.Diff([]string{"first COMPLETED", "attempt FAILED", "attempt/try/pause FAILED"}, order(b.final())); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if pause := b.final().GetTasks()[2]; pause.GetError() != want || pause.GetCompletedAt() == "" {
		t.Errorf("the task says %v", pause)
	}
}

func TestARunThatEndsInTimeHasNoLimitLeft(t *testing.T) {
	b := newBench(t).limitedTo(2 * time.Hour)
	start := b.Now()
	b.completed(list(task("pause", "WAIT", anHour), set("last", `{"x":"1"}`)))
	if took := b.Now().Sub(start); took >= 2*time.Hour {
		t.Errorf("an hour took %s", took)
	}
}

func TestACancellationBeforeTheLimitIsOne(t *testing.T) {
	b := newBench(t).limitedTo(time.Minute)
	b.RegisterDelayedCallback(b.CancelWorkflow, time.Second)
	status := b.run(list(task("pause", "WAIT", anHour)))
	if status.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED || status.GetError() != "cancelled" {
		t.Errorf("%s: %s", status.GetPhase(), status.GetError())
	}
	if diff := cmp.Diff([]string{"pause SKIPPED"}, order(status)); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
}

func TestACancellationOfARunThatIsOverdueIsItsLimit(t *testing.T) {
	b := newBench(t).limitedTo(time.Minute)
	b.RegisterDelayedCallback(b.CancelWorkflow, time.Minute)
	if got := b.failed(list(task("pause", "WAIT", anHour))); got == "" {
		t.Error("no error")
	}
}
