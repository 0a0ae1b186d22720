package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stigmer/stigmer-e2e/services/internal/settings"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
)

func read(t *testing.T, environ []string, arguments ...string) config.Settings {
	t.Helper()
	got, err := config.From(arguments, environ)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestDefaultsAreTheContracts(t *testing.T) {
	limits, err := settings.From[settings.Timeouts](nil)
	if err != nil {
		t.Fatal(err)
	}
	wanted := config.Settings{
		Port: 7234, StoreDir: "/home/me/.stigmer/data", StorageDir: "/home/me/.stigmer/storage", LogLevel: "info",
		Timeouts: limits,
		Temporal: config.Temporal{Address: "localhost:7233", Namespace: "default", Queues: config.Queues{
			AgentStigmer: "agent_execution_stigmer", AgentRunner: "agent_execution_runner",
			WorkflowStigmer: "workflow_execution_stigmer", WorkflowRunner: "workflow_execution_runner",
			ValidationStigmer: "workflow_validation_stigmer", ValidationRunner: "workflow_validation_runner",
		}},
	}
	if diff := cmp.Diff(wanted, read(t, []string{"HOME=/home/me"})); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestEveryVariableIsRead(t *testing.T) {
	got := read(t, []string{
		"GRPC_PORT=1", "STIGMER_PORT=2", "DB_PATH=/db", "STORAGE_PATH=/storage", "LOG_LEVEL=DEBUG", "ENV=test",
		"TEMPORAL_HOST_PORT=127.0.0.1:3", "TEMPORAL_NAMESPACE=n",
		"TEMPORAL_AGENT_EXECUTION_STIGMER_TASK_QUEUE=a", "TEMPORAL_AGENT_EXECUTION_RUNNER_TASK_QUEUE=b",
		"TEMPORAL_WORKFLOW_EXECUTION_STIGMER_TASK_QUEUE=c", "TEMPORAL_WORKFLOW_EXECUTION_RUNNER_TASK_QUEUE=d",
		"TEMPORAL_WORKFLOW_VALIDATION_STIGMER_TASK_QUEUE=e", "TEMPORAL_WORKFLOW_VALIDATION_RUNNER_TASK_QUEUE=f",
		"STIGMER_ENVIRONMENT_IN_ARGUMENTS=true", "STIGMER_TIMEOUT_DRAIN=7s",
	})
	queues := config.Queues{
		AgentStigmer: "a", AgentRunner: "b", WorkflowStigmer: "c", WorkflowRunner: "d", ValidationStigmer: "e",
		ValidationRunner: "f",
	}
	wanted := config.Temporal{Address: "127.0.0.1:3", Namespace: "n", Queues: queues, EnvironmentInArguments: true}
	if diff := cmp.Diff(wanted, got.Temporal); diff != "" {
		t.Errorf("Temporal (-want +got):\n%s", diff)
	}
	if got.Port != 1 || got.StoreDir != "/db" || got.StorageDir != "/storage" || got.LogLevel != "DEBUG" ||
		got.Timeouts.Drain != 7*time.Second {
		t.Errorf("settings are %+v", got)
	}
}

func TestWhatIsCloserWins(t *testing.T) {
	for name, test := range map[string]struct {
		environ   []string
		arguments []string
		check     func(config.Settings) bool
	}{
		"GRPC_PORT over STIGMER_PORT": {[]string{"HOME=/h", "GRPC_PORT=1", "STIGMER_PORT=2"}, nil,
			func(s config.Settings) bool { return s.Port == 1 }},
		"STIGMER_PORT over the default": {[]string{"HOME=/h", "STIGMER_PORT=2"}, nil,
			func(s config.Settings) bool { return s.Port == 2 }},
		"port 0": {[]string{"HOME=/h", "GRPC_PORT=0"}, nil, func(s config.Settings) bool { return s.Port == 0 }},
		"--listen-fd over ports, even wrong ones": {[]string{"HOME=/h", "GRPC_PORT=x"}, []string{"--listen-fd", "3"},
			func(s config.Settings) bool { return s.ListenDescriptor == 3 }},
		"DB_PATH over STIGMER_HOME": {[]string{"HOME=/h", "STIGMER_HOME=/s", "DB_PATH=/db"}, nil,
			func(s config.Settings) bool { return s.StoreDir == "/db" && s.StorageDir == "/s/storage" }},
		"STIGMER_HOME over HOME": {[]string{"HOME=/h", "STIGMER_HOME=/s"}, nil,
			func(s config.Settings) bool { return s.StoreDir == "/s/data" && s.StorageDir == "/s/storage" }},
		"paths without a home": {[]string{"DB_PATH=/db", "STORAGE_PATH=/storage"}, nil,
			func(s config.Settings) bool { return s.StoreDir == "/db" && s.StorageDir == "/storage" }},
	} {
		if got := read(t, test.environ, test.arguments...); !test.check(got) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestMistakesAreReportedTogether(t *testing.T) {
	_, err := config.From(nil, []string{
		"GRPC_PORT=70000", "LOG_LEVEL=verbose", "TEMPORAL_HOST_PORT=temporal", "TEMPORAL_NAMESPACE=", "STIGMER_TIMEOUT_TASK=x",
	})
	if err == nil {
		t.Fatal("six mistakes were accepted")
	}
	for _, words := range []string{"GRPC_PORT=\"70000\": use a port", "LOG_LEVEL=\"verbose\": use debug, info, warn or error",
		"TEMPORAL_HOST_PORT=\"temporal\": use host:port", `STIGMER_TIMEOUT_TASK="x": use a duration`, "DB_PATH: set it", "STORAGE_PATH: set it"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%q does not say %q", err, words)
		}
	}
}

func TestHelpAndVersionNeedNoEnvironment(t *testing.T) {
	for argument, wanted := range map[string]error{"--help": config.ErrHelp, "-h": config.ErrHelp, "--version": config.ErrVersion} {
		if _, err := config.From([]string{argument}, []string{"GRPC_PORT=x"}); !errors.Is(err, wanted) {
			t.Errorf("%s answered %v", argument, err)
		}
	}
}
