package environment_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/environment"
)

func layer(values map[string]*environmentv1.EnvironmentValue) *environmentv1.EnvironmentSpec {
	return &environmentv1.EnvironmentSpec{Data: values}
}

func TestLaterLayersWinAndSecretsStaySecret(t *testing.T) {
	merged := environment.Merge(
		layer(map[string]*environmentv1.EnvironmentValue{
			"DEFAULT": {Value: "d"}, "TOKEN": {IsSecret: true}, "REGION": {Value: "d"}, "OVER": {Value: "d"}, "UNSET": {},
		}),
		[]*environmentv1.EnvironmentSpec{
			layer(map[string]*environmentv1.EnvironmentValue{"REGION": {Value: "first"}, "OVER": {Value: "first"}}),
			nil,
			layer(map[string]*environmentv1.EnvironmentValue{"REGION": {Value: "second"}, "KEY": {Value: "k", IsSecret: true}}),
		},
		map[string]*executioncontextv1.ExecutionValue{"OVER": {Value: "run"}, "TOKEN": {Value: "t"}, "NEW": {Value: "n", IsSecret: true}},
	)
	want := environment.Variables{
		"DEFAULT": {Name: "DEFAULT", Value: "d"}, "TOKEN": {Name: "TOKEN", Value: "t", Secret: true},
		"REGION": {Name: "REGION", Value: "second"}, "OVER": {Name: "OVER", Value: "run"},
		"KEY": {Name: "KEY", Value: "k", Secret: true}, "NEW": {Name: "NEW", Value: "n", Secret: true}, "UNSET": {Name: "UNSET"},
	}
	if diff := cmp.Diff(want, merged); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]environment.Variable{
		{Name: "DEFAULT", Value: "d"}, {Name: "KEY", Secret: true}, {Name: "NEW", Secret: true}, {Name: "OVER", Value: "run"},
		{Name: "REGION", Value: "second"}, {Name: "TOKEN", Secret: true},
	}, merged.Public()); diff != "" {
		t.Errorf("public (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"TOKEN": "t", "KEY": "k", "NEW": "n"}, merged.Secrets()); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
}
