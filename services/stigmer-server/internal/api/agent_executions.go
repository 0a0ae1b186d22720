package api

import (
	"context"
	"strings"

	"google.golang.org/grpc"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	sessionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/session/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// agentExecutions answers the methods of agent executions.
type agentExecutions struct {
	agentexecutionv1.UnimplementedAgentExecutionCommandControllerServer
	agentexecutionv1.UnimplementedAgentExecutionQueryControllerServer
	base
	keeper *execution.Agents
	engine Engine
}

// Create stores an execution, with a session where the client named none, and starts it.
func (a *agentExecutions) Create(
	ctx context.Context, wanted *agentexecutionv1.AgentExecution,
) (*agentexecutionv1.AgentExecution, error) {
	spec := wanted.GetSpec()
	if spec.GetSessionId() == "" && spec.GetAgentId() == "" {
		return nil, resource.Invalid("either session_id or agent_id must be provided")
	}
	return launch(ctx, a.base, a.keeper, a.engine, launching[*agentexecutionv1.AgentExecution]{
		wanted: wanted, prepare: a.prepare, start: a.engine.StartAgent,
	})
}

// prepare finds the session that an execution goes on with, or makes one with the agent's default instance.
func (a *agentExecutions) prepare(
	writer store.Writer, fresh *agentexecutionv1.AgentExecution,
) (session string, err error) {
	if id := fresh.GetSpec().GetSessionId(); id != "" {
		_, err := resource.Sessions.Get(writer, id)
		return "", err
	}
	agent, err := resource.Agents.Get(writer, fresh.GetSpec().GetAgentId())
	if err != nil {
		return "", err
	}
	if agent.GetMetadata().GetOwnerScope() == apiresource.ApiResourceOwnerScope_platform {
		return "", resource.Invalid("agent %s belongs to the platform and sessions belong to an organization: create a session "+
			"with its instance %s in yours and name it in spec.session_id", agent.GetMetadata().GetId(),
			agent.GetStatus().GetDefaultInstanceId())
	}
	if err := a.ensureAgentInstance(writer, agent); err != nil {
		return "", err
	}
	fresh.Spec.SessionId, err = a.newSession(writer, agent)
	return fresh.GetSpec().GetSessionId(), err
}

// newSession makes a session of its own for an execution. Its name holds an id, not a time: executions made in the same
// millisecond get different ones.
func (a *agentExecutions) newSession(writer store.Writer, agent *agentv1.Agent) (string, error) {
	name, err := a.ids.New(resource.Sessions.Prefix)
	if err != nil {
		return "", err
	}
	session := &sessionv1.Session{
		ApiVersion: resource.APIVersion, Kind: resource.Sessions.Name,
		Metadata: &apiresource.ApiResourceMetadata{
			Name: "session-" + strings.TrimPrefix(name, resource.Sessions.Prefix+"-"), Org: agent.GetMetadata().GetOrg(),
			OwnerScope: agent.GetMetadata().GetOwnerScope(),
		},
		Spec: &sessionv1.SessionSpec{
			AgentInstanceId: agent.GetStatus().GetDefaultInstanceId(), Subject: "Auto-created session",
		},
	}
	err = resource.Sessions.Insert(writer, session, a.ids, a.now())
	return session.GetMetadata().GetId(), err
}

// Update replaces the spec of an execution.
func (a *agentExecutions) Update(
	ctx context.Context, wanted *agentexecutionv1.AgentExecution,
) (*agentexecutionv1.AgentExecution, error) {
	if wanted.GetMetadata().GetId() == "" {
		return nil, resource.Invalid("resource id is required for update: set metadata.id")
	}
	return a.keeper.Replace(ctx, wanted.GetMetadata().GetId(), wanted)
}

// UpdateStatus merges a runner's news, or ends the execution where the news are that it is cancelled.
func (a *agentExecutions) UpdateStatus(
	ctx context.Context, input *agentexecutionv1.AgentExecutionUpdateStatusInput,
) (*agentexecutionv1.AgentExecution, error) {
	return updateStatus(ctx, a.keeper, a.engine, input.GetExecutionId(), input.GetStatus(),
		execution.Phase(input.GetStatus().GetPhase()))
}

// Delete removes an execution; one that runs is ended.
func (a *agentExecutions) Delete(
	ctx context.Context, id *apiresource.ApiResourceId,
) (*agentexecutionv1.AgentExecution, error) {
	return removeExecution(ctx, a.keeper, a.engine, id.GetValue())
}

// Get reads an execution by its id.
func (a *agentExecutions) Get(
	ctx context.Context, id *agentexecutionv1.AgentExecutionId,
) (*agentexecutionv1.AgentExecution, error) {
	return a.keeper.Get(ctx, id.GetValue())
}

// List lists executions, newest first.
func (a *agentExecutions) List(
	ctx context.Context, request *agentexecutionv1.ListAgentExecutionsRequest,
) (*agentexecutionv1.AgentExecutionList, error) {
	return a.list(ctx, func(one *agentexecutionv1.AgentExecution) bool {
		anyPhase := request.GetPhase() == agentexecutionv1.ExecutionPhase_EXECUTION_PHASE_UNSPECIFIED
		return (anyPhase || one.GetStatus().GetPhase() == request.GetPhase()) && hasTags(one.GetMetadata(), request.GetTags())
	}, request.GetPageSize(), request.GetPageToken())
}

// ListBySession lists the executions of a session, newest first.
func (a *agentExecutions) ListBySession(
	ctx context.Context, request *agentexecutionv1.ListAgentExecutionsBySessionRequest,
) (*agentexecutionv1.AgentExecutionList, error) {
	return a.list(ctx, func(one *agentexecutionv1.AgentExecution) bool {
		return one.GetSpec().GetSessionId() == request.GetSessionId()
	}, request.GetPageSize(), request.GetPageToken())
}

func (a *agentExecutions) list(
	ctx context.Context, match func(*agentexecutionv1.AgentExecution) bool, size int32, token string,
) (*agentexecutionv1.AgentExecutionList, error) {
	page, err := listPage(ctx, a.store, resource.AgentExecutions, match, size, token)
	if err != nil {
		return nil, err
	}
	return &agentexecutionv1.AgentExecutionList{TotalPages: page.Pages, Entries: page.Entries}, nil
}

// Subscribe sends the stored state and every later one, and ends after a terminal phase.
func (a *agentExecutions) Subscribe(
	id *agentexecutionv1.AgentExecutionId, stream grpc.ServerStreamingServer[agentexecutionv1.AgentExecution],
) error {
	return a.keeper.Follow(stream.Context(), id.GetValue(), stream.Send)
}
