package app_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	sessionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/session/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
)

// Short names for what the tests speak of most.
type (
	agentRun       = agentexecutionv1.AgentExecution
	agentRunStatus = agentexecutionv1.AgentExecutionStatus
)

const (
	pending    = agentexecutionv1.ExecutionPhase_EXECUTION_PENDING
	inProgress = agentexecutionv1.ExecutionPhase_EXECUTION_IN_PROGRESS
	completed  = agentexecutionv1.ExecutionPhase_EXECUTION_COMPLETED
	failed     = agentexecutionv1.ExecutionPhase_EXECUTION_FAILED
	cancelled  = agentexecutionv1.ExecutionPhase_EXECUTION_CANCELLED
)

func says(text string) []*agentexecutionv1.AgentMessage {
	return []*agentexecutionv1.AgentMessage{{Type: agentexecutionv1.MessageType_MESSAGE_AI, Content: text}}
}

// answers is an agent-runner that reports progress and an answer, and returns the end without having reported it.
func (s *stack) answers(text string) runner {
	return runner{agent: func(ctx context.Context, run *agentRun) (*agentRunStatus, error) {
		err := s.report(ctx, run, &agentRunStatus{Phase: inProgress, Messages: says("thinking")})
		return &agentRunStatus{Phase: completed, Messages: says(text)}, err
	}}
}

func (s *stack) report(ctx context.Context, run *agentRun, news *agentRunStatus) error {
	_, err := s.agentRuns.UpdateStatus(ctx, &agentexecutionv1.AgentExecutionUpdateStatusInput{
		ExecutionId: run.GetMetadata().GetId(), Status: news,
	})
	return err
}

// agent makes an agent and answers its id.
func (s *stack) agent() string {
	s.t.Helper()
	return must[*agentv1.Agent](s.t)(s.agents.Apply(s.t.Context(), anAgent("Test Agent"))).GetMetadata().GetId()
}

// runAgent makes an execution of a new agent.
func (s *stack) runAgent(change ...func(*agentRun)) *agentRun {
	s.t.Helper()
	wanted := anAgentExecution(s.agent())
	for _, one := range change {
		one(wanted)
	}
	return must[*agentRun](s.t)(s.agentRuns.Create(s.t.Context(), wanted))
}

// follow subscribes to an execution.
func (s *stack) follow(run *agentRun) grpc.ServerStreamingClient[agentRun] {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	s.t.Cleanup(cancel)
	return must[grpc.ServerStreamingClient[agentRun]](s.t)(s.agentRunQuery.Subscribe(ctx,
		&agentexecutionv1.AgentExecutionId{Value: run.GetMetadata().GetId()}))
}

// end follows an execution to its end.
func (s *stack) end(run *agentRun) *agentRunStatus {
	s.t.Helper()
	states := drain(s.t, s.follow(run))
	return states[len(states)-1].GetStatus()
}

// drain reads a stream to its end, which must be a good one.
func drain[E any](t *testing.T, stream grpc.ServerStreamingClient[E]) []*E {
	t.Helper()
	var states []*E
	for {
		state, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return states
		}
		if err != nil {
			t.Fatalf("stream ended with %v after %v", err, states)
		}
		states = append(states, state)
	}
}

func TestAnAgentRunsToItsEnd(t *testing.T) {
	s := newStack(t)
	release := make(chan struct{})
	s.startRunner(runner{agent: func(ctx context.Context, run *agentRun) (*agentRunStatus, error) {
		<-release
		if err := s.report(ctx, run, &agentRunStatus{Phase: inProgress}); err != nil {
			return nil, err
		}
		if err := s.report(ctx, run, &agentRunStatus{Messages: says("Hello to you.")}); err != nil {
			return nil, err
		}
		err := s.report(ctx, run, &agentRunStatus{Phase: completed})
		return &agentRunStatus{Phase: completed}, err
	}})
	run := s.runAgent()
	if run.GetStatus().GetPhase() != pending || len(run.GetStatus().GetMessages()) != 0 {
		t.Errorf("created as %s", run.GetStatus())
	}
	session := must[*sessionv1.Session](t)(s.sessionQuery.Get(t.Context(),
		&sessionv1.SessionId{Value: run.GetSpec().GetSessionId()}))
	if session.GetMetadata().GetOrg() != "local" || !strings.HasPrefix(session.GetMetadata().GetSlug(), "session-") {
		t.Errorf("session is %s", session.GetMetadata())
	}
	stream := s.follow(run)
	first := must[*agentRun](t)(stream.Recv())
	close(release)
	phases := []string{first.GetStatus().GetPhase().String()}
	states := drain(t, stream)
	for _, state := range states {
		phases = append(phases, state.GetStatus().GetPhase().String())
	}
	wanted := "EXECUTION_PENDING EXECUTION_IN_PROGRESS EXECUTION_IN_PROGRESS EXECUTION_COMPLETED"
	if got := strings.Join(phases, " "); got != wanted {
		t.Errorf("seen %s", got)
	}
	last := states[len(states)-1].GetStatus()
	if len(last.GetMessages()) != 1 || last.GetStartedAt() == "" || last.GetCompletedAt() == "" {
		t.Errorf("ended as %s", last)
	}
}

func TestTheRunnersResultCountsWhereItsLastReportWasLost(t *testing.T) {
	s := newStack(t)
	s.startRunner(s.answers("Hello to you."))
	last := s.end(s.runAgent())
	if last.GetPhase() != completed || last.GetMessages()[0].GetContent() != "Hello to you." || last.GetCompletedAt() == "" {
		t.Errorf("ended as %s", last)
	}
}

func TestARunThatHasStartedIsNotMarkedAsUnstarted(t *testing.T) {
	s := newStack(t)
	s.startRunner(s.answers("Hello to you."))
	s.end(s.runAgent())
	if keys := s.keys("agent", "session"); len(keys) != 0 {
		t.Errorf("%v is left", keys)
	}
}

func TestALateResultDoesNotChangeAnEnd(t *testing.T) {
	s := newStack(t)
	returned := make(chan struct{})
	s.startRunner(runner{agent: func(ctx context.Context, run *agentRun) (*agentRunStatus, error) {
		defer close(returned)
		err := s.report(ctx, run, &agentRunStatus{Phase: completed, Messages: says("the end")})
		return &agentRunStatus{Phase: failed, Messages: says("late"), Error: "late"}, err
	}})
	run := s.runAgent()
	ended := s.end(run)
	<-returned
	s.waitForWorkflow("stigmer/agent-execution/invoke/" + run.GetMetadata().GetId())
	late := must[*agentRun](t)(s.agentRuns.UpdateStatus(t.Context(), &agentexecutionv1.AgentExecutionUpdateStatusInput{
		ExecutionId: run.GetMetadata().GetId(), Status: &agentRunStatus{Phase: inProgress, Messages: says("very late")},
	})).GetStatus()
	if late.GetPhase() != completed || late.GetMessages()[0].GetContent() != "the end" || late.GetError() != "" ||
		late.GetCompletedAt() != ended.GetCompletedAt() {
		t.Errorf("after late news %s", late)
	}
}

// agentActivity is what an agent-runner does with an execution.
type agentActivity func(context.Context, *agentRun) (*agentRunStatus, error)

func fallsSilent(ctx context.Context, _ *agentRun) (*agentRunStatus, error) {
	<-activity.GetWorkerStopChannel(ctx)
	return nil, errors.New("worker stopped")
}

func takesTooLong(ctx context.Context, _ *agentRun) (*agentRunStatus, error) {
	for ctx.Err() == nil {
		activity.RecordHeartbeat(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil, ctx.Err()
}

func returns(status *agentRunStatus, err error) agentActivity {
	return func(context.Context, *agentRun) (*agentRunStatus, error) { return status, err }
}

func TestFailuresHaveTheirCause(t *testing.T) {
	for name, test := range map[string]struct {
		agent agentActivity
		words string
	}{
		"nobody polls": {nil, "no agent-runner took the execution within 300ms: start one that polls the task queue " +
			`"agent_execution_runner"`},
		"the runner falls silent": {fallsSilent, "the agent-runner was lost: no sign of life for 300ms"},
		"the run takes too long":  {takesTooLong, "the execution took longer than 2s (STIGMER_TIMEOUT_AGENT_RUN)"},
		"the runner gives up": {
			returns(nil, temporal.NewNonRetryableApplicationError("no such model", "ModelError", nil)),
			"the agent-runner failed: no such model",
		},
		"the runner returns without an end": {returns(&agentRunStatus{Phase: inProgress}, nil), "the runner ended without a result"},
		"the runner returns nothing":        {returns(nil, nil), "the runner ended without a result"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStack(t, func(settings *config.Settings) {
				settings.Timeouts.AgentScheduleToStart = 300 * time.Millisecond
				settings.Timeouts.AgentHeartbeat = 300 * time.Millisecond
				settings.Timeouts.AgentRun = 2 * time.Second
			})
			s.startRunner(runner{agent: test.agent})
			last := s.end(s.runAgent())
			if last.GetPhase() != failed || last.GetCompletedAt() == "" || !strings.HasPrefix(last.GetError(), test.words) {
				t.Errorf("ended as %s", last)
			}
			messages := last.GetMessages()
			if len(messages) != 2 || messages[1].GetContent() != "Error details: "+last.GetError() ||
				!strings.HasPrefix(messages[0].GetContent(), "Internal system error occurred during execution") {
				t.Errorf("messages are %v", messages)
			}
		})
	}
}

func TestAFailureThatTheRunnerReportsIsKept(t *testing.T) {
	s := newStack(t)
	s.startRunner(runner{agent: func(ctx context.Context, run *agentRun) (*agentRunStatus, error) {
		status := &agentRunStatus{Phase: failed, Messages: []*agentexecutionv1.AgentMessage{{
			Type: agentexecutionv1.MessageType_MESSAGE_SYSTEM, Content: "❌ Error: Execution failed: (status code: 500)",
		}}}
		return status, s.report(ctx, run, status)
	}})
	last := s.end(s.runAgent())
	if last.GetPhase() != failed || last.GetError() != "Execution failed: (status code: 500)" || len(last.GetMessages()) != 1 {
		t.Errorf("ended as %s", last)
	}
}

func TestExecutionsOfOneMomentAllGetSessionsOfTheirOwn(t *testing.T) {
	s := newStack(t)
	s.startRunner(s.answers("Hello to you."))
	agent := s.agent()
	sessions := make(chan string, 20)
	var group sync.WaitGroup
	for range cap(sessions) {
		group.Go(func() {
			run, err := s.agentRuns.Create(t.Context(), anAgentExecution(agent))
			if err != nil {
				t.Error(err)
			}
			sessions <- run.GetSpec().GetSessionId()
		})
	}
	group.Wait()
	close(sessions)
	different := map[string]bool{}
	for id := range sessions {
		different[id] = true
	}
	if len(different) != cap(sessions) {
		t.Errorf("%d executions have %d sessions", cap(sessions), len(different))
	}
	list := must[*agentexecutionv1.AgentExecutionList](t)(s.agentRunQuery.List(t.Context(),
		&agentexecutionv1.ListAgentExecutionsRequest{PageSize: 7}))
	if len(list.GetEntries()) != 7 || list.GetTotalPages() != 3 {
		t.Errorf("%d entries of %d pages", len(list.GetEntries()), list.GetTotalPages())
	}
	for index, entry := range list.GetEntries()[1:] {
		if entry.GetMetadata().GetId() > list.GetEntries()[index].GetMetadata().GetId() {
			t.Error("the newest does not come first")
		}
	}
}

func TestASessionGoesOnAndListsItsExecutions(t *testing.T) {
	s := newStack(t)
	s.startRunner(s.answers("Hello to you."))
	first := s.runAgent()
	s.end(first)
	next := anAgentExecution("")
	next.Spec.SessionId = first.GetSpec().GetSessionId()
	next.Metadata.Tags = []string{"second"}
	second := must[*agentRun](t)(s.agentRuns.Create(t.Context(), next))
	s.end(second)
	s.end(s.runAgent())
	list := must[*agentexecutionv1.AgentExecutionList](t)(s.agentRunQuery.ListBySession(t.Context(),
		&agentexecutionv1.ListAgentExecutionsBySessionRequest{SessionId: first.GetSpec().GetSessionId()}))
	if len(list.GetEntries()) != 2 || list.GetEntries()[0].GetMetadata().GetId() != second.GetMetadata().GetId() {
		t.Errorf("session has %v", list)
	}
	for phase, wanted := range map[agentexecutionv1.ExecutionPhase]int{completed: 3, failed: 0, 0: 3} {
		list := must[*agentexecutionv1.AgentExecutionList](t)(s.agentRunQuery.List(t.Context(),
			&agentexecutionv1.ListAgentExecutionsRequest{Phase: phase}))
		if len(list.GetEntries()) != wanted {
			t.Errorf("%d executions in phase %s", len(list.GetEntries()), phase)
		}
	}
	tagged := must[*agentexecutionv1.AgentExecutionList](t)(s.agentRunQuery.List(t.Context(),
		&agentexecutionv1.ListAgentExecutionsRequest{Tags: []string{"second"}}))
	if len(tagged.GetEntries()) != 1 {
		t.Errorf("%d executions have the tag", len(tagged.GetEntries()))
	}
}

func TestAnExecutionIsDeletedWhileItRuns(t *testing.T) {
	s := newStack(t, quickHeartbeats)
	started, ended := make(chan struct{}), make(chan error, 1)
	s.startRunner(runner{agent: func(ctx context.Context, _ *agentRun) (*agentRunStatus, error) {
		close(started)
		ended <- heartbeatUntilCancelled(ctx)
		return nil, ctx.Err()
	}})
	run := s.runAgent()
	stream := s.follow(run)
	must[*agentRun](t)(stream.Recv())
	<-started
	must[*agentRun](t)(s.agentRuns.Delete(t.Context(), idOf(run)))
	_, err := stream.Recv()
	refused(t, err, codes.NotFound, "AgentExecution not found")
	if err := <-ended; err != nil {
		t.Error(err)
	}
	_, err = s.agentRunQuery.Get(t.Context(), &agentexecutionv1.AgentExecutionId{Value: run.GetMetadata().GetId()})
	refused(t, err, codes.NotFound)
}
