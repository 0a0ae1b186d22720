package polls_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/stigmer/stigmer-e2e/services/internal/polls"
)

func TestOpenPollsEndWhenTheyAreToldTo(t *testing.T) {
	requests := polls.NewLimit()
	call := func(method string) <-chan error {
		ended := make(chan error, 1)
		go func() {
			ended <- requests.Intercept(t.Context(), method, nil, nil, nil,
				func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-time.After(100 * time.Millisecond):
						return errors.New("answered")
					}
				})
		}()
		return ended
	}
	poll := call("/temporal.api.workflowservice.v1.WorkflowService/PollActivityTaskQueue")
	other := call("/temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskCompleted")
	requests.Cut()
	if err := <-poll; !errors.Is(err, context.Canceled) {
		t.Errorf("the poll ended with %v", err)
	}
	if err := <-other; err == nil || err.Error() != "answered" {
		t.Errorf("the other call ended with %v", err)
	}
	if err := <-call("/temporal.api.workflowservice.v1.WorkflowService/PollWorkflowTaskQueue"); !errors.Is(err, context.Canceled) {
		t.Errorf("a later poll ended with %v", err)
	}
}
