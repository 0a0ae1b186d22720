package workflow

import (
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"
)

// loopElement is the name under which the tasks of a loop see the element.
const loopElement = "item"

// ForTaskConfig is the settings of a FOR task.
type ForTaskConfig = genworkflow.ForTaskConfig

// ForArgs is the settings of a FOR task.
type ForArgs = ForTaskConfig

// For makes a task that runs others once per element of a list.
func For(name string, args *ForArgs) *Task {
	if args == nil {
		args = &ForArgs{}
	}
	if args.Do == nil {
		args.Do = []*types.WorkflowTask{}
	}
	if args.Each == "" {
		args.Each = loopElement
	}
	return &Task{Name: name, Kind: TaskKindFor, Config: args}
}

// ForEach adds a task that runs others once per element of a list.
func (w *Workflow) ForEach(name string, args *ForArgs) *Task { return w.add(For(name, args)) }

// LoopVar is the element of a loop.
type LoopVar struct {
	varName string
}

// Field refers to a field of the element, such as "name" or "author.name".
func (v LoopVar) Field(fieldName string) string {
	return "${." + firstOf(v.varName, loopElement) + "." + fieldName + "}"
}

// Value refers to the whole element.
func (v LoopVar) Value() string { return "${." + firstOf(v.varName, loopElement) + "}" }

// LoopBody makes the tasks of a loop. The function gets the element, which is called "item": leave ForArgs.Each empty.
func LoopBody(fn func(LoopVar) []*Task) []*types.WorkflowTask {
	return TryBody(fn(LoopVar{varName: loopElement})...)
}
