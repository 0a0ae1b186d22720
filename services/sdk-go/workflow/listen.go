package workflow

import genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"

// ListenTaskConfig is the settings of a LISTEN task.
type ListenTaskConfig = genworkflow.ListenTaskConfig

// ListenArgs is the settings of a LISTEN task.
type ListenArgs = ListenTaskConfig

// Listen makes a task that waits for signals. Add it with AddTask.
func Listen(name string, args *ListenArgs) *Task {
	if args == nil {
		args = &ListenArgs{}
	}
	return &Task{Name: name, Kind: TaskKindListen, Config: args}
}
