package execution_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

func TestUndoingAStartLeavesNothing(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	if keys := b.keys(); len(keys) != 4 {
		t.Fatalf("an unfinished start has %v", keys)
	}
	if err := b.agents.Undo(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if keys := b.keys(); len(keys) != 0 {
		t.Errorf("%v is left", keys)
	}
	if err := b.agents.Undo(t.Context(), id); err != nil {
		t.Errorf("undoing again answered %v", err)
	}
}

func TestAnExecutionThatStartedIsNotUndone(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	if err := errors.Join(b.agents.Started(t.Context(), id), b.agents.Undo(t.Context(), id)); err != nil {
		t.Fatal(err)
	}
	stored, err := b.agents.Get(t.Context(), id)
	if err != nil || stored.GetStatus().GetPhase() != pending {
		t.Errorf("execution is %s (%v)", stored, err)
	}
	if joined := strings.Join(b.keys(), " "); strings.Contains(joined, "pending_start") {
		t.Errorf("the mark is left: %s", joined)
	}
}

func TestAFailedInsertLeavesNothing(t *testing.T) {
	b := newBooks(t)
	mistake := errors.New("mistake")
	fresh := &agentexecutionv1.AgentExecution{Metadata: &apiresource.ApiResourceMetadata{Name: "one"}}
	err := b.agents.Insert(t.Context(), fresh, b.ids, func(writer store.Writer) (string, error) {
		return "", errors.Join(mistake, writer.Set("session/ses-1", nil))
	})
	if !errors.Is(err, mistake) || len(b.keys()) != 0 {
		t.Errorf("insert answered %v and left %v", err, b.keys())
	}
}

func TestExecutionsOfAgentsShareNamesThoseOfWorkflowsDoNot(t *testing.T) {
	b := newBooks(t)
	b.agentExecution()
	b.agentExecution()
	b.workflowExecution("one")
	err := b.workflows.Insert(t.Context(), &workflowexecutionv1.WorkflowExecution{
		Metadata: &apiresource.ApiResourceMetadata{Name: "one", Org: "local"},
	}, b.ids, func(store.Writer) (string, error) { return "", nil })
	if grpcstatus.Code(err) != codes.AlreadyExists {
		t.Errorf("the second answered %v", err)
	}
}

func TestUnendedExecutionsAreThoseThatSomebodyMustLookAt(t *testing.T) {
	b := newBooks(t)
	starting, started, crashed, ended := b.agentExecution(), b.agentExecution(), b.agentExecution(), b.agentExecution()
	if err := b.agents.Started(t.Context(), started); err != nil {
		t.Fatal(err)
	}
	if err := b.agents.Started(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	b.report(ended, &agentexecutionv1.AgentExecutionStatus{Phase: completed})
	unended, err := b.agents.Unended(t.Context())
	if diff := cmp.Diff(map[string]bool{started: false}, unended); diff != "" || err != nil {
		t.Errorf("while calls are starting two (-want +got): %v\n%s", err, diff)
	}
	// The next server knows of no calls that are starting something.
	next := execution.NewAgents(b.store, quiet, nil)
	unended, err = next.Unended(t.Context())
	wanted := map[string]bool{started: false, starting: true, crashed: true}
	if diff := cmp.Diff(wanted, unended); diff != "" || err != nil {
		t.Errorf("after a restart (-want +got): %v\n%s", err, diff)
	}
}

func TestANewSpecKeepsTheStatus(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: inProgress, Messages: says("so far")})
	fresh := &agentexecutionv1.AgentExecution{
		Metadata: &apiresource.ApiResourceMetadata{Id: id, Name: "another name", Org: "other"},
		Spec:     &agentexecutionv1.AgentExecutionSpec{Message: "another message"},
	}
	answered, err := b.agents.Replace(t.Context(), id, fresh)
	if err != nil {
		t.Fatal(err)
	}
	if answered.GetSpec().GetMessage() != "another message" || answered.GetMetadata().GetOrg() != "local" ||
		answered.GetStatus().GetPhase() != inProgress || len(answered.GetStatus().GetMessages()) != 1 {
		t.Errorf("answered %s", answered)
	}
	if _, err := b.agents.Replace(t.Context(), "aex-none", fresh); grpcstatus.Code(err) != codes.NotFound {
		t.Errorf("replacing nothing answered %v", err)
	}
}
