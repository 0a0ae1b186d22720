package endtoend_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/testkit"
)

// library is a service with types from many files, which fails a number of times first.
type library struct {
	workflowv1.UnimplementedWorkflowQueryControllerServer
	refusals atomic.Int32
	refusal  codes.Code
	calls    atomic.Int32
}

func (l *library) Get(_ context.Context, id *workflowv1.WorkflowId) (*workflowv1.Workflow, error) {
	l.calls.Add(1)
	if l.refusals.Add(-1) >= 0 {
		return nil, status.Error(l.refusal, "not now")
	}
	settings, err := structpb.NewStruct(map[string]any{"pages": 12})
	return &workflowv1.Workflow{
		Kind: id.GetValue(),
		Spec: &workflowv1.WorkflowSpec{Tasks: []*workflowv1.WorkflowTask{{Name: "t", TaskConfig: settings}}},
	}, err
}

// serve starts services on loopback and returns the address.
func serve(t *testing.T, books *library, register func(*grpc.Server)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	workflowv1.RegisterWorkflowQueryControllerServer(server, books)
	healthv1.RegisterHealthServer(server, health.NewServer())
	if register != nil {
		register(server)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-ended
	})
	return listener.Addr().String()
}

const librarian = "/ai.stigmer.agentic.workflow.v1.WorkflowQueryController"

func TestAGRPCCallFindsItsTypesByReflection(t *testing.T) {
	t.Parallel()
	for name, register := range map[string]func(*grpc.Server){
		"version 1": func(s *grpc.Server) { reflection.RegisterV1(s) },
		"both":      func(s *grpc.Server) { reflection.Register(s) },
	} {
		t.Run(name, func(t *testing.T) {
			books := &library{}
			books.refusals.Store(2)
			books.refusal = codes.Unavailable
			address := serve(t, books, register)
			stack := testkit.NewStack(t)
			workflow := stack.MustApply("w", list(set("s", `{"title":"Emma"}`),
				task("get", "GRPC_CALL", `{"service":"`+address+librarian+`","method":"get","request":{"value":"${ .title }"}}`),
				set("out", `{"kind":"${ .get.kind }","pages":"${ .get.spec.tasks[0].taskConfig.pages }","default":"${ .get.apiVersion }"}`)))
			id := stack.Start(workflow.GetMetadata().GetId(), nil)
			final := stack.Ended(id)
			want := map[string]any{"kind": "Emma", "pages": 12.0, "default": ""}
			if diff := cmp.Diff(want, final.GetOutput().AsMap()); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, final.GetError())
			}
			if n := books.calls.Load(); n != 3 {
				t.Errorf("%d calls, want 3", n)
			}
			if name == "both" {
				stack.Record("grpc_call", id)
			}
		})
	}
}

func TestBadGRPCCallsAreExplained(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	books := &library{refusal: codes.NotFound}
	books.refusals.Store(1000)
	address := serve(t, books, func(s *grpc.Server) { reflection.Register(s) })
	silent := serve(t, books, nil)
	nobody := strings.TrimPrefix(closed(t), "http://")
	for config, want := range map[string]string{
		`{"service":"userservice","method":"Get"}`:                                         `service "userservice": write host:port/package.Service`,
		`{"service":"ftp://` + address + `/p.S","method":"Get"}`:                           "the scheme must be grpc or grpcs",
		`{"service":"` + address + `/p.Nothing","method":"Get"}`:                           "/p.Nothing/Get: no service p.Nothing there",
		`{"service":"` + address + librarian + `","method":"burn"}`:                        `no method "burn"; use one of get, getByReference`,
		`{"service":"` + address + `/grpc.health.v1.Health","method":"Watch"}`:             `method "Watch" streams; only unary methods can be called`,
		`{"service":"` + address + librarian + `","method":"get","request":{"title":"x"}}`: "the request is no ai.stigmer.agentic.workflow.v1.WorkflowId",
		`{"service":"` + address + librarian + `","method":"get","request":{"value":"x"}}`: "answered NotFound: not now",
		`{"service":"` + silent + librarian + `","method":"get"}`:                          "the service has no reflection, by which its types are found",
		`{"service":"` + nobody + librarian + `","method":"get"}`:                          "answered Unavailable: ",
	} {
		if got := stack.Failed(list(task("call", "GRPC_CALL", config))); !strings.Contains(got, want) {
			t.Errorf("%s:\n%s does not say %q", config, got, want)
		}
	}
	if n := books.calls.Load(); n != 1 {
		t.Errorf("a refusal was tried %d times", n)
	}
}
