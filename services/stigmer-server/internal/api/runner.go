package api

import (
	"context"
	"strings"

	"google.golang.org/protobuf/types/known/emptypb"

	workflowrunnerv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowrunner/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
)

// runner answers the methods that control executions which run. Starting, pausing and going on are not implemented: an
// execution starts when it is made, and neither runner can pause.
type runner struct {
	workflowrunnerv1.UnimplementedWorkflowRunnerServiceControllerServer
	agents    *execution.Agents
	workflows *execution.Workflows
	engine    Engine
}

// CancelExecution ends an execution of an agent or of a workflow; the prefix of its id tells which.
func (r *runner) CancelExecution(
	ctx context.Context, request *workflowrunnerv1.CancelExecutionRequest,
) (*emptypb.Empty, error) {
	id := request.GetExecutionId()
	wish := execution.Cancellation{Reason: request.GetReason(), How: execution.AskToEnd}
	if request.GetForce() {
		wish.How = execution.Terminate
	}
	var err error
	switch {
	case strings.HasPrefix(id, resource.AgentExecutions.Prefix+"-"):
		_, err = r.agents.Cancel(ctx, id, wish)
	case strings.HasPrefix(id, resource.WorkflowExecutions.Prefix+"-"):
		_, err = r.workflows.Cancel(ctx, id, wish)
	default:
		err = &resource.NotFoundError{Kind: "Execution", Reference: id}
	}
	if err != nil {
		return nil, err
	}
	r.engine.Settle(ctx)
	return &emptypb.Empty{}, nil
}
