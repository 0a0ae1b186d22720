package engine

import (
	"fmt"
	"maps"

	"go.temporal.io/sdk/workflow"

	tasksv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
)

// step is one task at work.
type step struct {
	task  *definition.Task
	scope *scope
	entry *entry
}

// outcome is what became of a task.
type outcome struct {
	result    any
	hasResult bool
	// display is shown in the status in place of a result.
	display any
	// next is where the task leads, empty for where its flow does.
	next string
	// ended tells that a task inside ended the whole workflow.
	ended bool
}

func (o outcome) shown() any {
	if o.hasResult {
		return o.result
	}
	return o.display
}

func with(result any) outcome { return outcome{result: result, hasResult: true} }

// perform does what a task is for.
func (r *run) perform(ctx workflow.Context, st *step) (outcome, error) {
	switch config := st.task.Config.(type) {
	case *tasksv1.SetTaskConfig:
		return r.set(ctx, st, config)
	default:
		return outcome{}, fmt.Errorf("tasks of kind %s cannot be run", definition.KindName(st.task.Kind))
	}
}

// keep puts the result of a task where later ones find it by the task's name.
func (st *step) keep(result any) outcome {
	st.scope.data[st.task.Name] = result
	return with(result)
}

// set evaluates variables; all of them see the state before the task.
func (r *run) set(ctx workflow.Context, st *step, config *tasksv1.SetTaskConfig) (outcome, error) {
	given := make(map[string]any, len(config.GetVariables()))
	for name, text := range config.GetVariables() {
		given[name] = text
	}
	evaluated, err := r.tree(ctx, st, given)
	if err != nil {
		return outcome{}, err
	}
	variables, ok := evaluated.(map[string]any)
	if !ok {
		return outcome{}, fmt.Errorf("variables are no object but %T", evaluated)
	}
	st.entry.input(r.texts, variables)
	maps.Copy(st.scope.data, variables)
	return with(variables), nil
}
