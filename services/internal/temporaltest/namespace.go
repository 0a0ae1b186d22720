package temporaltest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"
)

var discard = slog.New(slog.DiscardHandler)

// Namespace makes a namespace on the server and answers its name.
func (s *Server) Namespace(t testing.TB) string {
	t.Helper()
	name := "test-" + rand.Text()
	s.Register(t, name)
	return name
}

// Register makes a namespace with this name.
func (s *Server) Register(t testing.TB, name string) {
	t.Helper()
	connected, err := client.NewNamespaceClient(client.Options{HostPort: s.Address(), Logger: silent})
	if err != nil {
		t.Fatal(err)
	}
	defer connected.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	err = connected.Register(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Client connects to a namespace for the length of a test.
func (s *Server) Client(t testing.TB, namespace string) client.Client {
	t.Helper()
	connected, err := client.Dial(client.Options{HostPort: s.Address(), Namespace: namespace, Logger: silent})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connected.Close)
	return connected
}
