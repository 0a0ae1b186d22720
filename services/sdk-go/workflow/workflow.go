package workflow

import (
	"slices"
	"strings"
	"sync"

	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/stigmer/naming"
)

const (
	// dslVersion is the only version of the definition language.
	dslVersion = "1.0.0"
	// defaultVersion is the version of a definition that gives none.
	defaultVersion = "0.1.0"
)

// Context is what New needs of a *stigmer.Context.
type Context interface {
	RegisterWorkflow(*Workflow)
}

// WorkflowArgs says what a workflow is.
type WorkflowArgs struct {
	// Namespace groups workflows. A name such as "billing/monthly" gives it, too, and wins.
	Namespace string
	// Version is the semantic version of the definition; empty means "0.1.0".
	Version string
	// Description is one line for people.
	Description string
	// Org is for the program's own use. The workflow belongs to the organization it is applied to.
	Org string
	// Slug is the name by which others refer to the workflow; empty means one made of the name.
	Slug string
}

// Document is the head of a workflow definition.
type Document struct {
	// DSL is the version of the definition language, always "1.0.0".
	DSL string
	// Namespace groups workflows.
	Namespace string
	// Name is the name of the workflow.
	Name string
	// Version is the semantic version of the definition.
	Version string
	// Description is one line for people.
	Description string
}

// Workflow is a workflow of the program. Its fields may be changed until the program ends.
type Workflow struct {
	// Document is the head of the definition.
	Document Document
	// Slug is the name by which others refer to the workflow.
	Slug string
	// Description is one line for people.
	Description string
	// Tasks run in this order.
	Tasks []*Task
	// EnvironmentVariables are the variables that the workflow needs.
	EnvironmentVariables []environment.Variable
	// Org is for the program's own use.
	Org string

	ctx Context
	// mu guards the lists against methods that are called side by side.
	mu sync.Mutex
}

// New makes a workflow and registers it with the context, which may be nil. A name "namespace/name" sets both. The error
// names a wrong slug; tasks and the like are checked when the program ends.
func New(ctx Context, name string, args *WorkflowArgs) (*Workflow, error) {
	if args == nil {
		args = &WorkflowArgs{}
	}
	namespace, shortName, found := strings.Cut(name, "/")
	if !found {
		namespace, shortName = "", name
	}
	created := &Workflow{
		Document: Document{
			DSL:         dslVersion,
			Namespace:   firstOf(namespace, args.Namespace),
			Name:        firstOf(shortName, args.Slug),
			Version:     firstOf(args.Version, defaultVersion),
			Description: args.Description,
		},
		Slug:                 firstOf(args.Slug, naming.GenerateSlug(shortName)),
		Description:          args.Description,
		Org:                  args.Org,
		Tasks:                []*Task{},
		EnvironmentVariables: []environment.Variable{},
		ctx:                  ctx,
	}
	if created.Slug != "" {
		if err := naming.ValidateSlug(created.Slug); err != nil {
			return nil, NewResourceErrorWithCause(name, "", err.Error(), ErrInvalidName)
		}
	}
	if ctx != nil {
		ctx.RegisterWorkflow(created)
	}
	return created, nil
}

func firstOf(candidates ...string) string {
	for _, candidate := range candidates {
		if candidate != "" {
			return candidate
		}
	}
	return ""
}

// AddTask adds a task at the end.
func (w *Workflow) AddTask(task *Task) *Workflow { return w.AddTasks(task) }

// AddTasks adds tasks at the end.
func (w *Workflow) AddTasks(tasks ...*Task) *Workflow {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, task := range tasks {
		if task != nil {
			task.owner = w
		}
	}
	w.Tasks = append(w.Tasks, tasks...)
	return w
}

// release takes a task off the list, since it now belongs to another task.
func (w *Workflow) release(task *Task) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Tasks = slices.DeleteFunc(w.Tasks, func(listed *Task) bool { return listed == task })
}

// AddEnvironmentVariable adds a variable that the workflow needs.
func (w *Workflow) AddEnvironmentVariable(variable environment.Variable) *Workflow {
	return w.AddEnvironmentVariables(variable)
}

// AddEnvironmentVariables adds variables that the workflow needs.
func (w *Workflow) AddEnvironmentVariables(variables ...environment.Variable) *Workflow {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.EnvironmentVariables = append(w.EnvironmentVariables, variables...)
	return w
}

// String shows namespace, name and version.
func (w *Workflow) String() string {
	return "Workflow(namespace=" + w.Document.Namespace + ", name=" + w.Document.Name +
		", version=" + w.Document.Version + ")"
}
