// Package activities holds what the tasks of a run do outside of their workflow.
package activities

import (
	"context"
	"log/slog"
	"net/http"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/backend"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/secret"
)

// Activities are registered on the queue of the interpreting workflow.
type Activities struct {
	backend  *backend.Client
	temporal client.Client
	vaults   *secret.Vaults
	web      *http.Client
	logger   *slog.Logger
}

// New makes the activities. Close must be called after the worker has stopped.
func New(server *backend.Client, temporal client.Client, vaults *secret.Vaults, logger *slog.Logger) *Activities {
	return &Activities{backend: server, temporal: temporal, vaults: vaults, web: newWebClient(), logger: logger}
}

// Named are the activities by the names under which the workflow calls them.
func (a *Activities) Named() map[string]any {
	return map[string]any{
		message.ReportActivity:       a.Report,
		message.HTTPActivity:         guarded(a, message.HTTPError, a.HTTP),
		message.GRPCActivity:         guarded(a, message.GRPCError, a.GRPC),
		contract.CallAgentActivity:   guarded(a, message.AgentError, a.CallAgent),
		message.CallWorkflowActivity: guarded(a, message.WorkflowError, a.CallWorkflow),
		message.CancelCallActivity:   a.CancelCall,
	}
}

// Close ends the connections that are kept open for later calls.
func (a *Activities) Close() { a.web.CloseIdleConnections() }

// Report tells the server about the tasks of a run, with one attempt: the workflow repeats it, with the news of then.
// An answer that would not change is logged and taken as an arrival, since the run must not wait for it.
//
// The workflow has no secrets to tell, but others may have told it some: an agent, or a caller by a signal.
func (a *Activities) Report(
	ctx context.Context, caller message.Caller, news *workflowexecutionv1.WorkflowExecutionStatus,
) error {
	vault, err := a.vault(ctx, caller)
	if err == nil {
		_, err = a.backend.TryUpdateStatus(ctx, caller.ExecutionID, vault.MaskStatus(news))
	}
	if backend.IsPermanent(err) {
		a.logger.ErrorContext(ctx, "the server refuses a report", "execution_id", caller.ExecutionID, "error", err.Error())
		return nil
	}
	if err != nil {
		return temporal.NewApplicationError(err.Error(), "ReportFailed")
	}
	return nil
}
