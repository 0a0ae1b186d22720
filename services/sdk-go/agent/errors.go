package agent

import (
	"errors"

	"github.com/stigmer/stigmer/sdk/go/internal/validation"
)

// Causes of problems with agents. Test for them with errors.Is.
var (
	ErrInvalidName          = errors.New("invalid agent name")
	ErrInvalidInstructions  = errors.New("invalid agent instructions")
	ErrInvalidDescription   = errors.New("invalid agent description")
	ErrInvalidIconURL       = errors.New("invalid agent icon URL")
	ErrMissingRequiredField = errors.New("missing required field")
	ErrConversion           = validation.ErrConversion
)

// Causes of a synthesis that did not end well.
var (
	ErrSynthesisAlreadyDone = validation.ErrSynthesisAlreadyDone
	ErrSynthesisFailed      = validation.ErrSynthesisFailed
	ErrManifestWrite        = validation.ErrManifestWrite
)

// ValidationError says what is wrong with one field.
type ValidationError = validation.ValidationError

// ConversionError says that a value could not be turned into the platform's form.
type ConversionError = validation.ConversionError

// ResourceError is a problem of one resource.
type ResourceError = validation.ResourceError

// SynthesisError ends a program whose resources were not written.
type SynthesisError = validation.SynthesisError

// NewValidationError makes a ValidationError without a cause.
func NewValidationError(field, value, rule, message string) *ValidationError {
	return validation.NewValidationError(field, value, rule, message)
}

// NewValidationErrorWithCause makes a ValidationError that errors.Is recognises as err.
func NewValidationErrorWithCause(field, value, rule, message string, err error) *ValidationError {
	return validation.NewValidationErrorWithCause(field, value, rule, message, err)
}

// NewConversionError makes a ConversionError without a cause.
func NewConversionError(typeName, field, message string) *ConversionError {
	return validation.NewConversionError(typeName, field, message)
}

// NewConversionErrorWithCause makes a ConversionError that errors.Is recognises as err.
func NewConversionErrorWithCause(typeName, field, message string, err error) *ConversionError {
	return validation.NewConversionErrorWithCause(typeName, field, message, err)
}

// NewResourceError makes the error of an agent without a cause.
func NewResourceError(name, operation, message string) *ResourceError {
	return validation.NewResourceError("Agent", name, operation, message)
}

// NewResourceErrorWithCause makes the error of an agent that errors.Is recognises as err.
func NewResourceErrorWithCause(name, operation, message string, err error) *ResourceError {
	return validation.NewResourceErrorWithCause("Agent", name, operation, message, err)
}
