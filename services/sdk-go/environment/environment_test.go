package environment_test

import (
	"strings"
	"testing"

	"github.com/stigmer/stigmer/sdk/go/environment"
)

func TestVariables(t *testing.T) {
	no, yes := false, true
	for name, c := range map[string]struct {
		args *environment.VariableArgs
		want string
	}{
		"required":              {nil, "EnvVar(NAME)"},
		"secret":                {&environment.VariableArgs{IsSecret: true}, "EnvVar(NAME (secret))"},
		"optional":              {&environment.VariableArgs{Required: &no}, "EnvVar(NAME (optional))"},
		"with a default":        {&environment.VariableArgs{DefaultValue: "x", Required: &yes}, "EnvVar(NAME (optional))"},
		"secret with a default": {&environment.VariableArgs{IsSecret: true, DefaultValue: "x"}, "EnvVar(NAME (secret) (optional))"},
	} {
		variable, err := environment.New(nil, "NAME", c.args)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if variable.String() != c.want {
			t.Errorf("%s: got %s, want %s", name, variable, c.want)
		}
	}
}

func TestNamesAreThoseOfEnvironmentVariables(t *testing.T) {
	for _, name := range []string{"", "lower", "2FA", "A-B", "A B"} {
		if _, err := environment.New(nil, name, nil); err == nil || !strings.Contains(err.Error(), "upper-case letters") {
			t.Errorf("%q gives %v", name, err)
		}
	}
	for _, name := range []string{"A", "_A", "A_1"} {
		if _, err := environment.New(nil, name, nil); err != nil {
			t.Errorf("%q gives %v", name, err)
		}
	}
}
