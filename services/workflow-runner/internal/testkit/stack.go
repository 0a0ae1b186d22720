// Package testkit gives tests of the runner what surrounds it: a real Temporal dev server, a real stigmer-server, and an
// agent-runner whose answers a test writes down.
package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/logging"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
	"github.com/stigmer/stigmer-e2e/services/internal/temporaltest"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/app"
)

// Organization is that of everything that tests make.
const Organization = "local"

// WaitLimit limits every wait of a test. Nothing takes a tenth of it.
const WaitLimit = 60 * time.Second

// probeInterval is how often tests look at what they cannot wait for otherwise.
const probeInterval = 10 * time.Millisecond

// Main runs the tests of a binary, which share a Temporal dev server, and fails when goroutines are left.
func Main(m *testing.M) {
	os.Exit(temporaltest.Main(m, removeServerProgram, removeRunnerProgram))
}

// Stack is a server, a runner and a namespace for one test.
type Stack struct {
	T         *testing.T
	Namespace string
	Temporal  client.Client
	Server    *Server
	Settings  app.Settings
	// Log is what the runner has logged.
	Log *Log

	connection *grpc.ClientConn
	runner     *Runner
}

// Option changes the settings of a stack's runner.
type Option func(*app.Settings)

// NewStack starts a stack. Its runner retries quickly.
func NewStack(t *testing.T, options ...Option) *Stack {
	t.Helper()
	namespace := "test-" + uuid.NewString()
	s := &Stack{T: t, Namespace: namespace, Log: &Log{}}
	temporal := temporaltest.Shared(t)
	temporal.Register(t, namespace)
	s.Temporal = temporal.Client(t, namespace)
	s.Server = StartServer(t, temporal.Address(), namespace)
	s.connection = s.Server.Connect()
	t.Cleanup(func() { _ = s.connection.Close() })
	environment := []string{
		"STIGMER_BACKEND_ENDPOINT=" + s.Server.Address, "STIGMER_API_KEY=key", "STIGMER_SERVICE_USE_TLS=false",
		"TEMPORAL_SERVICE_ADDRESS=" + temporal.Address(), "TEMPORAL_NAMESPACE=" + namespace,
		"STIGMER_TASK_RETRY_INTERVAL=10ms", "STIGMER_TASK_RETRY_ATTEMPTS=3", "LOG_LEVEL=debug",
	}
	var err error
	if s.Settings, err = settings.From[app.Settings](environment); err != nil {
		t.Fatal(err)
	}
	for _, option := range options {
		option(&s.Settings)
	}
	s.StartRunner()
	t.Cleanup(func() {
		s.StopRunner()
		if t.Failed() {
			t.Logf("the runner's log:\n%s", s.Log.String())
		}
	})
	return s
}

// Runner is a workflow-runner inside of the test's process.
type Runner struct {
	cancel context.CancelFunc
	ended  chan error
}

// StartRunner starts another runner of the same settings and makes it the one that StopRunner stops.
func (s *Stack) StartRunner() {
	s.T.Helper()
	logger, err := logging.New(s.Log, s.Settings.LogLevel, app.Program)
	if err != nil {
		s.T.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.runner = &Runner{cancel: cancel, ended: make(chan error, 1)}
	go func(r *Runner) { r.ended <- app.Run(ctx, s.Settings, logger) }(s.runner)
}

// StopRunner stops the runner the way a signal does, and waits for it.
func (s *Stack) StopRunner() {
	s.T.Helper()
	if s.runner == nil {
		return
	}
	s.runner.cancel()
	select {
	case err := <-s.runner.ended:
		if err != nil && !errors.Is(err, context.Canceled) {
			s.T.Errorf("the runner: %v", err)
		}
	case <-time.After(WaitLimit):
		s.T.Error("the runner does not stop")
	}
	s.runner = nil
}

// Spec makes a spec of tasks in JSON.
func Spec(t *testing.T, tasks string) *workflowv1.WorkflowSpec {
	t.Helper()
	spec := &workflowv1.WorkflowSpec{}
	text := `{"document":{"dsl":"1.0.0","namespace":"test","name":"w","version":"1.0.0"},"tasks":` + tasks + `}`
	if err := protojson.Unmarshal([]byte(text), spec); err != nil {
		t.Fatalf("%s: %v", tasks, err)
	}
	return spec
}

// Apply stores a workflow.
func (s *Stack) Apply(name string, spec *workflowv1.WorkflowSpec) (*workflowv1.Workflow, error) {
	ctx, cancel := context.WithTimeout(s.T.Context(), WaitLimit)
	defer cancel()
	return workflowv1.NewWorkflowCommandControllerClient(s.connection).Apply(ctx, &workflowv1.Workflow{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "Workflow", Spec: spec,
		Metadata: &apiresource.ApiResourceMetadata{
			Name: name, Org: Organization, OwnerScope: apiresource.ApiResourceOwnerScope_organization,
		},
	})
}

// MustApply stores a workflow of tasks in JSON.
func (s *Stack) MustApply(name, tasks string) *workflowv1.Workflow {
	s.T.Helper()
	applied, err := s.Apply(name, Spec(s.T, tasks))
	if err != nil {
		s.T.Fatal(err)
	}
	return applied
}

// Start starts an execution of a workflow.
func (s *Stack) Start(workflowID string, spec *workflowexecutionv1.WorkflowExecutionSpec) string {
	s.T.Helper()
	if spec == nil {
		spec = &workflowexecutionv1.WorkflowExecutionSpec{}
	}
	spec.WorkflowId = workflowID
	ctx, cancel := context.WithTimeout(s.T.Context(), WaitLimit)
	defer cancel()
	made, err := workflowexecutionv1.NewWorkflowExecutionCommandControllerClient(s.connection).Create(ctx,
		&workflowexecutionv1.WorkflowExecution{
			ApiVersion: "agentic.stigmer.ai/v1", Kind: "WorkflowExecution", Spec: spec,
			Metadata: &apiresource.ApiResourceMetadata{
				Name: "execution-" + uuid.NewString(), Org: Organization, OwnerScope: apiresource.ApiResourceOwnerScope_organization,
			},
		})
	if err != nil {
		s.T.Fatal(err)
	}
	return made.GetMetadata().GetId()
}

// Status reads the status of an execution.
func (s *Stack) Status(id string) *workflowexecutionv1.WorkflowExecutionStatus {
	s.T.Helper()
	found, err := workflowexecutionv1.NewWorkflowExecutionQueryControllerClient(s.connection).Get(s.T.Context(),
		&workflowexecutionv1.WorkflowExecutionId{Value: id}, grpc.WaitForReady(true))
	if err != nil {
		s.T.Fatal(err)
	}
	return found.GetStatus()
}

// Await waits until the status of an execution is as wanted.
func (s *Stack) Await(
	id, what string, wanted func(*workflowexecutionv1.WorkflowExecutionStatus) bool,
) (status *workflowexecutionv1.WorkflowExecutionStatus) {
	s.T.Helper()
	s.eventually(what, func() (bool, any) {
		status = s.Status(id)
		return wanted(status), status
	})
	return status
}

// Ended waits until an execution has ended.
func (s *Stack) Ended(id string) *workflowexecutionv1.WorkflowExecutionStatus {
	s.T.Helper()
	return s.Await(id, "the end of "+id, func(status *workflowexecutionv1.WorkflowExecutionStatus) bool {
		return status.GetPhase() >= workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED
	})
}

// Run applies and runs tasks in JSON and returns the final status.
func (s *Stack) Run(tasks string) *workflowexecutionv1.WorkflowExecutionStatus {
	s.T.Helper()
	return s.Ended(s.Start(s.MustApply("w", tasks).GetMetadata().GetId(), nil))
}

// Completed is Run for tasks that must end well; it returns the output.
func (s *Stack) Completed(tasks string) map[string]any {
	s.T.Helper()
	status := s.Run(tasks)
	if status.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED {
		s.T.Fatalf("%s: %s", status.GetPhase(), status.GetError())
	}
	return status.GetOutput().AsMap()
}

// Failed is Run for tasks that must fail; it returns the error.
func (s *Stack) Failed(tasks string) string {
	s.T.Helper()
	status := s.Run(tasks)
	if status.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_FAILED {
		s.T.Fatalf("%s, with output %v", status.GetPhase(), status.GetOutput())
	}
	return status.GetError()
}

// Connection is to the stack's server.
func (s *Stack) Connection() *grpc.ClientConn { return s.connection }

// Environment stores an environment.
func (s *Stack) Environment(name string, data map[string]*environmentv1.EnvironmentValue) *apiresource.ApiResourceReference {
	s.T.Helper()
	made, err := environmentv1.NewEnvironmentCommandControllerClient(s.connection).Create(s.T.Context(),
		&environmentv1.Environment{
			ApiVersion: "agentic.stigmer.ai/v1", Kind: "Environment",
			Metadata: &apiresource.ApiResourceMetadata{
				Name: name, Org: Organization, OwnerScope: apiresource.ApiResourceOwnerScope_organization,
			},
			Spec: &environmentv1.EnvironmentSpec{Data: data},
		})
	if err != nil {
		s.T.Fatal(err)
	}
	return &apiresource.ApiResourceReference{
		Kind: 53, Org: Organization, Slug: made.GetMetadata().GetSlug(),
		Scope: apiresource.ApiResourceOwnerScope_organization,
	}
}

// Log collects what a runner logs.
type Log struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

var _ io.Writer = (*Log)(nil)

// Write implements io.Writer.
func (l *Log) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

func (l *Log) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// Contains tells whether a text was logged.
func (l *Log) Contains(text string) bool { return strings.Contains(l.String(), text) }

// Signal sends a signal to a running execution.
func (s *Stack) Signal(executionID, name string, payload any) {
	s.T.Helper()
	if err := s.Temporal.SignalWorkflow(s.T.Context(), contract.ServerlessWorkflowIDPrefix+executionID, "", name, payload); err != nil {
		s.T.Fatal(err)
	}
}

// Query asks a running execution.
func (s *Stack) Query(executionID, name string) string {
	s.T.Helper()
	answer, err := s.Temporal.QueryWorkflow(s.T.Context(), contract.ServerlessWorkflowIDPrefix+executionID, "", name)
	if err != nil {
		s.T.Fatal(err)
	}
	return decode(s.T, answer.Get)
}

// Update sends an update to a running execution and waits for the answer.
func (s *Stack) Update(executionID, name string, payload any) string {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), WaitLimit)
	defer cancel()
	sent, err := s.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: contract.ServerlessWorkflowIDPrefix + executionID, UpdateName: name, Args: []any{payload},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		s.T.Fatal(err)
	}
	return decode(s.T, func(into any) error { return sent.Get(ctx, into) })
}

func decode(t *testing.T, get func(any) error) string {
	t.Helper()
	var answer json.RawMessage
	if err := get(&answer); err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// AwaitChild waits for the execution that another one's RUN task has started and returns its id.
func (s *Stack) AwaitChild(parent string) (child string) {
	s.T.Helper()
	s.eventually("the child of "+parent, func() (bool, any) {
		list, err := workflowexecutionv1.NewWorkflowExecutionQueryControllerClient(s.connection).List(s.T.Context(),
			&workflowexecutionv1.ListWorkflowExecutionsRequest{})
		for _, one := range list.GetEntries() {
			if id := one.GetMetadata().GetId(); id != parent {
				child = id
			}
		}
		return child != "", err
	})
	return child
}
