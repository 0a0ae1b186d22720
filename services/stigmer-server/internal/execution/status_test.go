package execution_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/structpb"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
)

func TestNewsReplaceWhatTheyNameAndNothingElse(t *testing.T) {
	before := func() *agentexecutionv1.AgentExecutionStatus {
		return &agentexecutionv1.AgentExecutionStatus{
			Phase: inProgress, Messages: says("one"), Error: "a doubt", StartedAt: "then",
			ToolCalls: []*agentexecutionv1.ToolCall{{Id: "call-1"}},
			Todos:     map[string]*agentexecutionv1.TodoItem{"1": {Content: "first"}, "2": {Content: "second"}},
		}
	}
	for name, test := range map[string]struct {
		news   *agentexecutionv1.AgentExecutionStatus
		change func(*agentexecutionv1.AgentExecutionStatus)
	}{
		"nothing": {&agentexecutionv1.AgentExecutionStatus{}, func(*agentexecutionv1.AgentExecutionStatus) {}},
		"a list replaces": {
			&agentexecutionv1.AgentExecutionStatus{Messages: says("two", "three")},
			func(s *agentexecutionv1.AgentExecutionStatus) { s.Messages = says("two", "three") },
		},
		"a map replaces": {
			&agentexecutionv1.AgentExecutionStatus{Todos: map[string]*agentexecutionv1.TodoItem{"3": {Content: "third"}}},
			func(s *agentexecutionv1.AgentExecutionStatus) {
				s.Todos = map[string]*agentexecutionv1.TodoItem{"3": {Content: "third"}}
			},
		},
		"an empty list does not": {
			&agentexecutionv1.AgentExecutionStatus{Messages: []*agentexecutionv1.AgentMessage{}},
			func(*agentexecutionv1.AgentExecutionStatus) {},
		},
		"a text replaces": {
			&agentexecutionv1.AgentExecutionStatus{Error: "another doubt", StartedAt: "earlier"},
			func(s *agentexecutionv1.AgentExecutionStatus) { s.Error, s.StartedAt = "another doubt", "earlier" },
		},
		"the audit is the server's": {
			&agentexecutionv1.AgentExecutionStatus{Audit: &apiresource.ApiResourceAudit{}},
			func(*agentexecutionv1.AgentExecutionStatus) {},
		},
		"a phase of before does not count": {
			&agentexecutionv1.AgentExecutionStatus{Phase: pending, Messages: says("two")},
			func(s *agentexecutionv1.AgentExecutionStatus) { s.Messages = says("two") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBooks(t)
			id := b.agentExecution()
			b.report(id, before())
			got := b.report(id, proto.CloneOf(test.news))
			wanted := before()
			test.change(wanted)
			ignoreAudit := protocmp.IgnoreFields(wanted, "audit")
			if diff := cmp.Diff(wanted, got, protocmp.Transform(), ignoreAudit); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
			if got.GetAudit().GetStatusAudit().GetEvent() != "updated" || got.GetAudit().GetSpecAudit().GetEvent() != "created" {
				t.Errorf("audit is %s", got.GetAudit())
			}
		})
	}
}

func TestAStructReplacesAndIsNotMerged(t *testing.T) {
	b := newBooks(t)
	id := b.workflowExecution("one")
	for _, name := range []string{"first", "second"} {
		output, err := structpb.NewStruct(map[string]any{name: true})
		if err != nil {
			t.Fatal(err)
		}
		stored, err := b.workflows.UpdateStatus(t.Context(), id, &workflowexecutionv1.WorkflowExecutionStatus{Output: output})
		if err != nil {
			t.Fatal(err)
		}
		if fields := stored.GetStatus().GetOutput().GetFields(); len(fields) != 1 || fields[name] == nil {
			t.Errorf("output is %s", stored.GetStatus().GetOutput())
		}
	}
}

func TestATerminalPhaseIsNeverLeft(t *testing.T) {
	for _, last := range []agentexecutionv1.ExecutionPhase{completed, failed, cancelled} {
		for _, late := range []agentexecutionv1.ExecutionPhase{0, pending, inProgress, completed, failed, cancelled} {
			b := newBooks(t)
			id := b.agentExecution()
			ended := b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: last, Messages: says("the end"), Error: "why"})
			b.now = b.now.Add(time.Hour)
			answered := b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: late, Messages: says("late"), Error: "late"})
			if diff := cmp.Diff(ended, answered, protocmp.Transform()); diff != "" {
				t.Errorf("%s after %s (-before +after):\n%s", late, last, diff)
			}
			if _, err := b.agents.Fail(t.Context(), id, "late"); err != nil {
				t.Error(err)
			}
			if _, err := b.agents.MarkCancelled(t.Context(), id); err != nil {
				t.Error(err)
			}
			stored, err := b.agents.Get(t.Context(), id)
			if diff := cmp.Diff(ended, stored.GetStatus(), protocmp.Transform()); diff != "" || err != nil {
				t.Errorf("after all (-before +after): %v\n%s", err, diff)
			}
		}
	}
}

func TestTimesAreNotedOnce(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	start := b.now
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: inProgress})
	b.now = start.Add(time.Minute)
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: inProgress})
	b.now = start.Add(2 * time.Minute)
	ended := b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: completed})
	if ended.GetStartedAt() != "2026-01-02T03:04:05Z" || ended.GetCompletedAt() != "2026-01-02T03:06:05Z" {
		t.Errorf("started at %s, ended at %s", ended.GetStartedAt(), ended.GetCompletedAt())
	}
}

func TestEveryEndHasATime(t *testing.T) {
	for name, end := range map[string]func(*books, string) error{
		"failed by the platform": func(b *books, id string) error { _, err := b.agents.Fail(t.Context(), id, "why"); return err },
		"cancelled by a user": func(b *books, id string) error {
			_, err := b.agents.Cancel(t.Context(), id, execution.Cancellation{How: execution.AskToEnd})
			return err
		},
		"cancelled by Temporal": func(b *books, id string) error { _, err := b.agents.MarkCancelled(t.Context(), id); return err },
	} {
		b := newBooks(t)
		id := b.agentExecution()
		if err := end(b, id); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		stored, err := b.agents.Get(t.Context(), id)
		if err != nil || stored.GetStatus().GetCompletedAt() != "2026-01-02T03:04:05Z" {
			t.Errorf("%s: status is %s (%v)", name, stored.GetStatus(), err)
		}
	}
}

func TestAFailureThatThePlatformSawKeepsTheConversation(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: inProgress, Messages: says("so far")})
	stored, err := b.agents.Fail(t.Context(), id, "the agent-runner was lost")
	if err != nil {
		t.Fatal(err)
	}
	messages := stored.GetStatus().GetMessages()
	if len(messages) != 3 || messages[0].GetContent() != "so far" {
		t.Fatalf("messages are %v", messages)
	}
	for _, message := range messages[1:] {
		if message.GetType() != agentexecutionv1.MessageType_MESSAGE_SYSTEM || message.GetTimestamp() == "" {
			t.Errorf("message is %s", message)
		}
	}
	if messages[2].GetContent() != "Error details: the agent-runner was lost" ||
		stored.GetStatus().GetError() != "the agent-runner was lost" || stored.GetStatus().GetPhase() != failed {
		t.Errorf("status is %s", stored.GetStatus())
	}
}

func TestAFailureWithoutCauseGetsOne(t *testing.T) {
	for name, test := range map[string]struct {
		news   *agentexecutionv1.AgentExecutionStatus
		wanted string
	}{
		"its own": {&agentexecutionv1.AgentExecutionStatus{Phase: failed, Error: "mine"}, "mine"},
		"the last message of the platform": {&agentexecutionv1.AgentExecutionStatus{
			Phase: failed, Messages: append(says("text"), &agentexecutionv1.AgentMessage{
				Type: agentexecutionv1.MessageType_MESSAGE_SYSTEM, Content: "❌ Error: Execution failed: status code 500",
			}),
		}, "Execution failed: status code 500"},
		"none at all": {
			&agentexecutionv1.AgentExecutionStatus{Phase: failed, Messages: says("text")},
			"the runner reported a failure without a cause: its log has more",
		},
	} {
		b := newBooks(t)
		if got := b.report(b.agentExecution(), test.news); got.GetError() != test.wanted {
			t.Errorf("%s: error is %q, not %q", name, got.GetError(), test.wanted)
		}
	}
}

func TestCancellingKeepsWhatIsThereAndIsRefusedAfterTheEnd(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: inProgress, Messages: says("so far")})
	wish := execution.Cancellation{Reason: "not needed any more", How: execution.Terminate}
	stored, err := b.agents.Cancel(t.Context(), id, wish)
	if err != nil {
		t.Fatal(err)
	}
	got := stored.GetStatus()
	if got.GetPhase() != cancelled || got.GetError() != "not needed any more" || len(got.GetMessages()) != 1 {
		t.Errorf("status is %s", got)
	}
	noted, err := b.agents.PendingCancellations(t.Context())
	if diff := cmp.Diff(map[string]execution.Way{id: execution.Terminate}, noted); diff != "" || err != nil {
		t.Errorf("noted (-want +got): %v\n%s", err, diff)
	}
	if err := b.agents.CancellationSettled(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if noted, err := b.agents.PendingCancellations(t.Context()); len(noted) != 0 || err != nil {
		t.Errorf("%v is still noted (%v)", noted, err)
	}
	_, err = b.agents.Cancel(t.Context(), id, wish)
	if grpcstatus.Code(err) != codes.FailedPrecondition {
		t.Errorf("cancelling again answered %v", err)
	}
	if _, err = b.agents.Cancel(t.Context(), "aex-none", wish); grpcstatus.Code(err) != codes.NotFound {
		t.Errorf("cancelling nothing answered %v", err)
	}
}
