package orchestration

import (
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// UnavailableError says that Temporal cannot be used now.
type UnavailableError struct {
	Address   string
	Namespace string
	// Cause is what went wrong; nil when there is no connection.
	Cause error
}

func (e *UnavailableError) Error() string {
	text := fmt.Sprintf("Temporal workflow engine is unavailable. Please try again later, or check that Temporal runs at %s "+
		"(TEMPORAL_HOST_PORT) with the namespace %q (TEMPORAL_NAMESPACE)", e.Address, e.Namespace)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

func (e *UnavailableError) Unwrap() error { return e.Cause }

// GRPCStatus makes the error a status of the API.
func (e *UnavailableError) GRPCStatus() *status.Status {
	return status.New(codes.Unavailable, e.Error())
}

// RefusedError says that Temporal did not take a workflow for a reason that a retry does not change.
type RefusedError struct{ Cause error }

func (e *RefusedError) Error() string {
	return "Temporal refused to start the execution: " + e.Cause.Error() +
		": a message or a workflow of more than 2 MB is a common reason"
}

func (e *RefusedError) Unwrap() error { return e.Cause }

// GRPCStatus makes the error a status of the API.
func (e *RefusedError) GRPCStatus() *status.Status {
	return status.New(codes.InvalidArgument, e.Error())
}

// ValidationError says that a workflow could not be validated; it may be valid.
type ValidationError struct{ Message string }

func (e *ValidationError) Error() string {
	return "workflow validation system error: " + e.Message
}

// GRPCStatus makes the error a status of the API.
func (e *ValidationError) GRPCStatus() *status.Status {
	return status.New(codes.Unavailable, e.Error())
}
