package validation

import (
	"errors"
	"fmt"
	"strings"
)

// Causes of a synthesis that did not end well.
var (
	ErrSynthesisAlreadyDone = errors.New("synthesis already done")
	ErrSynthesisFailed      = errors.New("synthesis failed")
	ErrManifestWrite        = errors.New("resources could not be written")
)

// ResourceError is a problem of one resource.
type ResourceError struct {
	// ResourceType is "Agent" or "Workflow".
	ResourceType string
	// ResourceName is the name that the program gave.
	ResourceName string
	// Operation is what was being done; empty while the resource is checked.
	Operation string
	// Message is for people.
	Message string
	// Err is the cause.
	Err error
}

// NewResourceError makes a ResourceError without a cause.
func NewResourceError(resourceType, resourceName, operation, message string) *ResourceError {
	return NewResourceErrorWithCause(resourceType, resourceName, operation, message, nil)
}

// NewResourceErrorWithCause makes a ResourceError that errors.Is recognises as err.
func NewResourceErrorWithCause(resourceType, resourceName, operation, message string, err error) *ResourceError {
	return &ResourceError{
		ResourceType: resourceType, ResourceName: resourceName, Operation: operation, Message: message, Err: err,
	}
}

// Error is kind, name, operation and message.
func (e *ResourceError) Error() string {
	parts := []string{fmt.Sprintf("%s %q", strings.ToLower(e.ResourceType), e.ResourceName)}
	if e.Operation != "" {
		parts = append(parts, e.Operation)
	}
	return strings.Join(append(parts, e.Message), ": ")
}

// Unwrap gives the cause.
func (e *ResourceError) Unwrap() error { return e.Err }

// WithField makes a ValidationError of the same problem that names the field.
func (e *ResourceError) WithField(field, value, rule string) *ValidationError {
	path := strings.ToLower(e.ResourceType) + "." + field
	return NewValidationErrorWithCause(path, value, rule, e.Message, e.Err)
}

// ConversionError says that a value could not be turned into the platform's form.
type ConversionError struct {
	// Type is what was converted, such as "Workflow".
	Type string
	// Field is the part of it, where known.
	Field string
	// Message is for people.
	Message string
	// Err is the cause.
	Err error
}

// NewConversionError makes a ConversionError without a cause.
func NewConversionError(typeName, field, message string) *ConversionError {
	return NewConversionErrorWithCause(typeName, field, message, nil)
}

// NewConversionErrorWithCause makes a ConversionError that errors.Is recognises as err.
func NewConversionErrorWithCause(typeName, field, message string, err error) *ConversionError {
	return &ConversionError{Type: typeName, Field: field, Message: message, Err: err}
}

// Error is type, field and message.
func (e *ConversionError) Error() string {
	if e.Field == "" {
		return e.Type + ": " + e.Message
	}
	return e.Type + "." + e.Field + ": " + e.Message
}

// Unwrap gives the cause.
func (e *ConversionError) Unwrap() error { return e.Err }

// SynthesisError ends a program whose resources were not written.
type SynthesisError struct {
	// Phase is "validation", "write" or "start".
	Phase string
	// ResourceType is set when one resource is to blame.
	ResourceType string
	// ResourceName is set when one resource is to blame.
	ResourceName string
	// Message is for people.
	Message string
	// Err is the cause; of a validation it holds every validation.
	Err error
}

// Error is the message.
func (e *SynthesisError) Error() string { return e.Message }

// Unwrap gives the cause.
func (e *SynthesisError) Unwrap() error { return e.Err }

// Is makes every SynthesisError an ErrSynthesisFailed.
func (e *SynthesisError) Is(target error) bool { return target == ErrSynthesisFailed }
