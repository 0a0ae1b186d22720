package workflow

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/validation"
)

// contextReference matches $context["task"].
var contextReference = regexp.MustCompile(`\$context\["([^"\\]+)"\]`)

// anyRuntimeReference matches what RuntimeSecret and RuntimeEnv make of any key.
var anyRuntimeReference = regexp.MustCompile(`\$\{\.(?:secrets|env_vars)\.([A-Za-z0-9_-]*)\}`)

// checkOrder reports references to tasks that do not exist or cannot have run, and circles without a way out.
func checkOrder(report *validation.Report, declared []*Task, converted []*workflowv1.WorkflowTask) {
	checker := &orderChecker{report: report, known: map[string]bool{}}
	checker.collect(converted)
	top := &level{flow: newFlow(converted)}
	checker.checkList("tasks", top)
	checker.checkDependencies(declared, top.flow)
}

type orderChecker struct {
	report *validation.Report
	// known are the names of all tasks, those inside others included.
	known map[string]bool
}

// level is a list of tasks, and the task of the list around it that it belongs to.
type level struct {
	flow   *flow
	outer  *level
	holder int
}

func (c *orderChecker) collect(siblings []*workflowv1.WorkflowTask) {
	for _, task := range siblings {
		c.known[task.GetName()] = true
		for _, list := range nestedLists(task) {
			c.collect(list.tasks)
		}
	}
}

func (c *orderChecker) checkList(list string, here *level) {
	for index, task := range here.flow.tasks {
		path := taskPath(list, index, task.GetName())
		c.checkTarget(path+".then", task.GetFlow().GetThen(), index, here.flow)
		cases, _ := caseTargets(task)
		for number, target := range cases {
			c.checkTarget(fmt.Sprintf("%s.cases[%d].then", path, number), target, index, here.flow)
		}
		taskNames, wrongKeys := referencesOf(task)
		for _, name := range taskNames {
			c.checkReference(path, name, index, here)
		}
		for _, key := range wrongKeys {
			c.report.Add(path, key, "format", fmt.Sprintf("runtime value %q must have upper-case letters, digits and "+
				"underscores only, as --runtime-env takes it", key), ErrInvalidTaskConfig)
		}
		for _, nested := range nestedLists(task) {
			c.checkList(path+"."+nested.name, &level{flow: newFlow(nested.tasks), outer: here, holder: index})
		}
	}
	stuck := here.flow.neverEnds()
	for _, index := range slices.Sorted(maps.Keys(stuck)) {
		target := here.flow.tasks[stuck[index]].GetName()
		c.report.Add(taskPath(list, index, here.flow.tasks[index].GetName())+".then", target, "order",
			fmt.Sprintf("goes back to %q, and nothing leaves the circle: let a case of a SWITCH go on elsewhere, or repeat "+
				"tasks with workflow.For", target), ErrTaskCycle)
	}
}

func (c *orderChecker) checkTarget(field, target string, index int, here *flow) {
	if _, exists := here.place[target]; exists || target == "" || directives[target] {
		return
	}
	c.report.Add(field, target, "known",
		fmt.Sprintf("there is no task %q beside this one: use one of %s", target, targetsBut(here.tasks, index)),
		ErrUnknownTask)
}

// checkReference checks a task whose result is used. A name means the task of the nearest list that has one.
func (c *orderChecker) checkReference(path, name string, index int, here *level) {
	for ; here != nil; index, here = here.holder, here.outer {
		place, exists := here.flow.place[name]
		switch {
		case !exists:
			continue
		case here.flow.reaches(place, index):
			return
		case place == index:
			c.report.Add(path, name, "order", fmt.Sprintf("uses the result of %q before it ends: use an earlier task's", name),
				ErrTaskCycle)
		default:
			c.report.Add(path, name, "order",
				fmt.Sprintf("uses the result of %q, which cannot have run before: add %q earlier", name, name), ErrTaskCycle)
		}
		return
	}
	if !c.known[name] {
		c.report.Add(path, name, "known",
			fmt.Sprintf("uses the result of %q, but the workflow has no such task: add it to the workflow", name),
			ErrUnknownTask)
	}
}

// checkDependencies checks what DependsOn says against the order in which tasks run.
func (c *orderChecker) checkDependencies(declared []*Task, top *flow) {
	byName := map[string]*Task{}
	for _, task := range declared {
		if task != nil {
			byName[task.Name] = task
		}
	}
	for index, task := range declared {
		if task == nil {
			continue
		}
		for _, name := range task.Dependencies {
			place, exists := top.place[name]
			field := taskPath("tasks", index, task.Name) + ".depends_on"
			switch {
			case !exists && !c.known[name]:
				c.report.Add(field, name, "known", fmt.Sprintf("there is no task %q: add it to the workflow", name),
					ErrUnknownTask)
			case exists && place == index:
				c.report.Add(field, name, "order", "the task depends on itself: remove it", ErrTaskCycle)
			case exists && dependsOn(byName, name, task.Name, map[string]bool{}):
				c.report.Add(field, name, "order",
					fmt.Sprintf("%q and %q depend on each other: remove one of the two", task.Name, name), ErrTaskCycle)
			case exists && !top.reaches(place, index):
				c.report.Add(field, name, "order",
					fmt.Sprintf("%q cannot have run before: add it to the workflow earlier", name), ErrTaskCycle)
			}
		}
	}
}

// dependsOn tells whether a task depends on another one, directly or through others.
func dependsOn(byName map[string]*Task, name, other string, visited map[string]bool) bool {
	if visited[name] || byName[name] == nil {
		return false
	}
	visited[name] = true
	return slices.ContainsFunc(byName[name].Dependencies, func(next string) bool {
		return next == other || dependsOn(byName, next, other, visited)
	})
}

// targetsBut lists where a task can go on.
func targetsBut(siblings []*workflowv1.WorkflowTask, index int) string {
	var quoted []string
	for place, task := range siblings {
		if place != index {
			quoted = append(quoted, fmt.Sprintf("%q", task.GetName()))
		}
	}
	return strings.Join(append(quoted, fmt.Sprintf("%q", EndFlow)), ", ")
}

// referencesOf lists, sorted, the tasks that the texts of a task refer to, and the runtime values that no execution can
// have. Tasks inside it are looked at on their own. An export is left out: it may well speak of the task itself.
func referencesOf(task *workflowv1.WorkflowTask) (taskNames, wrongKeys []string) {
	names, keys := map[string]bool{}, map[string]bool{}
	for field, value := range task.GetTaskConfig().GetFields() {
		if nestedField[field] {
			continue
		}
		walkTexts(value, func(text string) {
			for _, match := range contextReference.FindAllStringSubmatch(text, -1) {
				names[match[1]] = true
			}
			for _, match := range anyRuntimeReference.FindAllStringSubmatch(text, -1) {
				if !IsRuntimeRef(match[0]) {
					keys[match[1]] = true
				}
			}
		})
	}
	return slices.Sorted(maps.Keys(names)), slices.Sorted(maps.Keys(keys))
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
