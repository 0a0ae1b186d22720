package workflow

import genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"

// RunTaskConfig is the settings of a RUN task.
type RunTaskConfig = genworkflow.RunTaskConfig

// RunArgs is the settings of a RUN task.
type RunArgs = RunTaskConfig

// Run makes a task that runs another workflow and waits for it. Add it with AddTask.
func Run(name string, args *RunArgs) *Task {
	if args == nil {
		args = &RunArgs{}
	}
	if args.Input == nil {
		args.Input = map[string]interface{}{}
	}
	return &Task{Name: name, Kind: TaskKindRun, Config: args}
}
