package workflow

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/internal/expression"
)

// kindPrefix begins the names of kinds in the platform's form.
const kindPrefix = "WORKFLOW_TASK_KIND_"

// fields is the JSON form of a task's settings, with the names of the platform's messages. Zero values are left out.
type fields map[string]any

func (f fields) text(name string, value any) fields {
	if text := expression.Text(value); text != "" {
		f[name] = text
	}
	return f
}

func (f fields) texts(name string, values map[string]string) fields {
	if len(values) > 0 {
		f[name] = expression.Value(values)
	}
	return f
}

func (f fields) object(name string, values map[string]any) fields {
	if len(values) > 0 {
		f[name] = expression.Values(values)
	}
	return f
}

func (f fields) number(name string, value int32) fields {
	if value != 0 {
		f[name] = value
	}
	return f
}

func (f fields) list(name string, values []any) fields {
	if len(values) > 0 {
		f[name] = values
	}
	return f
}

func (f fields) toStruct() (*structpb.Struct, error) { return structpb.NewStruct(f) }

// plain gives a nested object the type that structpb knows.
func (f fields) plain() map[string]any { return f }

// tasks is the JSON form of tasks inside another one.
func tasks(nested []*types.WorkflowTask) []any {
	list := make([]any, 0, len(nested))
	for _, task := range nested {
		if task == nil {
			task = &types.WorkflowTask{}
		}
		f := fields{}.text("name", task.Name)
		if task.Kind != "" {
			f["kind"] = kindPrefix + strings.TrimPrefix(task.Kind, kindPrefix)
		}
		if task.TaskConfig != nil {
			f["task_config"] = expression.Values(task.TaskConfig)
		}
		if task.Export != nil && task.Export.As != "" {
			f["export"] = map[string]any{"as": task.Export.As}
		}
		if task.Flow != nil && task.Flow.Then != "" {
			f["flow"] = map[string]any{"then": task.Flow.Then}
		}
		list = append(list, f.plain())
	}
	return list
}

// shortest gives a number the digits it was written with: 0.1 as a float32 would become 0.10000000149.
func shortest(value float32) float64 {
	number, err := strconv.ParseFloat(strconv.FormatFloat(float64(value), 'g', -1, 32), 64)
	if err != nil {
		return float64(value)
	}
	return number
}
