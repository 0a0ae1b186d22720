package workflow

import genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"

// SetTaskConfig is the settings of a SET task.
type SetTaskConfig = genworkflow.SetTaskConfig

// SetArgs is the settings of a SET task.
type SetArgs = SetTaskConfig

// Set makes a task that puts values into the workflow's state.
func Set(name string, args *SetArgs) *Task {
	if args == nil {
		args = &SetArgs{}
	}
	if args.Variables == nil {
		args.Variables = map[string]string{}
	}
	return &Task{Name: name, Kind: TaskKindSet, Config: args}
}

// Set adds a task that puts values into the workflow's state.
func (w *Workflow) Set(name string, args *SetArgs) *Task { return w.add(Set(name, args)) }

// add puts a new task at the end.
func (w *Workflow) add(task *Task) *Task {
	w.AddTask(task)
	return task
}
