package engine

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	tasksv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// choose goes on at the first case that holds, or with the next task when none does.
func (r *run) choose(ctx workflow.Context, st *step, config *tasksv1.SwitchTaskConfig) (outcome, error) {
	cases := make([]any, 0, len(config.GetCases()))
	for _, way := range config.GetCases() {
		cases = append(cases, map[string]any{"name": way.GetName(), "when": way.GetWhen(), "then": way.GetThen()})
	}
	st.entry.input(r.texts, map[string]any{"cases": cases})
	for _, way := range config.GetCases() {
		holds := true
		if way.GetWhen() != "" {
			decided, err := r.query(ctx, st, way.GetWhen())
			if err == nil {
				holds, err = truth(decided)
			}
			if err != nil {
				return outcome{}, &taskError{kind: conditionError, text: fmt.Sprintf("case %q: %v", way.GetName(), err), cause: err}
			}
		}
		if holds {
			return outcome{
				next:    way.GetThen(),
				display: map[string]any{"case": way.GetName(), "then": way.GetThen()},
			}, nil
		}
	}
	return outcome{display: map[string]any{"case": nil}}, nil
}

// truth reads the result of a condition, also from a text, as the real Stigmer does.
func truth(v any) (bool, error) {
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	case string:
		return strings.EqualFold(v, "true") || v == "1", nil
	default:
		text, err := value.Text(v)
		if err != nil {
			return false, err
		}
		return false, fmt.Errorf("the condition gives %s, not true or false", clip(text, 100))
	}
}

// wait pauses durably.
func (r *run) wait(ctx workflow.Context, st *step, config *tasksv1.WaitTaskConfig) (outcome, error) {
	st.entry.input(r.texts, map[string]any{"seconds": int(config.GetSeconds())})
	return outcome{}, workflow.Sleep(ctx, time.Duration(config.GetSeconds())*time.Second)
}

// raise fails with an error of the user's.
func (r *run) raise(ctx workflow.Context, st *step, config *tasksv1.RaiseTaskConfig) (outcome, error) {
	evaluated, err := r.object(ctx, st, map[string]any{"error": config.GetError(), "message": config.GetMessage()})
	if err != nil {
		return outcome{}, err
	}
	st.entry.input(r.texts, evaluated)
	kind, err := value.Text(evaluated["error"])
	if err != nil {
		return outcome{}, err
	}
	text, err := value.Text(evaluated["message"])
	if err != nil {
		return outcome{}, err
	}
	return outcome{}, &taskError{kind: kind, text: kind + ": " + text, message: text}
}
