package orchestration_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/serverless"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
	"github.com/stigmer/stigmer-e2e/services/internal/temporaltest"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/orchestration"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

var quiet = slog.New(slog.DiscardHandler)

// patience bounds every wait of a test.
const patience = time.Minute

func TestMain(m *testing.M) { os.Exit(temporaltest.Main(m)) }

type (
	agentRun          = agentexecutionv1.AgentExecution
	agentRunStatus    = agentexecutionv1.AgentExecutionStatus
	workflowRun       = workflowexecutionv1.WorkflowExecution
	workflowRunStatus = workflowexecutionv1.WorkflowExecutionStatus
)

// theatre is an engine at a real Temporal, with a store, and activities in place of the runners.
type theatre struct {
	t         *testing.T
	engine    *orchestration.Engine
	client    client.Client
	agents    *execution.Agents
	workflows *execution.Workflows
	ids       *resource.IDs
}

// queues are the contract's.
var queues = config.Queues{
	AgentStigmer: contract.AgentExecutionStigmerQueue, AgentRunner: contract.AgentExecutionRunnerQueue,
	WorkflowStigmer: contract.WorkflowExecutionStigmerQueue, WorkflowRunner: contract.WorkflowExecutionRunnerQueue,
	ValidationStigmer: contract.WorkflowValidationStigmerQueue, ValidationRunner: contract.WorkflowValidationRunnerQueue,
}

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	limits, err := settings.From[settings.Timeouts]([]string{
		"STIGMER_TIMEOUT_AGENT_HEARTBEAT=2s", "STIGMER_TIMEOUT_WORKFLOW_HEARTBEAT=2s",
	})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := store.Open(store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	temporal := temporaltest.Shared(t)
	where := config.Temporal{Address: temporal.Address(), Namespace: temporal.Namespace(t), Queues: queues}
	there := make(chan struct{})
	engine := orchestration.NewEngine(where, limits, quiet, func(serving bool) {
		if serving {
			close(there)
		}
	})
	stage := &theatre{
		t: t, engine: engine, client: temporal.Client(t, where.Namespace), ids: resource.NewIDs(time.Now),
		agents: execution.NewAgents(opened, quiet, time.Now), workflows: execution.NewWorkflows(opened, quiet, time.Now),
	}
	engine.Open(stage.agents, stage.workflows)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, opened.Close()); err != nil {
			t.Error(err)
		}
	})
	select {
	case <-there:
	case <-time.After(patience):
		t.Fatal("the engine does not connect")
	}
	return stage
}

// plays polls a runner's queue with activities.
func (s *theatre) plays(queue string, activities map[string]any) {
	s.t.Helper()
	polling := worker.New(s.client, queue, worker.Options{DisableWorkflowWorker: true})
	for name, function := range activities {
		polling.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: name})
	}
	if err := polling.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(polling.Stop)
}

func (s *theatre) agentRunner(run func(context.Context, *agentRun, string) (*agentRunStatus, error)) {
	s.plays(queues.AgentRunner, map[string]any{
		contract.EnsureThreadActivity: func(session, _ string) (string, error) { return "thread-" + session, nil },
		contract.ExecuteAgentActivity: run,
	})
}

func (s *theatre) workflowRunner(run func(context.Context, *workflowRun) (*workflowRunStatus, error)) {
	s.plays(queues.WorkflowRunner, map[string]any{contract.ExecuteWorkflowActivity: run})
}

func (s *theatre) validator(validate func(*workflowv1.WorkflowSpec) (*serverless.ServerlessWorkflowValidation, error)) {
	s.plays(queues.ValidationRunner, map[string]any{contract.ValidateWorkflowActivity: validate})
}

// startAgent stores and starts an execution and answers the id of its workflow.
func (s *theatre) startAgent(token []byte) (execution, workflow string) {
	s.t.Helper()
	fresh := s.insertAgent(token)
	return fresh.GetMetadata().GetId(), s.launchAgent(fresh)
}

// insertAgent stores an execution.
func (s *theatre) insertAgent(token []byte) *agentRun {
	s.t.Helper()
	fresh := &agentRun{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "AgentExecution",
		Metadata: &apiresource.ApiResourceMetadata{Name: "one", Org: "local"},
		Spec: &agentexecutionv1.AgentExecutionSpec{
			SessionId: "ses-1", AgentId: "agt-1", Message: "hello", CallbackToken: token,
		},
	}
	nothing := func(store.Writer) (string, error) { return "", nil }
	if err := s.agents.Insert(s.t.Context(), fresh, s.ids, nothing); err != nil {
		s.t.Fatal(err)
	}
	return fresh
}

// launchAgent starts an execution that is stored and answers the id of its workflow.
func (s *theatre) launchAgent(stored *agentRun) (workflow string) {
	s.t.Helper()
	if err := s.engine.StartAgent(s.t.Context(), stored); err != nil {
		s.t.Fatal(err)
	}
	return contract.AgentExecutionWorkflow + "/" + stored.GetMetadata().GetId()
}

// startWorkflow stores and starts an execution and answers the id of its workflow.
func (s *theatre) startWorkflow() (execution, workflow string) {
	s.t.Helper()
	fresh := &workflowRun{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "WorkflowExecution",
		Metadata: &apiresource.ApiResourceMetadata{Name: "one", Org: "local"},
		Spec:     &workflowexecutionv1.WorkflowExecutionSpec{WorkflowId: "wfl-1", WorkflowInstanceId: "win-1"},
	}
	nothing := func(store.Writer) (string, error) { return "", nil }
	err := s.workflows.Insert(s.t.Context(), fresh, s.ids, nothing)
	if err == nil {
		err = s.engine.StartWorkflow(s.t.Context(), fresh)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	id := fresh.GetMetadata().GetId()
	return id, contract.WorkflowExecutionWorkflow + "/" + id
}

// waitFor waits until a workflow has ended.
func (s *theatre) waitFor(workflow string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	err := s.client.GetWorkflow(ctx, workflow, "").Get(ctx, nil)
	if ctx.Err() != nil {
		s.t.Fatalf("%s does not end: %v", workflow, err)
	}
}
