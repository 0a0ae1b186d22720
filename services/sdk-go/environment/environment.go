// Package environment declares the variables that an agent or a workflow needs at run time.
//
//	token, err := environment.New(ctx, "API_TOKEN", &environment.VariableArgs{IsSecret: true})
//	if err != nil {
//		return err
//	}
//	reviewer.AddEnvironmentVariable(*token)
//
// The values come with the execution: stigmer run NAME --runtime-env secret:API_TOKEN=...
package environment

import (
	"fmt"
	"regexp"

	"github.com/stigmer/stigmer/sdk/go/internal/validation"
)

// Context is the context of stigmer.Run. Variables are not registered with it: they are part of what they are added to.
type Context interface{}

// VariableArgs says what a variable is.
type VariableArgs struct {
	// IsSecret keeps the value out of logs and histories.
	IsSecret bool
	// Description tells people what to give.
	Description string
	// DefaultValue is used when an execution gives none; it makes the variable optional.
	DefaultValue string
	// Required is true when nil.
	Required *bool
}

// Variable is a declared variable. Add it with AddEnvironmentVariable of an agent or a workflow.
type Variable struct {
	// Name has upper-case letters, digits and underscores.
	Name string
	// IsSecret keeps the value out of logs and histories.
	IsSecret bool
	// Description tells people what to give.
	Description string
	// DefaultValue is used when an execution gives none.
	DefaultValue string
	// Required is false for a variable with a default value.
	Required bool
}

var namePattern = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// New declares a variable. The context may be nil.
func New(ctx Context, name string, args *VariableArgs) (*Variable, error) {
	if args == nil {
		args = &VariableArgs{}
	}
	if err := ValidateName(name); err != nil {
		return nil, err
	}
	required := args.DefaultValue == "" && (args.Required == nil || *args.Required)
	return &Variable{
		Name:         name,
		IsSecret:     args.IsSecret,
		Description:  args.Description,
		DefaultValue: args.DefaultValue,
		Required:     required,
	}, nil
}

// ValidateName says what is wrong with the name of a variable.
func ValidateName(name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	message := fmt.Sprintf("environment variable %q must have upper-case letters, digits and underscores only, "+
		"and must not start with a digit", name)
	return validation.NewValidationErrorWithCause("name", name, "format", message, validation.ErrInvalidFormat)
}

// String shows the name, and whether the variable is secret or optional.
func (v Variable) String() string {
	marks := ""
	if v.IsSecret {
		marks += " (secret)"
	}
	if !v.Required {
		marks += " (optional)"
	}
	return "EnvVar(" + v.Name + marks + ")"
}
