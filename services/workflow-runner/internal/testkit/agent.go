package testkit

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowrunnerv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowrunner/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
)

// AgentWork is what an agent does in a test: it returns its answer, or why it failed.
type AgentWork func(ctx context.Context, execution *agentexecutionv1.AgentExecution) (answer string, err error)

// Agents stand in for the agent-runner, which is a program in Python: they take its activities from its queue and do
// what a test says.
type Agents struct {
	mutex sync.Mutex
	seen  []*agentexecutionv1.AgentExecution
}

// Agent stores an agent.
func (s *Stack) Agent(name string) *agentv1.Agent {
	s.T.Helper()
	made, err := agentv1.NewAgentCommandControllerClient(s.connection).Apply(s.T.Context(), &agentv1.Agent{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "Agent",
		Metadata: &apiresource.ApiResourceMetadata{
			Name: name, Org: Organization, OwnerScope: apiresource.ApiResourceOwnerScope_organization,
		},
		Spec: &agentv1.AgentSpec{Instructions: "Do what the test says."},
	})
	if err != nil {
		s.T.Fatal(err)
	}
	return made
}

// Agents starts a stand-in for the agent-runner.
func (s *Stack) Agents(work AgentWork) *Agents {
	s.T.Helper()
	agents := &Agents{}
	made := worker.New(s.Temporal, contract.AgentExecutionRunnerQueue, worker.Options{
		DisableWorkflowWorker: true, MaxHeartbeatThrottleInterval: probeInterval,
		// Without it the SDK would hash the whole test binary.
		BuildID: "test",
	})
	made.RegisterActivityWithOptions(func(_ context.Context, session, _ string) (string, error) {
		return "thread-" + session, nil
	}, activity.RegisterOptions{Name: contract.EnsureThreadActivity})
	made.RegisterActivityWithOptions(
		func(ctx context.Context, execution *agentexecutionv1.AgentExecution, _ string) (*agentexecutionv1.AgentExecutionStatus, error) {
			// As the agent-runner does: values of the environment are not in the argument.
			stored, err := agentexecutionv1.NewAgentExecutionQueryControllerClient(s.connection).Get(ctx,
				&agentexecutionv1.AgentExecutionId{Value: execution.GetMetadata().GetId()})
			if err != nil {
				return nil, err
			}
			agents.note(stored)
			answer, err := work(ctx, stored)
			return s.report(ctx, execution.GetMetadata().GetId(), answer, err)
		}, activity.RegisterOptions{Name: contract.ExecuteAgentActivity})
	if err := made.Start(); err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(made.Stop)
	return agents
}

func (s *Stack) report(ctx context.Context, id, answer string, failure error) (*agentexecutionv1.AgentExecutionStatus, error) {
	status := &agentexecutionv1.AgentExecutionStatus{Phase: agentexecutionv1.ExecutionPhase_EXECUTION_COMPLETED}
	if answer != "" {
		status.Messages = []*agentexecutionv1.AgentMessage{
			{Type: agentexecutionv1.MessageType_MESSAGE_AI, Content: answer},
		}
	}
	if failure != nil {
		status.Phase = agentexecutionv1.ExecutionPhase_EXECUTION_FAILED
		status.Error = failure.Error()
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	_, err := agentexecutionv1.NewAgentExecutionCommandControllerClient(s.connection).UpdateStatus(ctx,
		&agentexecutionv1.AgentExecutionUpdateStatusInput{ExecutionId: id, Status: status})
	return status, err
}

func (a *Agents) note(execution *agentexecutionv1.AgentExecution) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.seen = append(a.seen, execution)
}

// Seen are the executions that came.
func (a *Agents) Seen(t *testing.T) []*agentexecutionv1.AgentExecution {
	t.Helper()
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return append([]*agentexecutionv1.AgentExecution(nil), a.seen...)
}

// BeatUntilCancelled shows life until the activity is cancelled.
func BeatUntilCancelled(ctx context.Context) {
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			activity.RecordHeartbeat(ctx)
		}
	}
}

// AwaitAgent waits until the execution of an agent is in a phase.
func (s *Stack) AwaitAgent(id string, phase agentexecutionv1.ExecutionPhase) {
	s.T.Helper()
	s.eventually("the phase of "+id, func() (bool, any) {
		found, err := agentexecutionv1.NewAgentExecutionQueryControllerClient(s.connection).Get(s.T.Context(),
			&agentexecutionv1.AgentExecutionId{Value: id})
		if err != nil {
			return false, err
		}
		return found.GetStatus().GetPhase() == phase, found.GetStatus()
	})
}

// AwaitAnyAgent waits for an execution of an agent and returns its id.
func (s *Stack) AwaitAnyAgent() (id string) {
	s.T.Helper()
	s.eventually("an execution of an agent", func() (bool, any) {
		list, err := agentexecutionv1.NewAgentExecutionQueryControllerClient(s.connection).List(s.T.Context(),
			&agentexecutionv1.ListAgentExecutionsRequest{})
		if err != nil || len(list.GetEntries()) == 0 {
			return false, err
		}
		id = list.GetEntries()[0].GetMetadata().GetId()
		return true, nil
	})
	return id
}

// Cancel cancels an execution.
func (s *Stack) Cancel(id string) {
	s.T.Helper()
	_, err := workflowrunnerv1.NewWorkflowRunnerServiceControllerClient(s.connection).CancelExecution(s.T.Context(),
		&workflowrunnerv1.CancelExecutionRequest{ExecutionId: id})
	if err != nil {
		s.T.Fatal(err)
	}
}
