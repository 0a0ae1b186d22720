package app_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowrunnerv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowrunner/v1"

	"github.com/stigmer/stigmer-e2e/services/internal/temporaltest"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/app"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

const (
	serving    = grpc_health_v1.HealthCheckResponse_SERVING
	notServing = grpc_health_v1.HealthCheckResponse_NOT_SERVING
)

// quickDial keeps tests short that wait for a Temporal which does not answer.
func quickDial(settings *config.Settings) { settings.Timeouts.TemporalDial = time.Second }

// keys stops the server and answers the keys of its store, without those of the kinds that are left out.
func (s *stack) keys(without ...string) []string {
	s.t.Helper()
	if err := s.stop(); err != nil {
		s.t.Fatal(err)
	}
	opened, err := store.Open(store.Options{Dir: s.settings.StoreDir})
	if err != nil {
		s.t.Fatal(err)
	}
	defer opened.Close()
	var keys []string
	err = opened.View(s.t.Context(), func(reader store.Reader) error {
		for entry, err := range reader.Scan("", store.OldestFirst) {
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(without, func(kind string) bool { return strings.HasPrefix(entry.Key, kind) }) {
				keys = append(keys, entry.Key)
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return keys
}

// startsNothing checks that nothing can be run, at once, and says what to do.
func (s *stack) startsNothing(agentID string) {
	s.t.Helper()
	words := []string{"Temporal workflow engine is unavailable. Please try again later", s.temporal.Address(),
		s.settings.Temporal.Namespace}
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	_, err := s.agentRuns.Create(ctx, anAgentExecution(agentID))
	refused(s.t, err, codes.Unavailable, words...)
	_, err = s.workflowRuns.Create(ctx, aWorkflowExecution("wfl-1"))
	refused(s.t, err, codes.Unavailable, words...)
	_, err = s.workflows.Apply(ctx, aWorkflow("greeting"))
	refused(s.t, err, codes.Unavailable, words...)
}

func TestWithoutTemporalTheServerServesWhatItCanAndComesBackByItself(t *testing.T) {
	temporal := temporaltest.StartDurable(t)
	s := newIdleStack(t, temporal)
	temporal.Kill()
	s.start()
	s.waitFor(app.HealthTemporal, notServing)
	agent := s.agent()
	s.startsNothing(agent)
	if err := temporal.Restart(); err != nil {
		t.Fatal(err)
	}
	s.waitFor(app.HealthTemporal, serving)
	s.startRunner(s.answers("Hello to you."))
	if last := s.end(s.runAgent()); last.GetPhase() != completed {
		t.Errorf("ended as %s", last)
	}
}

func TestWithoutTemporalNothingIsHalfWritten(t *testing.T) {
	temporal := temporaltest.Start(t)
	s := newIdleStack(t, temporal)
	temporal.Kill()
	s.start()
	s.startsNothing(s.agent())
	if keys := s.keys("agent"); len(keys) != 0 {
		t.Errorf("%v is left", keys)
	}
}

func TestARunGoesOnWhenTemporalComesBack(t *testing.T) {
	temporal := temporaltest.StartDurable(t)
	s := newIdleStack(t, temporal)
	s.start()
	s.waitFor(app.HealthTemporal, serving)
	started, back := make(chan struct{}), make(chan struct{})
	s.startRunner(runner{agent: func(ctx context.Context, run *agentRun) (*agentRunStatus, error) {
		close(started)
		<-back
		return &agentRunStatus{Phase: completed, Messages: says("in spite of all")}, nil
	}})
	run := s.runAgent()
	<-started
	temporal.Kill()
	s.waitFor(app.HealthTemporal, notServing)
	s.startsNothing(run.GetSpec().GetAgentId())
	if err := temporal.Restart(); err != nil {
		t.Fatal(err)
	}
	s.waitFor(app.HealthTemporal, serving)
	close(back)
	if last := s.end(run); last.GetPhase() != completed {
		t.Errorf("ended as %s", last)
	}
}

func TestARunThatTemporalHasForgottenIsFailed(t *testing.T) {
	temporal := temporaltest.Start(t)
	s := newIdleStack(t, temporal)
	s.start()
	s.waitFor(app.HealthTemporal, serving)
	run := s.runAgent()
	stream := s.follow(run)
	temporal.Kill()
	s.waitFor(app.HealthTemporal, notServing)
	if err := temporal.Restart(); err != nil {
		t.Fatal(err)
	}
	// Without its namespace Temporal is as good as away.
	if answer := s.health(app.HealthTemporal); answer != notServing {
		t.Errorf("health is %s without the namespace", answer)
	}
	temporal.Register(t, s.settings.Temporal.Namespace)
	states := drain(t, stream)
	last := states[len(states)-1].GetStatus()
	if last.GetPhase() != failed || !strings.Contains(last.GetError(), "Temporal does not know the execution any more") {
		t.Errorf("ended as %s", last)
	}
	s.waitFor(app.HealthTemporal, serving)
}

func TestATemporalThatHangsIsLeftAlone(t *testing.T) {
	temporal := temporaltest.Start(t)
	s := newIdleStack(t, temporal, quickDial)
	s.start()
	s.waitFor(app.HealthTemporal, serving)
	agent := s.agent()
	temporal.Pause(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := s.agentRuns.Create(ctx, anAgentExecution(agent))
	refused(t, err, codes.Unavailable, "Temporal workflow engine is unavailable")
	s.waitFor(app.HealthTemporal, notServing)
	temporal.Resume(t)
	s.waitFor(app.HealthTemporal, serving)
	// Temporal may have taken the start after all, once it ran again. Its workflow finds nothing to do.
	list, err := s.agentRunQuery.List(t.Context(), &agentexecutionv1.ListAgentExecutionsRequest{})
	if err != nil || len(list.GetEntries()) != 0 {
		t.Errorf("%v is left (%v)", list, err)
	}
	if keys := s.keys("agent"); len(keys) != 0 {
		t.Errorf("%v is left", keys)
	}
}

func TestACancellationWaitsForTemporal(t *testing.T) {
	temporal := temporaltest.StartDurable(t)
	s := newIdleStack(t, temporal, quickHeartbeats)
	s.start()
	s.waitFor(app.HealthTemporal, serving)
	started, stopped := make(chan struct{}), make(chan error, 1)
	s.startRunner(runner{agent: func(ctx context.Context, _ *agentRun) (*agentRunStatus, error) {
		close(started)
		stopped <- heartbeatUntilCancelled(ctx)
		return nil, ctx.Err()
	}})
	run := s.runAgent()
	<-started
	temporal.Kill()
	s.waitFor(app.HealthTemporal, notServing)
	_, err := s.control.CancelExecution(t.Context(), &workflowrunnerv1.CancelExecutionRequest{
		ExecutionId: run.GetMetadata().GetId(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if last := s.end(run); last.GetPhase() != cancelled {
		t.Errorf("ended as %s", last)
	}
	if err := temporal.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	s.waitForWorkflow("stigmer/agent-execution/invoke/" + run.GetMetadata().GetId())
}

func TestANamespaceThatIsMadeLaterIsFound(t *testing.T) {
	temporal := temporaltest.Shared(t)
	s := newIdleStack(t, temporal, func(settings *config.Settings) { settings.Temporal.Namespace += "-later" })
	s.start()
	s.waitFor(app.HealthTemporal, notServing)
	s.startsNothing(s.agent())
	temporal.Register(t, s.settings.Temporal.Namespace)
	s.waitFor(app.HealthTemporal, serving)
	if !strings.Contains(s.log.String(), "does the namespace") {
		t.Error("the log does not say what to look at")
	}
}

// Temporal takes no payload of more than 2 MB.
func TestAnExecutionThatIsTooLargeForTemporalLeavesNothing(t *testing.T) {
	s := newStack(t)
	wanted := anAgentExecution(s.agent())
	wanted.Spec.Message = strings.Repeat("x", 3<<20)
	_, err := s.agentRuns.Create(t.Context(), wanted)
	refused(t, err, codes.InvalidArgument, "Temporal refused to start the execution", "2 MB")
	if keys := s.keys("agent:", "agent/", "agent_instance"); len(keys) != 0 {
		t.Errorf("%v is left", keys)
	}
}

// stored puts what a server that died would have left into the store.
func (s *stack) stored(fill func(store.Store, *execution.Agents, *resource.IDs) error) {
	s.t.Helper()
	opened, err := store.Open(store.Options{Dir: s.settings.StoreDir})
	if err != nil {
		s.t.Fatal(err)
	}
	agents := execution.NewAgents(opened, slog.New(slog.DiscardHandler), time.Now)
	if err := errors.Join(fill(opened, agents, resource.NewIDs(time.Now)), opened.Close()); err != nil {
		s.t.Fatal(err)
	}
}

func TestAServerThatDiedBetweenStoringAndStartingLeavesNothing(t *testing.T) {
	s := newIdleStack(t, temporaltest.Shared(t))
	s.stored(func(_ store.Store, agents *execution.Agents, ids *resource.IDs) error {
		return agents.Insert(t.Context(), anAgentExecution("agt-1"), ids, func(store.Writer) (string, error) { return "", nil })
	})
	s.start()
	eventually(t, func() error {
		list, err := s.agentRunQuery.List(t.Context(), &agentexecutionv1.ListAgentExecutionsRequest{})
		if err == nil && len(list.GetEntries()) != 0 {
			err = errors.New("the execution is still there")
		}
		return err
	})
	if keys := s.keys(); len(keys) != 0 {
		t.Errorf("%v is left", keys)
	}
}

func TestARunThatTemporalEndedMeanwhileIsFailed(t *testing.T) {
	s := newStack(t)
	run := s.runAgent()
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	connected := s.temporal.Client(t, s.settings.Temporal.Namespace)
	workflow := "stigmer/agent-execution/invoke/" + run.GetMetadata().GetId()
	if err := connected.TerminateWorkflow(t.Context(), workflow, "", "by a test"); err != nil {
		t.Fatal(err)
	}
	s.start()
	last := s.end(run)
	if last.GetPhase() != failed || last.GetError() != "Temporal ended the execution without a result (Terminated)" {
		t.Errorf("ended as %s", last)
	}
}

func TestARunSurvivesARestartOfTheServer(t *testing.T) {
	s := newStack(t)
	started, back := make(chan struct{}), make(chan struct{})
	s.startRunner(runner{agent: func(context.Context, *agentRun) (*agentRunStatus, error) {
		close(started)
		<-back
		return &agentRunStatus{Phase: completed, Messages: says("in spite of all")}, nil
	}})
	run := s.runAgent()
	<-started
	stream := s.follow(run)
	must[*agentRun](t)(stream.Recv())
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	_, err := stream.Recv()
	refused(t, err, codes.Unavailable, "subscribe again")
	// The runner is done while the server is away: its result must not be lost.
	close(back)
	s.start()
	if last := s.end(run); last.GetPhase() != completed || last.GetMessages()[0].GetContent() != "in spite of all" {
		t.Errorf("ended as %s", last)
	}
}

func TestResourcesNeedNoTemporal(t *testing.T) {
	temporal := temporaltest.Start(t)
	s := newIdleStack(t, temporal)
	temporal.Kill()
	s.start()
	made := must[*agentv1.Agent](t)(s.agents.Apply(t.Context(), anAgent("Test Agent")))
	must[*agentv1.Agent](t)(s.agents.Delete(t.Context(), &agentv1.AgentId{Value: made.GetMetadata().GetId()}))
	_, err := s.workflowQuery.Get(t.Context(), &workflowv1.WorkflowId{Value: "wfl-none"})
	refused(t, err, codes.NotFound)
}
