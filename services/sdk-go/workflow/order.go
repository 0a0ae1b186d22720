package workflow

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/problem"
)

// contextReference matches $context["task"].
var contextReference = regexp.MustCompile(`\$context\["([^"\\]+)"\]`)

// directives are targets of Then that are no tasks.
var directives = map[string]bool{EndFlow: true, "exit": true, "continue": true}

// checkOrder reports references to tasks that do not exist or run too late, and tasks that wait for each other.
func checkOrder(report *problem.Report, declared []*Task, converted []*workflowv1.WorkflowTask) {
	checker := orderChecker{report: report, known: map[string]bool{}}
	checker.collect(converted)
	position := positions(converted)
	checker.checkList("tasks", converted, position)
	checker.checkDependencies(declared, position)
}

type orderChecker struct {
	report *problem.Report
	// known are the names of all tasks, those inside others included.
	known map[string]bool
}

func positions(siblings []*workflowv1.WorkflowTask) map[string]int {
	position := make(map[string]int, len(siblings))
	for index, task := range siblings {
		if task.GetName() != "" {
			position[task.GetName()] = index
		}
	}
	return position
}

func (c *orderChecker) collect(siblings []*workflowv1.WorkflowTask) {
	for _, task := range siblings {
		c.known[task.GetName()] = true
		for _, list := range nestedLists(task) {
			c.collect(list.tasks)
		}
	}
}

// checkList checks the tasks of one list. The map has the places of the tasks that a name can mean here: the list's own.
func (c *orderChecker) checkList(list string, siblings []*workflowv1.WorkflowTask, position map[string]int) {
	for index, task := range siblings {
		path := taskPath(list, index, task.GetName())
		c.checkTarget(path+".then", task.GetFlow().GetThen(), index, siblings, position)
		for caseIndex, then := range caseTargets(task) {
			c.checkTarget(fmt.Sprintf("%s.cases[%d].then", path, caseIndex), then, index, siblings, position)
		}
		c.checkReferences(path, task, index, position)
		for _, nested := range nestedLists(task) {
			c.checkList(path+"."+nested.name, nested.tasks, positions(nested.tasks))
		}
	}
}

// checkTarget checks where a task goes on. A workflow only goes forward: repetition is the business of FOR.
func (c *orderChecker) checkTarget(
	field, target string, index int, siblings []*workflowv1.WorkflowTask, position map[string]int,
) {
	if target == "" || directives[target] {
		return
	}
	place, exists := position[target]
	switch {
	case !exists:
		c.report.Add(field, target, "known",
			fmt.Sprintf("there is no task %q here: use one of %s, or %q", target, names(siblings[index+1:]), EndFlow),
			ErrUnknownTask)
	case place <= index:
		c.report.Add(field, target, "order",
			fmt.Sprintf("goes back to %q, which would run for ever: repeat tasks with workflow.For", target), ErrTaskCycle)
	}
}

// checkReferences checks the tasks whose results a task uses.
func (c *orderChecker) checkReferences(path string, task *workflowv1.WorkflowTask, index int, position map[string]int) {
	for _, name := range referencesOf(task) {
		place, sibling := position[name]
		switch {
		case !c.known[name]:
			c.report.Add(path, name, "known", fmt.Sprintf("uses the result of %q, but there is no such task", name),
				ErrUnknownTask)
		case name == task.GetName():
			c.report.Add(path, name, "order", "uses its own result, which is not there yet: use an earlier task's",
				ErrTaskCycle)
		case sibling && place > index:
			c.report.Add(path, name, "order",
				fmt.Sprintf("uses the result of %q, which runs later: add %q first", name, name), ErrTaskCycle)
		}
	}
}

// checkDependencies checks what DependsOn says against the order of the list.
func (c *orderChecker) checkDependencies(declared []*Task, position map[string]int) {
	for index, task := range declared {
		if task == nil {
			continue
		}
		for _, name := range task.Dependencies {
			place, sibling := position[name]
			field := taskPath("tasks", index, task.Name) + ".depends_on"
			switch {
			case !c.known[name]:
				c.report.Add(field, name, "known", fmt.Sprintf("there is no task %q: add it to the workflow", name),
					ErrUnknownTask)
			case sibling && place == index:
				c.report.Add(field, name, "order", "the task depends on itself: remove it", ErrTaskCycle)
			case sibling && place > index:
				c.report.Add(field, name, "order", c.lateDependency(declared, task, name), ErrTaskCycle)
			}
		}
	}
}

// lateDependency tells a wrong order, which can be cured by adding tasks in another one, from a circle, which cannot.
func (c *orderChecker) lateDependency(declared []*Task, task *Task, name string) string {
	byName := map[string]*Task{}
	for _, other := range declared {
		if other != nil {
			byName[other.Name] = other
		}
	}
	if reaches(byName, name, task.Name, map[string]bool{}) {
		return fmt.Sprintf("%q and %q depend on each other: remove one of the two", task.Name, name)
	}
	return fmt.Sprintf("%q runs later: add it to the workflow first", name)
}

func reaches(byName map[string]*Task, from, to string, visited map[string]bool) bool {
	if from == to {
		return true
	}
	if visited[from] || byName[from] == nil {
		return false
	}
	visited[from] = true
	return slices.ContainsFunc(byName[from].Dependencies, func(next string) bool {
		return reaches(byName, next, to, visited)
	})
}

func names(siblings []*workflowv1.WorkflowTask) string {
	var quoted []string
	for _, task := range siblings {
		quoted = append(quoted, fmt.Sprintf("%q", task.GetName()))
	}
	if len(quoted) == 0 {
		return "the later tasks (there is none)"
	}
	return strings.Join(quoted, ", ")
}

// referencesOf lists, sorted, the tasks that the texts of a task refer to. Tasks inside it are looked at on their own.
func referencesOf(task *workflowv1.WorkflowTask) []string {
	found := map[string]bool{}
	note := func(text string) {
		for _, match := range contextReference.FindAllStringSubmatch(text, -1) {
			found[match[1]] = true
		}
	}
	note(task.GetExport().GetAs())
	for name, value := range task.GetTaskConfig().GetFields() {
		if !nestedField[name] {
			walkTexts(value, note)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func walkTexts(value *structpb.Value, visit func(string)) {
	switch kind := value.GetKind().(type) {
	case *structpb.Value_StringValue:
		visit(kind.StringValue)
	case *structpb.Value_StructValue:
		for _, field := range kind.StructValue.GetFields() {
			walkTexts(field, visit)
		}
	case *structpb.Value_ListValue:
		for _, element := range kind.ListValue.GetValues() {
			walkTexts(element, visit)
		}
	}
}
