package stigmer

import (
	"regexp"

	"github.com/stigmer/stigmer/sdk/go/internal/expression"
)

// Ref is a value that a workflow can use: a variable of the context, or one that is computed from others.
type Ref interface {
	// Expression is the reference as a workflow definition has it; empty for a literal.
	Expression() string
	// Name is the name of the variable; empty for what is computed.
	Name() string
	// IsSecret is true for a variable of SetSecret and what is computed from it.
	IsSecret() bool
	// ToValue is the value as far as the program knows it.
	ToValue() interface{}
}

// baseRef is what the types have in common. A variable has a name, what is computed has an expression, a literal neither.
type baseRef struct {
	name     string
	isSecret bool
	computed bool
	// text is the expression of what is computed, without "${" and "}".
	text string
}

func named(name string) baseRef { return baseRef{name: name} }

func computed(text string, isSecret bool) baseRef {
	return baseRef{computed: true, text: text, isSecret: isSecret}
}

// Name is the name of the variable; empty for what is computed.
func (r *baseRef) Name() string { return r.name }

// IsSecret is true for a variable of SetSecret and what is computed from it.
func (r *baseRef) IsSecret() bool { return r.isSecret }

// Expression is the reference as a workflow definition has it; empty for a literal.
func (r *baseRef) Expression() string {
	if !r.computed && r.name == "" {
		return ""
	}
	return "${ " + r.operand("") + " }"
}

// identifier matches a name that an expression can have after a dot.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// operand is the reference inside a larger expression. A literal stands for itself.
func (r *baseRef) operand(literal any) string {
	switch {
	case r.computed:
		return r.text
	case r.name == "":
		return expression.Literal(literal)
	case identifier.MatchString(r.name):
		return "$context." + r.name
	default:
		return "$context[" + expression.Literal(r.name) + "]"
	}
}
