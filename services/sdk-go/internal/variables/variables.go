// Package variables checks declared environment variables and gives them the platform's form.
package variables

import (
	"errors"
	"fmt"

	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/internal/validation"
)

// Check reports wrong and repeated names.
func Check(report *validation.Report, declared []environment.Variable) {
	seen := map[string]bool{}
	for index, variable := range declared {
		field := fmt.Sprintf("env_spec[%d]", index)
		var wrong *validation.ValidationError
		if errors.As(environment.ValidateName(variable.Name), &wrong) {
			report.Add(field, wrong.Value, wrong.Rule, wrong.Message, wrong.Err)
		}
		report.Unique(field, variable.Name, seen, validation.ErrDuplicate)
	}
}

// Spec is nil for no variables.
func Spec(description string, declared []environment.Variable) *environmentv1.EnvironmentSpec {
	if len(declared) == 0 {
		return nil
	}
	data := make(map[string]*environmentv1.EnvironmentValue, len(declared))
	for _, variable := range declared {
		data[variable.Name] = &environmentv1.EnvironmentValue{
			Value: variable.DefaultValue, IsSecret: variable.IsSecret, Description: variable.Description,
		}
	}
	return &environmentv1.EnvironmentSpec{Description: description, Data: data}
}
