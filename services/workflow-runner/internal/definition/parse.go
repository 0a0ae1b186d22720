package definition

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	tasksv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"
)

// depthLimit bounds how deep tasks may stand in tasks. People nest three or four levels.
const depthLimit = 32

// Parse types the tasks of a spec. The problems are one sentence each, with the path of what is wrong; a definition with
// problems must not be run. Rules of the schema and of flow are the Checker's.
func Parse(spec *workflowv1.WorkflowSpec) (*Definition, []string) {
	p := &parser{}
	tasks := p.list(spec.GetTasks(), "tasks", 0)
	if len(tasks) == 0 {
		p.report("tasks", "at least one task is needed")
	}
	return &Definition{Document: spec.GetDocument(), Tasks: tasks}, p.problems
}

type parser struct{ problems []string }

func (p *parser) report(path, format string, arguments ...any) {
	p.problems = append(p.problems, path+": "+fmt.Sprintf(format, arguments...))
}

func (p *parser) reported(path string) bool {
	return slices.ContainsFunc(p.problems, func(problem string) bool { return strings.HasPrefix(problem, path+": ") })
}

func (p *parser) list(tasks []*workflowv1.WorkflowTask, path string, depth int) []*Task {
	if depth > depthLimit {
		p.report(path, "tasks are nested more than %d levels deep", depthLimit)
		return nil
	}
	parsed := make([]*Task, 0, len(tasks))
	for i, task := range tasks {
		parsed = append(parsed, p.task(task, fmt.Sprintf("%s[%d]", path, i), depth))
	}
	return parsed
}

func (p *parser) task(task *workflowv1.WorkflowTask, path string, depth int) *Task {
	parsed := &Task{
		Name:   task.GetName(),
		Kind:   task.GetKind(),
		Path:   path,
		Export: task.GetExport().GetAs(),
		Then:   task.GetFlow().GetThen(),
		Config: newConfig(task.GetKind()),
	}
	if parsed.Config == nil {
		// A name that is no kind has been reported where it was read.
		if !p.reported(path + ".kind") {
			p.report(path+".kind", "use one of %s", strings.Join(kindNames(), ", "))
		}
		return parsed
	}
	settings := task.GetTaskConfig().AsMap()
	// This changes the settings, which are a copy that AsMap made.
	found := checkMessage(path+"."+section(parsed.Kind), parsed.Config.ProtoReflect().Descriptor(), settings)
	parsed.Raw = settings
	p.problems = append(p.problems, found...)
	encoded, err := json.Marshal(settings)
	if err == nil {
		err = protojson.Unmarshal(encoded, parsed.Config)
	}
	if err != nil {
		p.report(path+"."+section(parsed.Kind), "%s", strings.TrimPrefix(err.Error(), "proto:\u00a0"))
		return parsed
	}
	p.blocks(parsed, depth+1)
	return parsed
}

// blocks parses the tasks inside of a task.
func (p *parser) blocks(task *Task, depth int) {
	path := task.Path + "." + section(task.Kind)
	add := func(name, path string, tasks []*workflowv1.WorkflowTask, locals ...string) {
		task.Blocks = append(task.Blocks, &Block{
			Name: name, Path: path, Locals: locals, Tasks: p.list(tasks, path, depth),
		})
	}
	switch config := task.Config.(type) {
	case *tasksv1.ForTaskConfig:
		add("do", path+".do", config.GetDo(), config.GetEach(), IndexVariable)
	case *tasksv1.ForkTaskConfig:
		for i, branch := range config.GetBranches() {
			add(branch.GetName(), fmt.Sprintf("%s.branches[%d].do", path, i), branch.GetDo())
		}
	case *tasksv1.TryTaskConfig:
		add("try", path+".try", config.GetTry())
		if catch := config.GetCatch(); catch != nil {
			add("catch", path+".catch.do", catch.GetDo(), ErrorVariable(catch))
		}
	}
}

// IndexVariable is the name under which the tasks of a FOR see the number of the round, or the key when it goes over an
// object.
const IndexVariable = "index"

// ErrorVariable is the name under which the tasks of a catch see the error.
func ErrorVariable(catch *tasksv1.CatchBlock) string {
	if catch.GetAs() == "" {
		return "error"
	}
	return catch.GetAs()
}
