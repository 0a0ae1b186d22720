package resource

import (
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// NotFoundError says that no resource of a kind has an id or a slug.
type NotFoundError struct {
	// Kind is the name of the kind, as in the field `kind`.
	Kind string
	// Reference is the id or slug that was asked for.
	Reference string
}

func (e *NotFoundError) Error() string {
	return e.Kind + " not found: " + e.Reference
}

// GRPCStatus makes the error a status of the API.
func (e *NotFoundError) GRPCStatus() *status.Status {
	return status.New(codes.NotFound, e.Error())
}

// ExistsError says that a slug is taken.
type ExistsError struct {
	Kind string
	Slug string
	ID   string
}

func (e *ExistsError) Error() string {
	return fmt.Sprintf("%s with slug '%s' already exists (id: %s)", e.Kind, e.Slug, e.ID)
}

// GRPCStatus makes the error a status of the API.
func (e *ExistsError) GRPCStatus() *status.Status {
	return status.New(codes.AlreadyExists, e.Error())
}

// InvalidError says that a request breaks a rule that the schema cannot express.
type InvalidError struct{ Message string }

func (e *InvalidError) Error() string { return e.Message }

// GRPCStatus makes the error a status of the API.
func (e *InvalidError) GRPCStatus() *status.Status {
	return status.New(codes.InvalidArgument, e.Message)
}

// Invalid makes an InvalidError; the message names the cure.
func Invalid(format string, arguments ...any) error {
	return &InvalidError{fmt.Sprintf(format, arguments...)}
}
