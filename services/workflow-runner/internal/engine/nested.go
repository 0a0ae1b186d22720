package engine

import (
	"fmt"
	"maps"
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	tasksv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// round is one element that a FOR goes over.
type round struct {
	// key is the number of the round, or the key of an object.
	key     any
	element any
}

// rounds are what a FOR goes over: the elements of a list, the entries of an object in the order of their keys, or the
// numbers from 0 up to a number.
func rounds(in any) ([]round, error) {
	var all []round
	switch in := in.(type) {
	case []any:
		for i, element := range in {
			all = append(all, round{key: i, element: element})
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(in)) {
			all = append(all, round{key: key, element: in[key]})
		}
	case int:
		for i := range min(in, taskLimit+1) {
			all = append(all, round{key: i, element: i})
		}
	default:
		text, err := value.Text(in)
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("in: gives %s, which is no list", clip(text, 100))
	}
	return all, nil
}

// loop runs tasks once per element. Its result is the list of what the rounds gave.
func (r *run) loop(ctx workflow.Context, st *step, config *tasksv1.ForTaskConfig) (outcome, error) {
	in, err := r.query(ctx, st, config.GetIn())
	if err != nil {
		return outcome{}, fmt.Errorf("in: %w", err)
	}
	all, err := rounds(in)
	if err != nil {
		return outcome{}, err
	}
	st.entry.input(r.texts, map[string]any{"each": config.GetEach(), "in": in})
	results := make([]any, 0, len(all))
	for i, one := range all {
		inner := st.scope.inner()
		inner.locals[config.GetEach()] = one.element
		inner.locals[definition.IndexVariable] = one.key
		place := fmt.Sprintf("%s[%d]/", st.entry.shown.GetTaskId(), i)
		ended, err := r.list(ctx, st.task.Blocks[0].Tasks, inner, place)
		if err != nil {
			return outcome{}, within(err, fmt.Sprintf("round %d", i))
		}
		results = append(results, inner.output)
		if ended {
			return outcome{result: results, hasResult: true, ended: true}, nil
		}
	}
	return st.keep(results), nil
}

// branch is one of the lists that a FORK runs side by side.
type branch struct {
	name  string
	scope *scope
	ended bool
	err   error
}

// fork runs branches side by side. Its result is an object with what each branch gave; when branches compete, it is what
// the first one gave that ended.
func (r *run) fork(ctx workflow.Context, st *step, config *tasksv1.ForkTaskConfig) (outcome, error) {
	st.entry.input(r.texts, map[string]any{"compete": config.GetCompete(), "branches": len(st.task.Blocks)})
	var done []*branch
	decisive := func(b *branch) bool { return config.GetCompete() || b.err != nil || b.ended }
	running, cancel := workflow.WithCancel(ctx)
	defer cancel()
	for _, block := range st.task.Blocks {
		one := &branch{name: block.Name, scope: st.scope.inner()}
		workflow.GoNamed(running, "branch "+block.Name, func(ctx workflow.Context) {
			place := fmt.Sprintf("%s/%s/", st.entry.shown.GetTaskId(), block.Name)
			one.ended, one.err = r.list(ctx, block.Tasks, one.scope, place)
			done = append(done, one)
		})
	}
	complete := func() bool { return len(done) == len(st.task.Blocks) }
	err := workflow.Await(ctx, func() bool { return complete() || slices.ContainsFunc(done, decisive) })
	// Those that still run have lost, or the whole run is cancelled. They end before the task does, so that nothing
	// happens behind its back.
	decided := len(done)
	cancel()
	patient, _ := workflow.NewDisconnectedContext(ctx)
	if waited := workflow.Await(patient, complete); waited != nil {
		return outcome{}, waited
	}
	if err != nil {
		return outcome{}, err
	}
	return st.joined(config, done, decided)
}

// joined is the outcome of branches, in the order in which they ended; the first ones ended by themselves.
func (st *step) joined(config *tasksv1.ForkTaskConfig, done []*branch, decided int) (outcome, error) {
	results := map[string]any{}
	for _, one := range done[:decided] {
		switch {
		case one.err != nil:
			return outcome{}, within(one.err, fmt.Sprintf("branch %q", one.name))
		case one.ended:
			return outcome{result: one.scope.output, hasResult: true, ended: true}, nil
		case config.GetCompete():
			st.entry.note("winner", one.name)
			return st.keep(one.scope.output), nil
		}
		results[one.name] = one.scope.output
	}
	return st.keep(results), nil
}

// try runs tasks, and others when one of them fails. The tasks of both see and change the state around them.
func (r *run) try(ctx workflow.Context, st *step, config *tasksv1.TryTaskConfig) (outcome, error) {
	result, err := r.part(ctx, st, st.task.Blocks[0])
	if err == nil || config.GetCatch() == nil || temporal.IsCanceledError(err) {
		return result, err
	}
	st.entry.note("caught", clip(r.texts.HideText(err.Error()), errorLimit))
	defer st.scope.with(definition.ErrorVariable(config.GetCatch()), caught(ctx, err))()
	return r.part(ctx, st, st.task.Blocks[1])
}

// part runs one of the two lists of a TRY.
func (r *run) part(ctx workflow.Context, st *step, block *definition.Block) (outcome, error) {
	outer := st.scope.output
	st.scope.output = nil
	ended, err := r.list(ctx, block.Tasks, st.scope, fmt.Sprintf("%s/%s/", st.entry.shown.GetTaskId(), block.Name))
	output := st.scope.output
	if err != nil {
		st.scope.output = outer
		return outcome{}, err
	}
	if output == nil {
		// Nothing inside had a result, so that the one from before stays.
		st.scope.output = outer
		return outcome{ended: ended}, nil
	}
	made := st.keep(output)
	made.ended = ended
	return made, nil
}
