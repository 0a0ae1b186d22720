package workflow

import (
	"fmt"
	"reflect"
	"regexp"

	"github.com/stigmer/stigmer/sdk/go/internal/expression"
)

// Ref is what the typed variables of a stigmer.Context and TaskFieldRef have in common.
type Ref interface {
	Expression() string
	Name() string
}

// StringValue is a text that is known while the program runs.
type StringValue interface {
	Value() string
}

// IntValue is a number that is known while the program runs.
type IntValue interface {
	Value() int
}

// BoolValue is a truth value that is known while the program runs.
type BoolValue interface {
	Value() bool
}

var (
	runtimeReference      = regexp.MustCompile(`\$\{\.(?:secrets|env_vars)\.[A-Z_][A-Z0-9_]*\}`)
	wholeRuntimeReference = regexp.MustCompile(`^` + runtimeReference.String() + `$`)
)

// RuntimeSecret refers to a secret of the execution: stigmer run NAME --runtime-env secret:KEY=VALUE. Only the reference
// is written into the workflow, never the value.
func RuntimeSecret(keyName string) string { return "${.secrets." + keyName + "}" }

// RuntimeEnv refers to a variable of the execution: stigmer run NAME --runtime-env KEY=VALUE.
func RuntimeEnv(varName string) string { return "${.env_vars." + varName + "}" }

// ValidateRuntimeRef says what is wrong with what should be the result of RuntimeSecret or RuntimeEnv.
func ValidateRuntimeRef(ref string) error {
	if IsRuntimeRef(ref) {
		return nil
	}
	return fmt.Errorf("%q does not refer to a runtime value: use ${.secrets.KEY} or ${.env_vars.KEY} with a key of "+
		"upper-case letters, digits and underscores", ref)
}

// IsRuntimeRef tells whether a text is a result of RuntimeSecret or RuntimeEnv.
func IsRuntimeRef(s string) bool { return wholeRuntimeReference.MatchString(s) }

// ExtractRuntimeRefs lists the results of RuntimeSecret and RuntimeEnv inside a text.
func ExtractRuntimeRefs(s string) []string { return runtimeReference.FindAllString(s, -1) }

// Interpolate joins texts, numbers, context variables and fields of tasks into one text.
func Interpolate(parts ...interface{}) string { return expression.Join(parts...) }

// CoerceToString gives the text of a value: a text as it is, a context variable by its value, a task or a field of a task
// by a reference.
func CoerceToString(value interface{}) string { return expression.Text(value) }

// IsEmpty tells whether a value is nil or the zero value of its type.
func IsEmpty(v interface{}) bool { return v == nil || reflect.ValueOf(v).IsZero() }
