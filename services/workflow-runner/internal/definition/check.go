package definition

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	tasksv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/expression"
)

// Checker finds everything that is wrong with a definition before it runs.
type Checker struct {
	compiler *expression.Compiler
	// schema is made at the first use: it compiles the rules of the schema, which costs more than the whole start of
	// the runner.
	schema func() (protovalidate.Validator, error)
}

// NewChecker makes a checker that compiles expressions with the given compiler.
func NewChecker(compiler *expression.Compiler) *Checker {
	return &Checker{
		compiler: compiler,
		schema:   sync.OnceValues(func() (protovalidate.Validator, error) { return protovalidate.New() }),
	}
}

// Check returns the definition of a spec and all problems with it, one sentence each. An error means that checking
// itself did not work.
func (c *Checker) Check(spec *workflowv1.WorkflowSpec) (*Definition, []string, error) {
	schema, err := c.schema()
	if err != nil {
		return nil, nil, fmt.Errorf("compile the rules of the schema: %w", err)
	}
	violations, err := violated(schema, spec, "")
	if err != nil {
		return nil, nil, err
	}
	parsed, problems := Parse(spec)
	inner := &inspection{checker: c, schema: schema, problems: problems}
	// The schema finds what Parse has found, too: a field that is left out because of its type is also missing.
	inner.violations(violations)
	if err := inner.list(parsed.Tasks, "tasks", baseVariables()); err != nil {
		return nil, nil, err
	}
	return parsed, inner.problems, nil
}

type inspection struct {
	checker  *Checker
	schema   protovalidate.Validator
	problems []string
}

func (i *inspection) report(path, format string, arguments ...any) {
	i.problems = append(i.problems, path+": "+fmt.Sprintf(format, arguments...))
}

// violations adds those that say something new: nothing is known yet of the same value, of a part of it or of the whole
// that it is part of.
func (i *inspection) violations(found []string) {
	known := len(i.problems)
	for _, violation := range found {
		path, _, _ := strings.Cut(violation, ": ")
		if !slices.ContainsFunc(i.problems[:known], func(problem string) bool {
			other, _, _ := strings.Cut(problem, ": ")
			return within(other, path) || within(path, other)
		}) {
			i.problems = append(i.problems, violation)
		}
	}
}

// within tells whether a path leads into what the other leads to, or to the same.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// list checks tasks that follow each other, and all tasks inside of them.
func (i *inspection) list(tasks []*Task, path string, variables []string) error {
	names := i.names(tasks)
	for _, task := range tasks {
		i.target(task.Path+".flow.then", task.Then, names)
		i.expressions(task, variables)
		if task.Config == nil {
			continue
		}
		settings := task.Path + "." + section(task.Kind)
		found, err := violated(i.schema, task.Config, settings)
		if err != nil {
			return err
		}
		i.violations(found)
		if choice, ok := task.Config.(*tasksv1.SwitchTaskConfig); ok {
			for n, way := range choice.GetCases() {
				i.target(fmt.Sprintf("%s.cases[%d].then", settings, n), way.GetThen(), names)
			}
		}
		if fork, ok := task.Config.(*tasksv1.ForkTaskConfig); ok {
			i.branches(settings, fork)
		}
		for _, block := range task.Blocks {
			i.locals(task, block)
			if err := i.list(block.Tasks, block.Path, slices.Concat(variables, block.Locals)); err != nil {
				return err
			}
		}
	}
	return nil
}

// names reports duplicate and reserved names and returns all names.
func (i *inspection) names(tasks []*Task) map[string]bool {
	names := make(map[string]bool, len(tasks))
	for _, task := range tasks {
		switch {
		case task.Name == "":
			// Reported by the schema.
		case IsDirective(task.Name):
			i.report(task.Path+".name", "%q has a meaning of its own; use another name", task.Name)
		case names[task.Name]:
			i.report(task.Path+".name", "%q is taken by a task beside it; names must differ", task.Name)
		}
		names[task.Name] = true
	}
	return names
}

func (i *inspection) target(path, target string, names map[string]bool) {
	if target == "" || IsDirective(target) || names[target] {
		return
	}
	i.report(path, "no task named %q; use the name of a task beside it, %s, %s or %s",
		target, FlowContinue, FlowExit, FlowEnd)
}

func (i *inspection) branches(path string, fork *tasksv1.ForkTaskConfig) {
	seen := map[string]bool{}
	for n, branch := range fork.GetBranches() {
		if seen[branch.GetName()] {
			i.report(fmt.Sprintf("%s.branches[%d].name", path, n), "%q is taken by another branch; names must differ",
				branch.GetName())
		}
		seen[branch.GetName()] = true
	}
}

// violated validates a message against the rules of the schema.
func violated(schema protovalidate.Validator, message proto.Message, path string) ([]string, error) {
	err := schema.Validate(message)
	var invalid *protovalidate.ValidationError
	switch {
	case err == nil:
		return nil, nil
	case !errors.As(err, &invalid):
		return nil, fmt.Errorf("validate %s: %w", path, err)
	}
	problems := make([]string, 0, len(invalid.Violations))
	for _, violation := range invalid.Violations {
		field := protovalidate.FieldPathString(violation.Proto.GetField())
		where := strings.Trim(path+"."+field, ".")
		problems = append(problems, where+": "+violation.Proto.GetMessage())
	}
	return problems, nil
}
