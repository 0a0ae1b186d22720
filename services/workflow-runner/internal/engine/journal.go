package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/secret"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// entry is a task in the status.
type entry struct {
	shown *workflowexecutionv1.WorkflowTask
	kind  string
	extra map[string]any
}

// input shows the settings of a task after its expressions were replaced.
func (e *entry) input(texts *secret.Texts, settings any) {
	e.shown.Input = value.Struct(show(texts, settings))
}

// note adds something to the metadata of a task.
func (e *entry) note(key string, v any) {
	e.extra[key] = v
	e.shown.Metadata = value.Struct(e.extra)
}

// id is unique within a run: where the task stands, with the round or the branch, and how often it was there before.
func (j *reporter) id(place string) string {
	if j.visits == nil {
		j.visits = map[string]int{}
	}
	for {
		j.visits[place]++
		visit := j.visits[place]
		if visit == 1 {
			return place
		}
		// A task may have the very name that this would be.
		if id := fmt.Sprintf("%s#%d", place, visit); j.visits[id] == 0 {
			j.visits[id]++
			return id
		}
	}
}

// activityID is the id of a task as that of its activity; Temporal takes no more than a thousand bytes.
func (e *entry) activityID() string {
	id := e.shown.GetTaskId()
	if len(id) <= activityIDLimit {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return strings.ToValidUTF8(id[:activityIDLimit], "") + "…" + hex.EncodeToString(sum[:8])
}

// activityIDLimit leaves ids readable in Temporal's own tools.
const activityIDLimit = 200

func (j *reporter) begin(ctx workflow.Context, task *definition.Task, prefix string) *entry {
	e := &entry{
		kind:  definition.KindName(task.Kind),
		extra: map[string]any{},
		shown: &workflowexecutionv1.WorkflowTask{
			TaskId:    j.id(prefix + task.Name),
			TaskName:  task.Name,
			TaskType:  taskType(task.Kind),
			Status:    workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_IN_PROGRESS,
			StartedAt: now(ctx),
		},
	}
	e.note("kind", e.kind)
	j.tasks = append(j.tasks, e)
	j.dirty = true
	return e
}

func (j *reporter) completed(ctx workflow.Context, e *entry, output any) {
	e.shown.Status = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_COMPLETED
	e.shown.Output = value.Struct(show(j.texts, output))
	e.shown.CompletedAt = now(ctx)
	j.dirty = true
}

func (j *reporter) failed(ctx workflow.Context, e *entry, err error) {
	e.shown.Status = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_FAILED
	switch {
	case !temporal.IsCanceledError(err):
	case j.limit.ended(ctx):
		err = j.limit
	default:
		e.shown.Status = workflowexecutionv1.WorkflowTaskStatus_WORKFLOW_TASK_SKIPPED
		err = errCancelled
	}
	e.shown.Error = clip(j.texts.HideText(err.Error()), errorLimit)
	e.shown.CompletedAt = now(ctx)
	j.dirty = true
}

var errCancelled = fmt.Errorf("cancelled")

// shownLimit bounds an input or output in a status, in bytes. Readers of a status want to see what happened; the whole
// value is in the history.
const shownLimit = 16 << 10

func show(texts *secret.Texts, v any) any {
	if v == nil {
		return nil
	}
	if !value.Fits(v, shownLimit) {
		return map[string]any{"omitted": fmt.Sprintf("more than %d bytes", shownLimit)}
	}
	return texts.Hide(v)
}

func taskType(kind apiresource.WorkflowTaskKind) workflowexecutionv1.WorkflowTaskType {
	switch kind {
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_SET:
		return workflowexecutionv1.WorkflowTaskType_WORKFLOW_TASK_TRANSFORM
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_HTTP_CALL,
		apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_GRPC_CALL:
		return workflowexecutionv1.WorkflowTaskType_WORKFLOW_TASK_API_CALL
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_SWITCH:
		return workflowexecutionv1.WorkflowTaskType_WORKFLOW_TASK_CONDITIONAL
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_FORK:
		return workflowexecutionv1.WorkflowTaskType_WORKFLOW_TASK_PARALLEL
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_AGENT_CALL:
		return workflowexecutionv1.WorkflowTaskType_WORKFLOW_TASK_AGENT_INVOCATION
	default:
		return workflowexecutionv1.WorkflowTaskType_WORKFLOW_TASK_CUSTOM
	}
}

func now(ctx workflow.Context) string { return workflow.Now(ctx).UTC().Format(time.RFC3339Nano) }
