package orchestration_test

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/orchestration"
)

func TestOnlyPollsAndLeavesAreCutOff(t *testing.T) {
	for method, wanted := range map[string]bool{
		workflowservice.WorkflowService_PollWorkflowTaskQueue_FullMethodName:        true,
		workflowservice.WorkflowService_PollActivityTaskQueue_FullMethodName:        true,
		workflowservice.WorkflowService_ShutdownWorker_FullMethodName:               true,
		workflowservice.WorkflowService_RespondWorkflowTaskCompleted_FullMethodName: false,
		workflowservice.WorkflowService_RespondActivityTaskCompleted_FullMethodName: false,
	} {
		intercept, cut := orchestration.Interception()
		open := func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
			cut()
			if !wanted {
				return ctx.Err()
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(patience):
				return nil
			}
		}
		err := intercept(t.Context(), method, &workflowservice.ShutdownWorkerRequest{}, nil, nil, open)
		if ended := err != nil; ended != wanted {
			t.Errorf("%s ended with %v", method, err)
		}
	}
}
