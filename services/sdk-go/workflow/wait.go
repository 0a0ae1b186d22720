package workflow

import genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"

// WaitTaskConfig is the settings of a WAIT task.
type WaitTaskConfig = genworkflow.WaitTaskConfig

// WaitArgs is the settings of a WAIT task.
type WaitArgs = WaitTaskConfig

// Wait makes a task that pauses; the pause survives restarts. Add it with AddTask.
func Wait(name string, args *WaitArgs) *Task {
	if args == nil {
		args = &WaitArgs{}
	}
	return &Task{Name: name, Kind: TaskKindWait, Config: args}
}
