package execution_test

import (
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	sessionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/session/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

// Phases, short.
const (
	pending    = agentexecutionv1.ExecutionPhase_EXECUTION_PENDING
	inProgress = agentexecutionv1.ExecutionPhase_EXECUTION_IN_PROGRESS
	completed  = agentexecutionv1.ExecutionPhase_EXECUTION_COMPLETED
	failed     = agentexecutionv1.ExecutionPhase_EXECUTION_FAILED
	cancelled  = agentexecutionv1.ExecutionPhase_EXECUTION_CANCELLED
)

// books are the executions of both kinds on a store of their own.
type books struct {
	t         *testing.T
	store     store.Store
	ids       *resource.IDs
	now       time.Time
	agents    *execution.Agents
	workflows *execution.Workflows
}

func newBooks(t *testing.T) *books {
	t.Helper()
	opened, err := store.Open(store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &books{t: t, store: opened, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	clock := func() time.Time { return b.now }
	b.ids = resource.NewIDs(clock)
	b.agents, b.workflows = execution.NewAgents(opened, quiet, clock), execution.NewWorkflows(opened, quiet, clock)
	return b
}

// agentExecution inserts an execution with a session of its own and answers its id.
func (b *books) agentExecution() string {
	b.t.Helper()
	fresh := &agentexecutionv1.AgentExecution{
		Kind: "AgentExecution", Metadata: &apiresource.ApiResourceMetadata{Name: "an execution", Org: "local"},
		Spec: &agentexecutionv1.AgentExecutionSpec{Message: "hello"},
	}
	err := b.agents.Insert(b.t.Context(), fresh, b.ids, func(writer store.Writer) (string, error) {
		session := &sessionv1.Session{Kind: "Session", Metadata: &apiresource.ApiResourceMetadata{
			Name: "session of " + time.Now().Format(time.RFC3339Nano),
		}}
		err := resource.Sessions.Insert(writer, session, b.ids, b.now)
		return session.GetMetadata().GetId(), err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return fresh.GetMetadata().GetId()
}

// workflowExecution inserts an execution and answers its id.
func (b *books) workflowExecution(name string) string {
	b.t.Helper()
	fresh := &workflowexecutionv1.WorkflowExecution{
		Kind: "WorkflowExecution", Metadata: &apiresource.ApiResourceMetadata{Name: name, Org: "local"},
	}
	err := b.workflows.Insert(b.t.Context(), fresh, b.ids, func(store.Writer) (string, error) { return "", nil })
	if err != nil {
		b.t.Fatal(err)
	}
	return fresh.GetMetadata().GetId()
}

// report merges news that must be accepted.
func (b *books) report(id string, news *agentexecutionv1.AgentExecutionStatus) *agentexecutionv1.AgentExecutionStatus {
	b.t.Helper()
	stored, err := b.agents.UpdateStatus(b.t.Context(), id, news)
	if err != nil {
		b.t.Fatal(err)
	}
	return stored.GetStatus()
}

// keys answers all keys of the store.
func (b *books) keys() []string {
	b.t.Helper()
	var keys []string
	err := b.store.View(b.t.Context(), func(reader store.Reader) error {
		for entry, err := range reader.Scan("", store.OldestFirst) {
			if err != nil {
				return err
			}
			keys = append(keys, entry.Key)
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return keys
}

func says(texts ...string) []*agentexecutionv1.AgentMessage {
	var messages []*agentexecutionv1.AgentMessage
	for _, text := range texts {
		messages = append(messages, &agentexecutionv1.AgentMessage{
			Type: agentexecutionv1.MessageType_MESSAGE_AI, Content: text,
		})
	}
	return messages
}
