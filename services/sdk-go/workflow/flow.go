package workflow

import (
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
)

// directives are targets of Then that are no tasks.
var directives = map[string]bool{EndFlow: true, "exit": true, "continue": true}

// flow says which task of a list can follow which. The task after the last one stands for the end.
type flow struct {
	tasks []*workflowv1.WorkflowTask
	place map[string]int
	next  [][]int
}

func newFlow(siblings []*workflowv1.WorkflowTask) *flow {
	f := &flow{tasks: siblings, place: map[string]int{}, next: make([][]int, len(siblings)+1)}
	for index, task := range siblings {
		f.place[task.GetName()] = index
	}
	for index, task := range siblings {
		cases, hasDefault := caseTargets(task)
		for _, target := range cases {
			f.link(index, target)
		}
		if !hasDefault {
			f.link(index, task.GetFlow().GetThen())
		}
	}
	return f
}

// link notes what can follow a task. A target that does not exist leads to the end; it is reported elsewhere.
func (f *flow) link(index int, target string) {
	following := len(f.tasks)
	if place, exists := f.place[target]; exists && target != "" {
		following = place
	} else if target == "" || target == "continue" {
		following = index + 1
	}
	f.next[index] = append(f.next[index], following)
}

// reaches tells whether a task can run after another one (after itself: in a circle).
func (f *flow) reaches(from, to int) bool {
	visited := make([]bool, len(f.next))
	waiting := append([]int{}, f.next[from]...)
	for len(waiting) > 0 {
		index := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if index == to {
			return true
		}
		if !visited[index] {
			visited[index] = true
			waiting = append(waiting, f.next[index]...)
		}
	}
	return false
}

// neverEnds finds the tasks that close a circle without a way out, each with where it goes back to.
func (f *flow) neverEnds() map[int]int {
	end := len(f.tasks)
	stuck := map[int]int{}
	for index := range f.tasks {
		if f.reaches(index, end) {
			continue
		}
		for _, following := range f.next[index] {
			if following <= index {
				stuck[index] = following
			}
		}
	}
	return stuck
}
