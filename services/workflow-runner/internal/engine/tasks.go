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

// keep puts the result of a task where later ones find it by the task's name.
func (st *step) keep(result any) outcome {
	st.scope.data[st.task.Name] = result
	return with(result)
}

// perform does what a task is for.
func (r *run) perform(ctx workflow.Context, st *step) (outcome, error) {
	switch config := st.task.Config.(type) {
	case *tasksv1.SetTaskConfig:
		return r.set(ctx, st, config)
	case *tasksv1.HttpCallTaskConfig:
		return r.httpCall(ctx, st, config)
	case *tasksv1.GrpcCallTaskConfig:
		return r.grpcCall(ctx, st, config)
	case *tasksv1.CallActivityTaskConfig:
		return r.callActivity(ctx, st, config)
	case *tasksv1.SwitchTaskConfig:
		return r.choose(ctx, st, config)
	case *tasksv1.ForTaskConfig:
		return r.loop(ctx, st, config)
	case *tasksv1.ForkTaskConfig:
		return r.fork(ctx, st, config)
	case *tasksv1.TryTaskConfig:
		return r.try(ctx, st, config)
	case *tasksv1.ListenTaskConfig:
		return r.listen(ctx, st, config)
	case *tasksv1.WaitTaskConfig:
		return r.wait(ctx, st, config)
	case *tasksv1.RaiseTaskConfig:
		return r.raise(ctx, st, config)
	case *tasksv1.RunTaskConfig:
		return r.runWorkflow(ctx, st, config)
	case *tasksv1.AgentCallTaskConfig:
		return r.agentCall(ctx, st, config)
	default:
		return outcome{}, fmt.Errorf("tasks of kind %s cannot be run", definition.KindName(st.task.Kind))
	}
}

// set evaluates variables; all of them see the state before the task.
func (r *run) set(ctx workflow.Context, st *step, config *tasksv1.SetTaskConfig) (outcome, error) {
	evaluated, err := r.object(ctx, st, texts(config.GetVariables()))
	if err != nil {
		return outcome{}, err
	}
	st.entry.input(r.texts, evaluated)
	maps.Copy(st.scope.data, evaluated)
	return with(evaluated), nil
}

// object evaluates all texts in an object, keys aside.
func (r *run) object(ctx workflow.Context, st *step, given map[string]any) (map[string]any, error) {
	evaluated, err := r.tree(ctx, st, given)
	if err != nil {
		return nil, err
	}
	object, ok := evaluated.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%T is no object", evaluated)
	}
	return object, nil
}

// texts is a map of texts as an object.
func texts(given map[string]string) map[string]any {
	object := make(map[string]any, len(given))
	for name, text := range given {
		object[name] = text
	}
	return object
}
