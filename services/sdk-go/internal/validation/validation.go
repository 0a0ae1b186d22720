// Package validation holds the errors of the SDK: what is wrong with a field, which resource it belongs to, and the list of
// everything that is wrong with a program.
package validation

import "errors"

// Causes that are the same for every kind of resource. Test for them with errors.Is.
var (
	ErrRequired      = errors.New("required")
	ErrInvalidFormat = errors.New("invalid format")
	ErrOutOfRange    = errors.New("out of range")
	ErrDuplicate     = errors.New("duplicate")
	ErrUnknown       = errors.New("unknown reference")
	ErrCycle         = errors.New("cycle")
	ErrConversion    = errors.New("value cannot be written")
)

// shownLength bounds how much of a wrong value is kept: enough to recognise it, short enough for one line.
const shownLength = 50

// ValidationError says what is wrong with one field and how to cure it.
type ValidationError struct {
	// Field is the path of the field inside its resource, such as "mcp_servers[0].stdio.command".
	Field string
	// Value is the beginning of the wrong value.
	Value string
	// Rule is the name of the broken rule, such as "required" or "min_length".
	Rule string
	// Message is for people; it names the cure.
	Message string
	// Err is the cause that errors.Is finds.
	Err error
}

// NewValidationError makes a ValidationError without a cause.
func NewValidationError(field, value, rule, message string) *ValidationError {
	return NewValidationErrorWithCause(field, value, rule, message, nil)
}

// NewValidationErrorWithCause makes a ValidationError that errors.Is recognises as err.
func NewValidationErrorWithCause(field, value, rule, message string, err error) *ValidationError {
	return &ValidationError{Field: field, Value: shorten(value), Rule: rule, Message: message, Err: err}
}

// Error is the path of the field and the message.
func (e *ValidationError) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + ": " + e.Message
}

// Unwrap gives the cause.
func (e *ValidationError) Unwrap() error { return e.Err }

func shorten(value string) string {
	runes := []rune(value)
	if len(runes) <= shownLength {
		return value
	}
	return string(runes[:shownLength]) + "…"
}
