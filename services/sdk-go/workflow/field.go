package workflow

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/stigmer/stigmer/sdk/go/internal/expression"
)

// TaskFieldRef refers to a field of a task's result. Use it wherever a value is wanted, or in a condition.
type TaskFieldRef struct {
	taskName  string
	fieldName string
}

// Expression is the reference as the workflow definition has it.
func (r TaskFieldRef) Expression() string { return expressionOf(r.path()) }

// Name is task and field.
func (r TaskFieldRef) Name() string { return r.taskName + "." + r.fieldName }

// TaskName is the task.
func (r TaskFieldRef) TaskName() string { return r.taskName }

// FieldName is the field.
func (r TaskFieldRef) FieldName() string { return r.fieldName }

// Equals is a condition for SwitchCase.When, like all methods below.
func (r TaskFieldRef) Equals(value interface{}) string { return r.compare("==", value) }

// NotEquals holds when the field has another value.
func (r TaskFieldRef) NotEquals(value interface{}) string { return r.compare("!=", value) }

// GreaterThan holds when the field is greater.
func (r TaskFieldRef) GreaterThan(value interface{}) string { return r.compare(">", value) }

// GreaterThanOrEqual holds when the field is greater or equal.
func (r TaskFieldRef) GreaterThanOrEqual(value interface{}) string { return r.compare(">=", value) }

// LessThan holds when the field is less.
func (r TaskFieldRef) LessThan(value interface{}) string { return r.compare("<", value) }

// LessThanOrEqual holds when the field is less or equal.
func (r TaskFieldRef) LessThanOrEqual(value interface{}) string { return r.compare("<=", value) }

// Contains holds when the text of the field has the substring.
func (r TaskFieldRef) Contains(substring string) string {
	return r.pipe("contains", literal(substring))
}

// StartsWith holds when the text of the field begins with the prefix.
func (r TaskFieldRef) StartsWith(prefix string) string { return r.pipe("startswith", literal(prefix)) }

// EndsWith holds when the text of the field ends with the suffix.
func (r TaskFieldRef) EndsWith(suffix string) string { return r.pipe("endswith", literal(suffix)) }

// In holds when the field has one of the values, given as a slice.
func (r TaskFieldRef) In(values interface{}) string {
	reflected := reflect.ValueOf(values)
	if kind := reflected.Kind(); kind != reflect.Slice && kind != reflect.Array {
		return r.pipe("IN", literal(values))
	}
	literals := make([]string, reflected.Len())
	for index := range literals {
		literals[index] = literal(reflected.Index(index).Interface())
	}
	return r.pipe("IN", strings.Join(literals, ", "))
}

func (r TaskFieldRef) path() string { return contextOf(r.taskName) + fieldPath(r.fieldName) }

func (r TaskFieldRef) compare(operator string, value any) string {
	return expressionOf(r.path() + " " + operator + " " + literal(value))
}

func (r TaskFieldRef) pipe(function, argument string) string {
	return expressionOf(r.path() + " | " + function + "(" + argument + ")")
}

// plainStep matches a step that an expression can have as it is: a name, or a name with indexes, such as "choices[0]".
var plainStep = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\[\d*\])*$`)

// fieldPath leads to a field such as "user.login". A step like "x-request-id" is quoted: it would mean a subtraction.
func fieldPath(fieldName string) string {
	path := ""
	for _, step := range strings.Split(fieldName, ".") {
		if !plainStep.MatchString(step) && !strings.ContainsAny(step, `[]"`) {
			step = literal(step)
		}
		path += "." + step
	}
	return path
}

func expressionOf(text string) string { return "${ " + text + " }" }

// contextOf is where a workflow keeps what a task exports.
func contextOf(taskName string) string { return "$context[" + literal(taskName) + "]" }

// literal is a value as an expression has it. A reference stands for itself.
func literal(value any) string {
	if reference, ok := value.(interface{ Expression() string }); ok {
		text := strings.TrimSpace(reference.Expression())
		if inner, isExpression := strings.CutPrefix(text, "${"); isExpression {
			return strings.TrimSpace(strings.TrimSuffix(inner, "}"))
		}
	}
	if kept, ok := value.(interface{ ToValue() interface{} }); ok {
		value = kept.ToValue()
	}
	return expression.Literal(value)
}
