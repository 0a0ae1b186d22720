package engine

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/secret"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

const (
	// reportTimeout limits one report: a little more than the one call that it makes, and less than the 8 s after which
	// Temporal wants to hear of a workflow task that is at work.
	reportTimeout = 6 * time.Second
	// firstPause and longestPause are the pauses after a report that did not arrive: short at first for a server that
	// is restarted, long later because each attempt adds five events to the history.
	firstPause   = 100 * time.Millisecond
	longestPause = 15 * time.Second
	// pauseEvery is the number of tasks after which a run lets its report go out. A run that never waits would
	// otherwise be silent, and be taken for stuck after a second.
	pauseEvery = 100
	pauseShare = 4
	// reportLimit bounds the inputs and outputs in one report, in bytes; the newest are kept. With the rest of the tasks
	// it stays under the 4 MiB that a gRPC server takes unless it is told otherwise.
	reportLimit = 2 << 20
)

// reporter tells the server about the tasks of a run: always all of them, in the order in which they began, one report
// at a time. What happens between two points where the run waits is one report.
type reporter struct {
	caller  message.Caller
	texts   *secret.Texts
	limit   limit
	tasks   []*entry
	visits  map[string]int
	dirty   bool
	sending bool
	failing bool
	stopped bool
	paused  int
}

// start sends reports in the background. What it returns ends that and waits for a report that is under way, so that it
// cannot arrive after the last one.
func (j *reporter) start(ctx workflow.Context) (stop func(workflow.Context)) {
	background, _ := workflow.NewDisconnectedContext(ctx)
	background, cancel := workflow.WithCancel(background)
	workflow.GoNamed(background, "reporter", func(ctx workflow.Context) {
		pause := firstPause
		for {
			if workflow.Await(ctx, func() bool { return j.dirty || j.stopped }) != nil || j.stopped {
				return
			}
			j.sending = true
			err := j.send(ctx, j.snapshot())
			j.sending, j.failing = false, err != nil
			if err == nil {
				pause = firstPause
				continue
			}
			j.dirty = true
			if workflow.Sleep(ctx, pause) != nil {
				return
			}
			pause = min(2*pause, longestPause)
		}
	})
	return func(ctx workflow.Context) {
		j.stopped = true
		if j.sending {
			patient, _ := workflow.NewDisconnectedContext(ctx)
			_ = workflow.Await(patient, func() bool { return !j.sending })
		}
		cancel()
	}
}

// pause lets the reporter work once in a while.
func (j *reporter) pause(ctx workflow.Context, begun int) {
	// A report has all tasks, so that a long run makes fewer of them.
	if begun < j.paused+max(pauseEvery, begun/pauseShare) {
		return
	}
	j.paused = begun
	// Cancellation is noticed by the next task.
	if j.failing {
		_ = workflow.Sleep(ctx, time.Millisecond)
		return
	}
	_ = workflow.Await(ctx, func() bool { return !j.dirty || j.failing })
}

// finish reports the end of the run, as long as it takes; the limit of the run bounds it.
func (j *reporter) finish(ctx workflow.Context, final *workflowexecutionv1.WorkflowExecutionStatus) {
	patient, _ := workflow.NewDisconnectedContext(ctx)
	last := j.snapshot()
	proto.Merge(last, final)
	for pause := firstPause; j.send(patient, last) != nil; pause = min(2*pause, longestPause) {
		if workflow.Sleep(patient, pause) != nil {
			return
		}
	}
}

// snapshot is the status as it is now. The activity reads it while the run goes on, so it is a copy.
func (j *reporter) snapshot() *workflowexecutionv1.WorkflowExecutionStatus {
	j.dirty = false
	status := &workflowexecutionv1.WorkflowExecutionStatus{
		Phase: workflowexecutionv1.ExecutionPhase_EXECUTION_IN_PROGRESS,
		Tasks: make([]*workflowexecutionv1.WorkflowTask, len(j.tasks)),
	}
	budget := reportLimit
	for i := len(j.tasks) - 1; i >= 0; i-- {
		task := proto.CloneOf(j.tasks[i].shown)
		if budget -= proto.Size(task.GetInput()) + proto.Size(task.GetOutput()); budget < 0 {
			task.Input, task.Output = omitted(task.GetInput()), omitted(task.GetOutput())
		}
		status.Tasks[i] = task
	}
	return status
}

// omitted stands for the values of old tasks in a report that would be too large.
func omitted(values *structpb.Struct) *structpb.Struct {
	if values == nil {
		return nil
	}
	return value.Struct(map[string]any{"omitted": "the run has had too many tasks to show all values"})
}

func (j *reporter) send(ctx workflow.Context, status *workflowexecutionv1.WorkflowExecutionStatus) error {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: reportTimeout,
		// Attempts are repeated by the callers, with news if there are any.
		RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	return workflow.ExecuteLocalActivity(ctx, message.ReportActivity, j.caller, status).Get(ctx, nil)
}
