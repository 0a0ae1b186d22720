package workflow

import genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"

// RaiseTaskConfig is the settings of a RAISE task.
type RaiseTaskConfig = genworkflow.RaiseTaskConfig

// RaiseArgs is the settings of a RAISE task.
type RaiseArgs = RaiseTaskConfig

// Raise makes a task that fails the workflow, or enters the nearest catch. Add it with AddTask.
func Raise(name string, args *RaiseArgs) *Task {
	if args == nil {
		args = &RaiseArgs{}
	}
	return &Task{Name: name, Kind: TaskKindRaise, Config: args}
}
