package execution

import (
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
)

// EndedError says that an execution has ended already.
type EndedError struct {
	ID    string
	Phase Phase
}

func (e *EndedError) Error() string {
	return fmt.Sprintf("execution %s has ended as %s already: there is nothing to cancel", e.ID, e.Phase)
}

// GRPCStatus makes the error a status of the API.
func (e *EndedError) GRPCStatus() *status.Status {
	return status.New(codes.FailedPrecondition, e.Error())
}

// StoppingError ends the streams of a server that stops.
type StoppingError struct{}

func (StoppingError) Error() string {
	return "server is stopping: subscribe again when it is back, the stored state is sent first"
}

// GRPCStatus makes the error a status of the API.
func (e StoppingError) GRPCStatus() *status.Status {
	return status.New(codes.Unavailable, e.Error())
}

// Gone tells whether an error says that something does not exist.
func Gone(err error) bool {
	_, gone := errors.AsType[*resource.NotFoundError](err)
	return gone
}
