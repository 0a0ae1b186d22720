package workflow

import (
	"slices"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
)

// TaskKind is what a task does.
type TaskKind string

// The kinds of tasks.
const (
	TaskKindSet          TaskKind = "SET"
	TaskKindHttpCall     TaskKind = "HTTP_CALL"
	TaskKindGrpcCall     TaskKind = "GRPC_CALL"
	TaskKindCallActivity TaskKind = "CALL_ACTIVITY"
	TaskKindSwitch       TaskKind = "SWITCH"
	TaskKindFor          TaskKind = "FOR"
	TaskKindFork         TaskKind = "FORK"
	TaskKindTry          TaskKind = "TRY"
	TaskKindListen       TaskKind = "LISTEN"
	TaskKindWait         TaskKind = "WAIT"
	TaskKindRaise        TaskKind = "RAISE"
	TaskKindRun          TaskKind = "RUN"
	TaskKindAgentCall    TaskKind = "AGENT_CALL"
)

// EndFlow ends the workflow, as the target of Then and of a case.
const EndFlow = "end"

// exportEverything is the expression of a task's whole result.
const exportEverything = "${.}"

// TaskConfig is the settings of a task, such as SetTaskConfig.
type TaskConfig interface {
	IsTaskConfig()
}

// Task is one step of a workflow. Make it with Set, HttpGet and so on.
type Task struct {
	// Name is unique within the workflow: letters, digits, hyphens and underscores.
	Name string
	// Kind is what the task does.
	Kind TaskKind
	// Config is the settings of the kind.
	Config TaskConfig
	// ExportAs is an expression over the result; later tasks see it as $context["name of the task"].
	ExportAs string
	// ThenTask is the task that comes next, or "end"; empty means the next one on the list.
	ThenTask string
	// Dependencies are names of tasks that must come before this one.
	Dependencies []string

	// owner is the workflow on whose list the task is.
	owner *Workflow
	// nested is the form of a task that belongs to another task; it follows what is changed later.
	nested *types.WorkflowTask
}

// Expression refers to the whole result of the task.
func (t *Task) Expression() string {
	t.exportIfNeeded()
	return expressionOf(contextOf(t.Name))
}

// Field refers to a field of the task's result, such as "title" or "user.login". The task then exports its result.
func (t *Task) Field(fieldName string) TaskFieldRef {
	t.exportIfNeeded()
	return TaskFieldRef{taskName: t.Name, fieldName: fieldName}
}

// DependsOn says that tasks must come before this one. Tasks run in the order of the list; a task that uses another's field
// needs no DependsOn.
func (t *Task) DependsOn(tasks ...*Task) *Task {
	for _, task := range tasks {
		if !slices.Contains(t.Dependencies, task.Name) {
			t.Dependencies = append(t.Dependencies, task.Name)
		}
	}
	return t
}

// Export sets an expression over the result that later tasks see.
func (t *Task) Export(expr string) *Task {
	t.ExportAs = expr
	t.updateNested()
	return t
}

// ExportAll lets later tasks see the whole result.
func (t *Task) ExportAll() *Task { return t.Export(exportEverything) }

// ExportField lets later tasks see one field of the result in place of the result.
func (t *Task) ExportField(fieldName string) *Task {
	return t.Export("${" + fieldPath(fieldName) + "}")
}

// ExportFields lets later tasks see the result; they use the fields by their own names.
func (t *Task) ExportFields(fieldNames ...string) *Task { return t.ExportAll() }

// Then makes a later task the next one.
func (t *Task) Then(taskName string) *Task {
	t.ThenTask = taskName
	t.updateNested()
	return t
}

// ThenRef makes a later task the next one.
func (t *Task) ThenRef(task *Task) *Task { return t.Then(task.Name) }

// End ends the workflow after this task.
func (t *Task) End() *Task { return t.Then(EndFlow) }

func (t *Task) exportIfNeeded() {
	if t.ExportAs == "" {
		t.ExportAll()
	}
}

// updateNested keeps the form of a nested task equal to the task.
func (t *Task) updateNested() {
	if t.nested == nil {
		return
	}
	t.nested.Export, t.nested.Flow = nil, nil
	if t.ExportAs != "" {
		t.nested.Export = &types.Export{As: t.ExportAs}
	}
	if t.ThenTask != "" {
		t.nested.Flow = &types.FlowControl{Then: t.ThenTask}
	}
}
