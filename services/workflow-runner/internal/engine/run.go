package engine

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/expression"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/secret"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

const (
	// taskLimit bounds the tasks of a run, rounds counted, so that a definition that goes back for ever ends. Their
	// list is sent whole with each report, some 300 bytes each.
	taskLimit = 5000
	// historyLimit bounds the events of a run; Temporal ends one with 51,200 of them without a word to the user.
	historyLimit = 45_000
	// valueLimit bounds the settings and the result of a task, in bytes: half of what Temporal takes in a payload
	// (2 MiB).
	valueLimit = 1 << 20
)

// run is one execution of a definition.
type run struct {
	input    message.Run
	limit    limit
	document *workflowv1.WorkflowDocument
	compiler *expression.Compiler
	texts    *secret.Texts
	uuids    *expression.UUIDs
	reporter *reporter
	// environment has placeholders for secrets.
	environment map[string]any
	hasSecrets  bool
	scope       *scope
	mail        mailboxes
	begun       int
}

func newRun(ctx workflow.Context, compiler *expression.Compiler, input message.Run) *run {
	r := &run{
		input:       input,
		limit:       limit{deadline: input.Deadline, value: input.Policy.RunLimit},
		compiler:    compiler,
		texts:       secret.NewTexts(input.Nonce),
		uuids:       &expression.UUIDs{Seed: workflow.GetInfo(ctx).WorkflowExecution.RunID},
		environment: map[string]any{},
		scope:       newScope(),
		mail:        mailboxes{},
	}
	for _, variable := range input.Variables {
		r.environment[variable.Name] = variable.Value
		if variable.Secret {
			r.hasSecrets = true
			r.environment[variable.Name] = secret.Placeholder(input.Nonce, variable.Name)
		}
	}
	r.reporter = &reporter{caller: r.caller(), texts: r.texts, limit: r.limit}
	return r
}

// list runs tasks that follow each other. It tells whether one of them ended the whole workflow.
func (r *run) list(ctx workflow.Context, tasks []*definition.Task, s *scope, prefix string) (ended bool, err error) {
	places := make(map[string]int, len(tasks))
	for i, task := range tasks {
		places[task.Name] = i
	}
	for i := 0; i < len(tasks); {
		next, err := r.step(ctx, tasks[i], s, prefix)
		if err != nil {
			return false, err
		}
		switch next {
		case "", definition.FlowContinue:
			i++
		case definition.FlowExit:
			return false, nil
		case definition.FlowEnd:
			return true, nil
		default:
			place, ok := places[next]
			if !ok {
				return false, fail(tasks[i], fmt.Errorf("no task named %q to go on with", next))
			}
			i = place
		}
	}
	return false, nil
}

// step runs one task and returns where to go on.
func (r *run) step(ctx workflow.Context, task *definition.Task, s *scope, prefix string) (next string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := r.limits(ctx); err != nil {
		return "", fail(task, err)
	}
	entry := r.reporter.begin(ctx, task, prefix)
	done, err := r.perform(ctx, &step{task: task, scope: s, entry: entry})
	if err == nil && !value.Fits(done.result, valueLimit) {
		err = fmt.Errorf("the result has more than %d bytes, which is the limit", valueLimit)
	}
	if err == nil {
		err = r.export(ctx, task, s, done)
	}
	if err != nil {
		err = fail(task, err)
		r.reporter.failed(ctx, entry, err)
		return "", err
	}
	r.reporter.completed(ctx, entry, done.shown())
	r.reporter.pause(ctx, r.begun)
	if done.ended {
		return definition.FlowEnd, nil
	}
	if done.next != "" {
		return done.next, nil
	}
	return task.Then, nil
}

func (r *run) limits(ctx workflow.Context) error {
	if r.begun++; r.begun > taskLimit {
		return fmt.Errorf("the run has had %d tasks, which is the limit; move a part of it into a workflow of its own (RUN)",
			taskLimit)
	}
	if workflow.GetInfo(ctx).GetCurrentHistoryLength() > historyLimit {
		return fmt.Errorf("the run has %d events, which is the limit; move a part of it into a workflow of its own (RUN)",
			historyLimit)
	}
	return nil
}

// export puts what a task hands on into the scope.
func (r *run) export(ctx workflow.Context, task *definition.Task, s *scope, done outcome) error {
	if done.hasResult {
		s.output = done.result
	}
	exported := done.result
	if task.Export != "" {
		seen := r.sight(ctx, task, s)
		seen.Variables[definition.OutputVariable] = done.result
		var err error
		if exported, err = r.evaluate(seen, func(seen expression.Scope) (any, error) {
			seen.Input = seen.Variables[definition.OutputVariable]
			return r.compiler.Query(task.Export, seen)
		}); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	s.context[task.Name] = exported
	return nil
}
