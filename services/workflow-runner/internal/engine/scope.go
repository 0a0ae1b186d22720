package engine

import (
	"fmt"
	"maps"
	"reflect"

	"go.temporal.io/sdk/workflow"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/expression"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// scope is the state that a list of tasks sees and changes. Values in it are never changed in place.
type scope struct {
	// context is what tasks export, by the name of the task: `$context`.
	context map[string]any
	// data are the variables of SET tasks and the results of all others: `$data`, and the fields of `.`.
	data map[string]any
	// locals are the variables of loops and of catches.
	locals map[string]any
	// output is the result of the last task that had one.
	output any
}

func newScope() *scope {
	return &scope{context: map[string]any{}, data: map[string]any{}, locals: map[string]any{}}
}

// inner is a scope for a round or a branch: it starts with the same values and keeps its changes for itself.
func (s *scope) inner() *scope {
	return &scope{context: maps.Clone(s.context), data: maps.Clone(s.data), locals: maps.Clone(s.locals)}
}

// with adds a local variable for a while and returns what takes it away.
func (s *scope) with(name string, v any) (remove func()) {
	before, shadowed := s.locals[name]
	s.locals[name] = v
	return func() {
		if shadowed {
			s.locals[name] = before
			return
		}
		delete(s.locals, name)
	}
}

// sight is what the expressions of a task see.
func (r *run) sight(ctx workflow.Context, task *definition.Task, s *scope) expression.Scope {
	info := workflow.GetInfo(ctx)
	root := map[string]any{}
	if given, ok := r.input.Input.V.(map[string]any); ok {
		maps.Copy(root, given)
	}
	maps.Copy(root, s.data)
	maps.Copy(root, s.locals)
	maps.Copy(root, map[string]any{
		definition.SecretsField:    r.environment,
		definition.EnvVarsField:    r.environment,
		definition.EnvVariable:     r.environment,
		definition.ContextVariable: s.context,
		definition.InputVariable:   r.input.Input.V,
		definition.TaskField:       map[string]any{"name": task.Name},
		definition.WorkflowField: map[string]any{
			"execution_id": r.input.ExecutionID,
			"organization": r.input.Organization,
			"namespace":    r.document.GetNamespace(),
			"name":         r.document.GetName(),
			"version":      r.document.GetVersion(),
			"id":           info.WorkflowExecution.ID,
			"run_id":       info.WorkflowExecution.RunID,
		},
	})
	variables := maps.Clone(s.locals)
	maps.Copy(variables, map[string]any{
		definition.ContextVariable: s.context,
		definition.DataVariable:    s.data,
		definition.EnvVariable:     r.environment,
		definition.InputVariable:   r.input.Input.V,
		definition.OutputVariable:  s.output,
	})
	return expression.Scope{
		Input:       root,
		Variables:   variables,
		Environment: r.environment,
		Now:         float64(workflow.Now(ctx).UnixMicro()) / 1e6,
		UUIDs:       r.uuids,
	}
}

// evaluate evaluates something for a task. In a run with secrets it does so twice, with two spellings of their
// placeholders: results that differ in more than that depend on a secret's value, which no expression knows.
func (r *run) evaluate(seen expression.Scope, compute func(expression.Scope) (any, error)) (any, error) {
	before := *r.uuids
	result, err := compute(seen)
	if err != nil || !r.hasSecrets {
		return result, err
	}
	after := *r.uuids
	*r.uuids = before
	probe := seen
	probe.Input = r.texts.Probe(seen.Input)
	probe.Variables, _ = r.texts.Probe(seen.Variables).(map[string]any)
	probed, err := compute(probe)
	*r.uuids = after
	if err != nil || !reflect.DeepEqual(r.texts.Probe(result), probed) {
		return nil, fmt.Errorf("an expression works on the value of a secret; secrets can only be handed on, whole or as " +
			"part of a text")
	}
	return result, nil
}

// tree evaluates all texts in a value.
func (r *run) tree(ctx workflow.Context, st *step, v any) (any, error) {
	evaluated, err := r.evaluate(r.sight(ctx, st.task, st.scope), func(seen expression.Scope) (any, error) {
		return r.compiler.Tree(v, seen)
	})
	if err == nil && !value.Fits(evaluated, valueLimit) {
		err = fmt.Errorf("the settings have more than %d bytes with their expressions replaced, which is the limit", valueLimit)
	}
	return evaluated, err
}

// query evaluates a condition or a list.
func (r *run) query(ctx workflow.Context, st *step, text string) (any, error) {
	return r.evaluate(r.sight(ctx, st.task, st.scope), func(seen expression.Scope) (any, error) {
		return r.compiler.Query(text, seen)
	})
}
