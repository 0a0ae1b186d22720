package orchestration_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/encoding/protojson"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/serverless"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/orchestration"
)

var update = flag.Bool("update", false, "write the histories that the scenarios make today to testdata")

const histories = "testdata/histories"

// scenarios make the histories that must replay: each way through each workflow.
var scenarios = map[string]func(*theatre) (workflow string){
	"agent-completed": func(s *theatre) string {
		s.agentRunner(func(context.Context, *agentRun, string) (*agentRunStatus, error) {
			return &agentRunStatus{Phase: agentexecutionv1.ExecutionPhase_EXECUTION_COMPLETED}, nil
		})
		_, workflow := s.startAgent(nil)
		return workflow
	},
	"agent-failed-with-caller": func(s *theatre) string {
		s.agentRunner(func(context.Context, *agentRun, string) (*agentRunStatus, error) {
			return nil, errors.New("no such model")
		})
		_, workflow := s.startAgent([]byte("no token of this Temporal"))
		return workflow
	},
	"agent-cancelled": func(s *theatre) string {
		started := make(chan struct{})
		s.agentRunner(func(ctx context.Context, _ *agentRun, _ string) (*agentRunStatus, error) {
			close(started)
			return nil, untilCancelled(ctx)
		})
		id, workflow := s.startAgent(nil)
		<-started
		_, err := s.agents.Cancel(s.t.Context(), id, execution.Cancellation{How: execution.AskToEnd})
		s.engine.Settle(s.t.Context())
		if err != nil {
			s.t.Error(err)
		}
		return workflow
	},
	"agent-removed": func(s *theatre) string {
		id, workflow := s.startAgent(nil)
		if _, err := s.agents.Remove(s.t.Context(), id); err != nil {
			s.t.Error(err)
		}
		s.engine.Settle(s.t.Context())
		return workflow
	},
	"agent-gone-with-caller": func(s *theatre) string {
		fresh := s.insertAgent([]byte("no token of this Temporal"))
		if _, err := s.agents.Remove(s.t.Context(), fresh.GetMetadata().GetId()); err != nil {
			s.t.Error(err)
		}
		return s.launchAgent(fresh)
	},
	"workflow-completed": func(s *theatre) string {
		s.workflowRunner(func(context.Context, *workflowRun) (*workflowRunStatus, error) {
			return &workflowRunStatus{Phase: workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED}, nil
		})
		_, workflow := s.startWorkflow()
		return workflow
	},
	"workflow-failed": func(s *theatre) string {
		s.workflowRunner(func(context.Context, *workflowRun) (*workflowRunStatus, error) {
			return nil, errors.New("no such definition")
		})
		_, workflow := s.startWorkflow()
		return workflow
	},
	"workflow-cancelled": func(s *theatre) string {
		started := make(chan struct{})
		s.workflowRunner(func(ctx context.Context, _ *workflowRun) (*workflowRunStatus, error) {
			close(started)
			return nil, untilCancelled(ctx)
		})
		id, workflow := s.startWorkflow()
		<-started
		_, err := s.workflows.Cancel(s.t.Context(), id, execution.Cancellation{How: execution.AskToEnd})
		s.engine.Settle(s.t.Context())
		if err != nil {
			s.t.Error(err)
		}
		return workflow
	},
	"validation-invalid": func(s *theatre) string {
		s.validator(func(*workflowv1.WorkflowSpec) (*serverless.ServerlessWorkflowValidation, error) {
			return &serverless.ServerlessWorkflowValidation{
				State: serverless.ValidationState_INVALID, Errors: []string{"task one has no end"},
			}, nil
		})
		result, err := s.engine.Validate(s.t.Context(), &workflowv1.WorkflowSpec{Description: "one"})
		if err != nil {
			s.t.Fatal(err)
		}
		return result.GetValidationWorkflowId()
	},
}

func untilCancelled(ctx context.Context) error {
	limit := time.After(patience)
	for {
		activity.RecordHeartbeat(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return errors.New("the runner was not told")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Every scenario is played on the real Temporal, and what it recorded must replay; so must what earlier versions of the
// workflows recorded, for executions outlive an update of the server.
func TestHistoriesReplay(t *testing.T) {
	for name, play := range scenarios {
		t.Run(name, func(t *testing.T) {
			s := newTheatre(t)
			workflow := play(s)
			s.waitFor(workflow)
			recorded := s.history(workflow)
			if err := replayer().ReplayWorkflowHistory(nil, recorded); err != nil {
				t.Errorf("the history of today: %v", err)
			}
			path := filepath.Join(histories, name+".json")
			if *update {
				write(t, path, recorded)
			}
			if err := replayer().ReplayWorkflowHistoryFromJSONFile(nil, path); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		})
	}
}

func TestEveryStoredHistoryHasAScenario(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(histories, "*.json"))
	if err != nil || len(files) != len(scenarios) {
		t.Errorf("%d histories and %d scenarios (%v)", len(files), len(scenarios), err)
	}
	for _, file := range files {
		if _, found := scenarios[strings.TrimSuffix(filepath.Base(file), ".json")]; !found {
			t.Errorf("%s has no scenario", file)
		}
	}
}

// A history in which the workflow did something else must not replay, or the test above proves nothing.
func TestAnotherHistoryDoesNotReplay(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(histories, "agent-completed.json"))
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(t.TempDir(), "changed.json")
	another := strings.ReplaceAll(string(text), `"EnsureThread"`, `"PrepareThread"`)
	if err := os.WriteFile(changed, []byte(another), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replayer().ReplayWorkflowHistoryFromJSONFile(nil, changed); err == nil {
		t.Error("a history with another activity replays")
	}
}

func replayer() worker.WorkflowReplayer {
	replaying := worker.NewWorkflowReplayer()
	orchestration.RegisterWorkflows(replaying)
	return replaying
}

func (s *theatre) history(workflow string) *history.History {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	recorded := &history.History{}
	events := s.client.GetWorkflowHistory(ctx, workflow, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			s.t.Fatal(err)
		}
		recorded.Events = append(recorded.Events, event)
	}
	return recorded
}

// write stores a history without the name of the machine that made it.
func write(t *testing.T, path string, recorded *history.History) {
	t.Helper()
	text, err := protojson.MarshalOptions{Indent: " "}.Marshal(recorded)
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`"(identity|workerId)":\s*"[^"]*"`).ReplaceAll(text, []byte(`"$1": "0"`))
	text = regexp.MustCompile(`identity: \d+@[^@]*@`).ReplaceAll(text, []byte("identity: 0"))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, text, 0o644)); err != nil {
		t.Fatal(err)
	}
}
