package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
)

var required = []string{"STIGMER_BACKEND_ENDPOINT=127.0.0.1:1", "STIGMER_API_KEY=k"}

func TestTheDefaultsAreTheContracts(t *testing.T) {
	got, err := settings.From[Settings](required)
	if err != nil {
		t.Fatal(err)
	}
	got.Timeouts = settings.Timeouts{}
	want := Settings{
		BackendEndpoint: "127.0.0.1:1", APIKey: "k", UseTLS: "true",
		TemporalAddress: "localhost:7233", TemporalNamespace: "default",
		ExecutionQueue: contract.WorkflowExecutionRunnerQueue, EngineQueue: contract.ServerlessExecutionQueue,
		ValidationQueue: contract.WorkflowValidationRunnerQueue, ActivityQueue: "workflow_activities",
		MaxConcurrency: 10, RetryAttempts: 5, RetryInterval: 1_000_000_000, LogLevel: "info",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTLSIsOffForExactlyFalse(t *testing.T) {
	for text, want := range map[string]bool{"false": false, "true": true, "False": true, "0": true} {
		got, err := settings.From[Settings](append([]string{"STIGMER_SERVICE_USE_TLS=" + text}, required...))
		if err != nil || got.tls() != want {
			t.Errorf("%q gives %v, %v", text, got.tls(), err)
		}
	}
}
