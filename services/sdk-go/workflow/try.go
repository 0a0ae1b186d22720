package workflow

import (
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"
)

// errorName is the name under which the tasks of a catch see the error.
const errorName = "error"

// TryTaskConfig is the settings of a TRY task.
type TryTaskConfig = genworkflow.TryTaskConfig

// TryArgs is the settings of a TRY task.
type TryArgs = TryTaskConfig

// Try makes a task that runs others, and yet others when one of them fails.
func Try(name string, args *TryArgs) *Task {
	if args == nil {
		args = &TryArgs{}
	}
	if args.Try == nil {
		args.Try = []*types.WorkflowTask{}
	}
	return &Task{Name: name, Kind: TaskKindTry, Config: args}
}

// Try adds a task that runs others, and yet others when one of them fails.
func (w *Workflow) Try(name string, args *TryArgs) *Task { return w.add(Try(name, args)) }

// TryBody makes the tasks that may fail. A task of the workflow's own list moves off the list: it runs here.
func TryBody(tasks ...*Task) []*types.WorkflowTask {
	nested := make([]*types.WorkflowTask, 0, len(tasks))
	for _, task := range tasks {
		nested = append(nested, nest(task))
	}
	return nested
}

// CatchBody makes the tasks that run after a failure. They see the error under the name.
func CatchBody(errorVar string, tasks ...*Task) *types.CatchBlock {
	return &types.CatchBlock{As: errorVar, Do: TryBody(tasks...)}
}

// ErrorRef refers to the error of a catch.
type ErrorRef struct {
	varName string
}

// NewErrorRef refers to the error under the name that CatchBody was given; empty means "error".
func NewErrorRef(varName string) ErrorRef { return ErrorRef{varName: firstOf(varName, errorName)} }

// Message is what went wrong.
func (e ErrorRef) Message() string { return e.Field("message") }

// Type is the type of the error, such as ErrorTypeHTTPCall.
func (e ErrorRef) Type() string { return e.Field("type") }

// Timestamp is when it went wrong.
func (e ErrorRef) Timestamp() string { return e.Field("timestamp") }

// StackTrace is where it went wrong, where that is known.
func (e ErrorRef) StackTrace() string { return e.Field("stackTrace") }

// Field is any field of the error.
func (e ErrorRef) Field(fieldName string) string { return "${." + e.varName + "." + fieldName + "}" }
