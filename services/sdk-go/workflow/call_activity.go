package workflow

import genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"

// CallActivityTaskConfig is the settings of a CALL_ACTIVITY task.
type CallActivityTaskConfig = genworkflow.CallActivityTaskConfig

// CallActivityArgs is the settings of a CALL_ACTIVITY task.
type CallActivityArgs = CallActivityTaskConfig

// CallActivity makes a task that runs an activity of the workflow's task queue. Add it with AddTask.
func CallActivity(name string, args *CallActivityArgs) *Task {
	if args == nil {
		args = &CallActivityArgs{}
	}
	if args.Input == nil {
		args.Input = map[string]interface{}{}
	}
	return &Task{Name: name, Kind: TaskKindCallActivity, Config: args}
}
