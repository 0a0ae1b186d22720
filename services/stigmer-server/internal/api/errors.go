package api

import (
	"context"
	"errors"
	"syscall"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/artifact"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// UsedError says that a resource cannot go because another one needs it.
type UsedError struct{ Message string }

func (e *UsedError) Error() string { return e.Message }

// GRPCStatus makes the error a status of the API.
func (e *UsedError) GRPCStatus() *status.Status {
	return status.New(codes.FailedPrecondition, e.Message)
}

// statusOf makes any error a status of the API. Errors that bring a status keep it, with the text around it; what is left
// is our own fault.
func statusOf(err error) error {
	if err == nil {
		return nil
	}
	if carried, ok := status.FromError(err); ok {
		return carried.Err()
	}
	return status.Error(codeOf(err), err.Error())
}

func codeOf(err error) codes.Code {
	if _, full := errors.AsType[*store.FullError](err); full {
		return codes.ResourceExhausted
	}
	if _, invalid := errors.AsType[*artifact.InvalidError](err); invalid {
		return codes.InvalidArgument
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return codes.ResourceExhausted
	case errors.Is(err, context.Canceled):
		return codes.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return codes.DeadlineExceeded
	case errors.Is(err, store.ErrClosed):
		return codes.Unavailable
	default:
		return codes.Internal
	}
}
