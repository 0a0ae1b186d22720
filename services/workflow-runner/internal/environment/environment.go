// Package environment merges the values and secrets that a run sees.
package environment

import (
	"maps"
	"slices"

	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"
)

// Variable is one value of an environment.
type Variable struct {
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	Secret bool   `json:"secret,omitempty"`
}

// Variables are the values of a run, by name.
type Variables map[string]Variable

// Merge puts the layers of a run on each other: the defaults of the workflow, then the environments of its instance in
// their order, then the values of the execution. Later values win; an empty one says nothing. What one layer calls a
// secret stays a secret, so that a value given without care is not shown.
func Merge(
	defaults *environmentv1.EnvironmentSpec,
	environments []*environmentv1.EnvironmentSpec,
	runtime map[string]*executioncontextv1.ExecutionValue,
) Variables {
	merged := Variables{}
	merged.layer(defaults)
	for _, environment := range environments {
		merged.layer(environment)
	}
	for name, given := range runtime {
		merged.put(name, given.GetValue(), given.GetIsSecret())
	}
	return merged
}

func (v Variables) layer(spec *environmentv1.EnvironmentSpec) {
	for name, given := range spec.GetData() {
		v.put(name, given.GetValue(), given.GetIsSecret())
	}
}

func (v Variables) put(name, value string, secret bool) {
	known := v[name]
	if value == "" {
		value = known.Value
	}
	v[name] = Variable{Name: name, Value: value, Secret: secret || known.Secret}
}

// Public is the list that may stand in a history: secrets are named, their values left out. Variables without a value
// are left out.
func (v Variables) Public() []Variable {
	var public []Variable
	for _, name := range slices.Sorted(maps.Keys(v)) {
		variable := v[name]
		if variable.Value == "" {
			continue
		}
		if variable.Secret {
			variable.Value = ""
		}
		public = append(public, variable)
	}
	return public
}

// Secrets are the values that must not be shown, by name.
func (v Variables) Secrets() map[string]string {
	secrets := map[string]string{}
	for name, variable := range v {
		if variable.Secret && variable.Value != "" {
			secrets[name] = variable.Value
		}
	}
	return secrets
}
