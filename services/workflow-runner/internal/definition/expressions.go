package definition

import (
	"fmt"
	"regexp"
	"slices"

	"google.golang.org/protobuf/types/known/structpb"

	tasksv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/expression"
)

// Names that expressions find without anybody having set them, as `$name` and, but for Output, as `.name`.
const (
	ContextVariable = "context"
	DataVariable    = "data"
	EnvVariable     = "env"
	InputVariable   = "input"
	OutputVariable  = "output"
)

// Names that are reached through `.` only.
const (
	SecretsField  = "secrets"
	EnvVarsField  = "env_vars"
	WorkflowField = "workflow"
	TaskField     = "task"
)

// BaseVariables are the variables of every expression.
func baseVariables() []string {
	return []string{ContextVariable, DataVariable, EnvVariable, InputVariable, OutputVariable}
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// locals checks the names that a task gives to its variables.
func (i *inspection) locals(task *Task, block *Block) {
	reserved := append(baseVariables(), SecretsField, EnvVarsField, WorkflowField, TaskField)
	field := map[string]string{"do": "each", "catch": "catch.as"}[block.Name]
	if field == "" || len(block.Locals) == 0 || block.Locals[0] == "" {
		return
	}
	name := block.Locals[0]
	path := task.Path + "." + section(task.Kind) + "." + field
	switch {
	case !variableName.MatchString(name):
		i.report(path, "%q cannot be the name of a variable; use letters, digits and _", name)
		block.Locals = nil
	case slices.Contains(reserved, name), name == IndexVariable && block.Name == "do":
		i.report(path, "%q has a meaning of its own; use another name", name)
	}
}

// expressions checks all expressions of a task.
func (i *inspection) expressions(task *Task, variables []string) {
	check := func(path, text string) { i.template(path, text, variables, false) }
	public := func(path, text string) { i.template(path, text, variables, true) }
	path := task.Path + "." + section(task.Kind)
	switch config := task.Config.(type) {
	case *tasksv1.SetTaskConfig:
		texts(path+".variables", config.GetVariables(), check)
	case *tasksv1.HttpCallTaskConfig:
		check(path+".endpoint.uri", config.GetEndpoint().GetUri())
		texts(path+".headers", config.GetHeaders(), check)
		tree(path+".body", config.GetBody(), check)
	case *tasksv1.GrpcCallTaskConfig:
		check(path+".service", config.GetService())
		check(path+".method", config.GetMethod())
		tree(path+".request", config.GetRequest(), check)
	case *tasksv1.CallActivityTaskConfig:
		tree(path+".input", config.GetInput(), public)
	case *tasksv1.SwitchTaskConfig:
		for n, way := range config.GetCases() {
			i.query(fmt.Sprintf("%s.cases[%d].when", path, n), way.GetWhen(), variables)
		}
	case *tasksv1.ForTaskConfig:
		i.query(path+".in", config.GetIn(), variables)
	case *tasksv1.RaiseTaskConfig:
		check(path+".error", config.GetError())
		public(path+".message", config.GetMessage())
	case *tasksv1.RunTaskConfig:
		check(path+".workflow", config.GetWorkflow())
		tree(path+".input", config.GetInput(), public)
	case *tasksv1.AgentCallTaskConfig:
		check(path+".agent", config.GetAgent())
		public(path+".message", config.GetMessage())
		texts(path+".env", config.GetEnv(), check)
	}
	if task.Export != "" {
		i.query(task.Path+".export.as", task.Export, variables)
	}
}

func (i *inspection) template(path, text string, variables []string, public bool) {
	references, err := i.checker.compiler.Check(text, valid(variables))
	i.outcome(path, references, err, public)
}

func (i *inspection) query(path, text string, variables []string) {
	if text == "" {
		return
	}
	references, err := i.checker.compiler.CheckQuery(text, valid(variables))
	i.outcome(path, references, err, false)
}

// outcome reports what a compiler said. What is public becomes part of records that people read, so that it must not
// hold secrets.
func (i *inspection) outcome(path string, references expression.References, err error, public bool) {
	switch {
	case err != nil:
		i.report(path, "this is no expression: %s", err)
	case public && references.Secrets:
		i.report(path, "a secret would be readable here; %s", secretCure)
	}
}

// secretCure says where secrets may go.
const secretCure = "secrets can be used in HTTP_CALL, GRPC_CALL, SET and the env of AGENT_CALL"

// valid leaves out names that are reported already and would make every expression fail.
func valid(variables []string) []string {
	kept := make([]string, 0, len(variables))
	for _, name := range variables {
		if variableName.MatchString(name) && !slices.Contains(kept, name) {
			kept = append(kept, name)
		}
	}
	return kept
}

func texts(path string, entries map[string]string, check func(path, text string)) {
	keys := make([]string, 0, len(entries))
	for key := range entries {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		check(path+"."+key, entries[key])
	}
}

func tree(path string, object *structpb.Struct, check func(path, text string)) {
	if object != nil {
		branch(path, object.AsMap(), check)
	}
}

func branch(path string, v any, check func(path, text string)) {
	switch v := v.(type) {
	case string:
		check(path, v)
	case []any:
		for n, element := range v {
			branch(fmt.Sprintf("%s[%d]", path, n), element, check)
		}
	case map[string]any:
		for _, key := range sorted(v) {
			branch(path+"."+key, v[key], check)
		}
	}
}
