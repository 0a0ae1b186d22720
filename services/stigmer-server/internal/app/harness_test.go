package app_test

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/structpb"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/serverless"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
	"github.com/stigmer/stigmer-e2e/services/internal/temporaltest"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/app"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
)

// patience bounds every wait of a test. It is long because a test shares the machine with many others.
const patience = time.Minute

func TestMain(m *testing.M) {
	code := temporaltest.Main(m)
	if wasBuilt.Load() {
		path, _ := built()
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// stack is the production server on an in-memory listener, with a store and a Temporal namespace of its own.
type stack struct {
	t        *testing.T
	settings config.Settings
	temporal *temporaltest.Server
	log      *logBuffer

	conn *grpc.ClientConn
	clients
	stop func() error
}

// newStack starts a server and waits until it answers and is connected to Temporal.
func newStack(t *testing.T, adjust ...func(*config.Settings)) *stack {
	t.Helper()
	s := newIdleStack(t, temporaltest.Shared(t), adjust...)
	s.start()
	s.waitFor(app.HealthTemporal, grpc_health_v1.HealthCheckResponse_SERVING)
	return s
}

// newIdleStack prepares a server and does not start it.
func newIdleStack(t *testing.T, temporal *temporaltest.Server, adjust ...func(*config.Settings)) *stack {
	t.Helper()
	limits, err := settings.From[settings.Timeouts](nil)
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	s := &stack{t: t, temporal: temporal, log: &logBuffer{}, settings: config.Settings{
		StoreDir: home + "/data", StorageDir: home + "/storage", LogLevel: "debug", Timeouts: limits,
		Temporal: config.Temporal{Address: temporal.Address(), Namespace: temporal.Namespace(t), Queues: config.Queues{
			AgentStigmer: contract.AgentExecutionStigmerQueue, AgentRunner: contract.AgentExecutionRunnerQueue,
			WorkflowStigmer:   contract.WorkflowExecutionStigmerQueue,
			WorkflowRunner:    contract.WorkflowExecutionRunnerQueue,
			ValidationStigmer: contract.WorkflowValidationStigmerQueue,
			ValidationRunner:  contract.WorkflowValidationRunnerQueue,
		}},
	}}
	for _, change := range adjust {
		change(&s.settings)
	}
	t.Cleanup(func() {
		if s.stop != nil {
			_ = s.stop()
		}
		if t.Failed() {
			t.Logf("log of the server:\n%s", s.log)
		}
	})
	return s
}

// start starts the server and waits until it answers.
func (s *stack) start() {
	s.t.Helper()
	listener := bufconn.Listen(1 << 20)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	logger := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	go func() { ended <- app.Serve(ctx, s.settings, logger, listener, func() {}) }()
	conn, err := grpc.NewClient("passthrough:///server", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		s.t.Fatal(err)
	}
	s.conn, s.clients = conn, newClients(conn)
	s.stop = func() error {
		s.stop = nil
		cancel()
		err := <-ended
		_ = conn.Close()
		return err
	}
	s.waitFor("", grpc_health_v1.HealthCheckResponse_SERVING)
}

// waitFor waits until the health of a service is as wanted.
func (s *stack) waitFor(service string, wanted grpc_health_v1.HealthCheckResponse_ServingStatus) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	watch, err := grpc_health_v1.NewHealthClient(s.conn).Watch(ctx, &grpc_health_v1.HealthCheckRequest{Service: service},
		grpc.WaitForReady(true))
	if err != nil {
		s.t.Fatal(err)
	}
	for {
		answer, err := watch.Recv()
		if err != nil {
			s.t.Fatalf("health of %q did not become %s: %s", service, wanted, err)
		}
		if answer.GetStatus() == wanted {
			return
		}
	}
}

// health answers the health of a service at this moment.
func (s *stack) health(service string) grpc_health_v1.HealthCheckResponse_ServingStatus {
	s.t.Helper()
	answer, err := grpc_health_v1.NewHealthClient(s.conn).Check(s.t.Context(),
		&grpc_health_v1.HealthCheckRequest{Service: service})
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.GetStatus()
}

// eventually waits until a condition holds, and shows why it did not the last time.
func eventually(t *testing.T, condition func() error) {
	t.Helper()
	var last error
	for limit := time.Now().Add(patience); time.Now().Before(limit); {
		if last = condition(); last == nil {
			return
		}
		select {
		case <-t.Context().Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("after %s: %v", patience, last)
}

// runner is what the two runner programs are to the server: activities on their task queues.
type runner struct {
	agent    agentActivity
	workflow func(context.Context, *workflowexecutionv1.WorkflowExecution) (
		*workflowexecutionv1.WorkflowExecutionStatus, error)
	validation func(*workflowv1.WorkflowSpec) (*serverless.ServerlessWorkflowValidation, error)
}

// startRunner polls the runners' queues until the test ends or the answer is called.
func (s *stack) startRunner(r runner) (stop func()) {
	s.t.Helper()
	connected := s.temporal.Client(s.t, s.settings.Temporal.Namespace)
	queues := s.settings.Temporal.Queues
	var stops []func()
	if r.agent != nil {
		stops = append(stops, s.poll(connected, queues.AgentRunner, map[string]any{
			contract.EnsureThreadActivity: func(session, agent string) (string, error) { return "thread-" + session, nil },
			contract.ExecuteAgentActivity: func(ctx context.Context, execution *agentexecutionv1.AgentExecution, _ string) (
				*agentexecutionv1.AgentExecutionStatus, error) {
				return r.agent(ctx, execution)
			},
		}))
	}
	if r.workflow != nil {
		stops = append(stops, s.poll(connected, queues.WorkflowRunner, map[string]any{
			contract.ExecuteWorkflowActivity: r.workflow,
		}))
	}
	if r.validation != nil {
		stops = append(stops, s.poll(connected, queues.ValidationRunner, map[string]any{
			contract.ValidateWorkflowActivity: r.validation,
		}))
	}
	stop = sync.OnceFunc(func() {
		for _, one := range stops {
			one()
		}
	})
	s.t.Cleanup(stop)
	return stop
}

func (s *stack) poll(connected client.Client, queue string, activities map[string]any) (stop func()) {
	s.t.Helper()
	polling := worker.New(connected, queue, worker.Options{DisableWorkflowWorker: true})
	for name, function := range activities {
		polling.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: name})
	}
	if err := polling.Start(); err != nil {
		s.t.Fatal(err)
	}
	return polling.Stop
}

// logBuffer keeps a log that several goroutines write.
type logBuffer struct {
	mutex sync.Mutex
	text  []byte
}

func (b *logBuffer) Write(text []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.text = append(b.text, text...)
	return len(text), nil
}

func (b *logBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return string(b.text)
}

func anAgent(name string) *agentv1.Agent {
	return &agentv1.Agent{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "Agent",
		Metadata: &apiresource.ApiResourceMetadata{
			Name: name, Org: "local", OwnerScope: apiresource.ApiResourceOwnerScope_organization,
		},
		Spec: &agentv1.AgentSpec{Instructions: "Answer every question politely."},
	}
}

func anAgentExecution(agentID string) *agentexecutionv1.AgentExecution {
	return &agentexecutionv1.AgentExecution{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "AgentExecution",
		Metadata: &apiresource.ApiResourceMetadata{Name: "execution-1", Org: "local"},
		Spec:     &agentexecutionv1.AgentExecutionSpec{AgentId: agentID, Message: "hello"},
	}
}

func aWorkflow(name string) *workflowv1.Workflow {
	config, err := structpb.NewStruct(map[string]any{"variables": map[string]any{"greeting": "hello"}})
	if err != nil {
		panic(err)
	}
	return &workflowv1.Workflow{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "Workflow",
		Metadata: &apiresource.ApiResourceMetadata{
			Name: name, Org: "local", OwnerScope: apiresource.ApiResourceOwnerScope_organization,
		},
		Spec: &workflowv1.WorkflowSpec{
			Document: &workflowv1.WorkflowDocument{Dsl: "1.0.0", Namespace: "tests", Name: name, Version: "1.0.0"},
			Tasks: []*workflowv1.WorkflowTask{{
				Name: "greet", Kind: apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_SET, TaskConfig: config,
			}},
		},
	}
}

func aWorkflowExecution(workflowID string) *workflowexecutionv1.WorkflowExecution {
	return &workflowexecutionv1.WorkflowExecution{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "WorkflowExecution",
		Metadata: &apiresource.ApiResourceMetadata{
			Name: "execution-1", Org: "local", OwnerScope: apiresource.ApiResourceOwnerScope_organization,
		},
		Spec: &workflowexecutionv1.WorkflowExecutionSpec{WorkflowId: workflowID},
	}
}

// findsValid is the validation of a runner that likes every workflow.
func findsValid(*workflowv1.WorkflowSpec) (*serverless.ServerlessWorkflowValidation, error) {
	return &serverless.ServerlessWorkflowValidation{State: serverless.ValidationState_VALID, Yaml: "document: {}"}, nil
}
