package workflow

import (
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"
)

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
			lists = append(lists, nestedList{"branches." + branch.GetName(), branch.GetDo()})
		}
		return lists
	case *tasks.TryTaskConfig:
		return []nestedList{{"try", config.GetTry()}, {"catch", config.GetCatch().GetDo()}}
	default:
		return nil
	}
}

// caseTargets lists where the cases of a SWITCH go on.
func caseTargets(task *workflowv1.WorkflowTask) []string {
	message, err := readSettings(task.GetKind(), task.GetTaskConfig())
	if err != nil {
		return nil
	}
	config, ok := message.(*tasks.SwitchTaskConfig)
	if !ok {
		return nil
	}
	var targets []string
	for _, branch := range config.GetCases() {
		targets = append(targets, branch.GetThen())
	}
	return targets
}
