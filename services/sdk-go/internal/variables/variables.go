// Package variables checks declared environment variables and gives them the platform's form.
package variables

import (
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
		if err := environment.ValidateName(variable.Name); err != nil {
			report.Add(field, variable.Name, "format", err.Error(), validation.ErrInvalidFormat)
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
