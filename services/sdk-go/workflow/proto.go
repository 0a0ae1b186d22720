package workflow

import (
	"fmt"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/expression"
	"github.com/stigmer/stigmer/sdk/go/internal/manifest"
	"github.com/stigmer/stigmer/sdk/go/internal/validation"
	"github.com/stigmer/stigmer/sdk/go/internal/variables"
	"github.com/stigmer/stigmer/sdk/go/stigmer/naming"
)

// ToProto gives the platform's form of the workflow, or an error that names everything that is wrong with it.
func (w *Workflow) ToProto() (*workflowv1.Workflow, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	report := validation.NewReport("Workflow", w.Document.Name)
	w.validateDocument(report)
	variables.Check(report, w.EnvironmentVariables)
	tasks := w.convertTasks(report)
	checkOrder(report, w.Tasks, tasks)
	if err := report.Err(); err != nil {
		return nil, err
	}
	return &workflowv1.Workflow{
		ApiVersion: "agentic.stigmer.ai/v1",
		Kind:       "Workflow",
		Metadata: &apiresource.ApiResourceMetadata{
			Name:        w.Document.Name,
			Slug:        firstOf(w.Slug, naming.GenerateSlug(w.Document.Name)),
			Annotations: manifest.Annotations(),
			// The CLI sets the organization; a workflow without owner would be refused.
			OwnerScope: apiresource.ApiResourceOwnerScope_organization,
		},
		Spec: &workflowv1.WorkflowSpec{
			Description: w.Description,
			Document: &workflowv1.WorkflowDocument{
				Dsl:         w.Document.DSL,
				Namespace:   w.Document.Namespace,
				Name:        w.Document.Name,
				Version:     w.Document.Version,
				Description: w.Document.Description,
			},
			Tasks:   tasks,
			EnvSpec: variables.Spec("", w.EnvironmentVariables),
		},
	}, nil
}

func (w *Workflow) validateDocument(report *validation.Report) {
	if w.Document.DSL != dslVersion {
		report.Add("document.dsl", w.Document.DSL, "const", fmt.Sprintf("must be %q, is %q", dslVersion, w.Document.DSL),
			ErrInvalidVersion)
	}
	report.Required("document.namespace", w.Document.Namespace,
		`set Namespace, or name the workflow "namespace/name"`, ErrInvalidNamespace)
	report.Required("document.name", w.Document.Name, "give a name to workflow.New", ErrInvalidName)
	report.Required("document.version", w.Document.Version, `set Version, such as "1.0.0"`, ErrInvalidVersion)
	if w.Slug != "" {
		if err := naming.ValidateSlug(w.Slug); err != nil {
			report.Add("slug", w.Slug, "format", err.Error(), ErrInvalidName)
		}
	} else if w.Document.Name != "" && naming.GenerateSlug(w.Document.Name) == "" {
		report.Add("document.name", w.Document.Name, "format",
			fmt.Sprintf("%q has no letter or digit to make a slug of: use another name, or set Slug", w.Document.Name),
			ErrInvalidName)
	}
}

// convertTasks converts the tasks of the list. A task that is wrong is reported; its place holds what could be converted,
// so that the numbers of the others stay right.
func (w *Workflow) convertTasks(report *validation.Report) []*workflowv1.WorkflowTask {
	if len(w.Tasks) == 0 {
		report.Add("tasks", "", "min_items", "a workflow needs at least one task: add one, such as wf.Set", ErrNoTasks)
		return nil
	}
	values := w.contextValues()
	converted := make([]*workflowv1.WorkflowTask, len(w.Tasks))
	for index, task := range w.Tasks {
		converted[index] = &workflowv1.WorkflowTask{}
		if task == nil {
			report.Add(fmt.Sprintf("tasks[%d]", index), "", "required", "is nil: check the function that makes it",
				ErrInvalidTaskConfig)
			continue
		}
		convertTask(report, taskPath("tasks", index, task.Name), task, values, converted[index])
	}
	checkTasks(report, "tasks", converted)
	return converted
}

// contextValues are the values of the context's variables, for a context that has some.
func (w *Workflow) contextValues() expression.Variables {
	keeper, ok := w.ctx.(interface{ ExportVariables() map[string]interface{} })
	if !ok {
		return nil
	}
	return expression.NewVariables(keeper.ExportVariables())
}

func convertTask(
	report *validation.Report, path string, task *Task, values expression.Variables, converted *workflowv1.WorkflowTask,
) {
	converted.Name = task.Name
	kind, known := apiresource.WorkflowTaskKind_value["WORKFLOW_TASK_KIND_"+string(task.Kind)]
	if !known {
		report.Add(path+".kind", string(task.Kind), "in",
			fmt.Sprintf("%q is not a kind of task: make the task with workflow.Set, workflow.HttpGet and so on", task.Kind),
			ErrInvalidTaskKind)
	}
	converted.Kind = apiresource.WorkflowTaskKind(kind)
	config, err := configOf(task)
	if err != nil {
		report.Add(path, "", "conversion", err.Error(), ErrConversion)
	}
	converted.TaskConfig = values.InStruct(config)
	if task.ExportAs != "" {
		converted.Export = &workflowv1.Export{As: values.InText(task.ExportAs)}
	}
	if task.ThenTask != "" {
		converted.Flow = &workflowv1.FlowControl{Then: task.ThenTask}
	}
}

func configOf(task *Task) (*structpb.Struct, error) {
	config, ok := task.Config.(interface {
		ToProto() (*structpb.Struct, error)
	})
	if !ok {
		return nil, fmt.Errorf("has settings of type %T: use workflow.SetArgs, workflow.HttpCallArgs and so on", task.Config)
	}
	return config.ToProto()
}

// taskPath names a task by its name where it has one, else by its place.
func taskPath(list string, index int, name string) string {
	if name == "" {
		return fmt.Sprintf("%s[%d]", list, index)
	}
	return list + "." + name
}
