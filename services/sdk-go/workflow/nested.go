package workflow

import (
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
)

// unwritable marks the settings of a nested task that could not be written, with the reason. The functions that nest tasks
// have no error to return, so the reason travels to where the workflow is checked.
const unwritable = "\x00unwritable"

// nest makes the form of a task that belongs to another one, and takes it off the list of its workflow.
func nest(task *Task) *types.WorkflowTask {
	if task == nil {
		return &types.WorkflowTask{}
	}
	if task.owner != nil {
		task.owner.release(task)
	}
	task.nested = &types.WorkflowTask{Name: task.Name, Kind: string(task.Kind)}
	if config, err := configOf(task); err != nil {
		task.nested.TaskConfig = map[string]interface{}{unwritable: err.Error()}
	} else {
		task.nested.TaskConfig = config.AsMap()
	}
	task.updateNested()
	return task.nested
}

// nestedField are the settings that hold tasks.
var nestedField = map[string]bool{"do": true, "branches": true, "try": true, "catch": true}

// nestedList is a list of tasks inside another task.
type nestedList struct {
	name  string
	tasks []*workflowv1.WorkflowTask
}

// nestedLists finds the lists of tasks inside a task. Settings that cannot be read hold none; that is reported elsewhere.
func nestedLists(task *workflowv1.WorkflowTask) []nestedList {
	message, err := readSettings(task.GetKind(), task.GetTaskConfig())
	if err != nil {
		return nil
	}
	switch config := message.(type) {
	case *tasks.ForTaskConfig:
		return []nestedList{{"do", config.GetDo()}}
	case *tasks.ForkTaskConfig:
		var lists []nestedList
		for _, branch := range config.GetBranches() {
			lists = append(lists, nestedList{"branches." + branch.GetName() + ".do", branch.GetDo()})
		}
		return lists
	case *tasks.TryTaskConfig:
		return []nestedList{{"try", config.GetTry()}, {"catch.do", config.GetCatch().GetDo()}}
	default:
		return nil
	}
}

// caseTargets lists where the cases of a SWITCH go on, and whether one of them always holds.
func caseTargets(task *workflowv1.WorkflowTask) (targets []string, hasDefault bool) {
	message, err := readSettings(task.GetKind(), task.GetTaskConfig())
	if err != nil {
		return nil, false
	}
	config, ok := message.(*tasks.SwitchTaskConfig)
	if !ok {
		return nil, false
	}
	for _, branch := range config.GetCases() {
		targets = append(targets, branch.GetThen())
		hasDefault = hasDefault || branch.GetWhen() == ""
	}
	return targets, hasDefault
}
