package endtoend_test

import (
	"strings"
	"syscall"
	"testing"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/testkit"
)

func TestTheVersionIsOneLine(t *testing.T) {
	t.Parallel()
	program := testkit.StartProcess(t, []string{"--version"})
	if code := program.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if got := program.Output.String(); !strings.HasPrefix(got, "workflow-runner ") || strings.Count(got, "\n") != 1 ||
		!strings.Contains(got, " sources ") {
		t.Errorf("version is %q", got)
	}
}

func TestBadStartsAreExplained(t *testing.T) {
	t.Parallel()
	nobody := strings.TrimPrefix(closed(t), "http://")
	for name, c := range map[string]struct {
		arguments   []string
		environment []string
		code        int
		want        []string
	}{
		"arguments": {[]string{"run"}, nil, 2, []string{"takes no arguments but --version"}},
		"nothing set": {nil, nil, 1, []string{
			`"STIGMER_BACKEND_ENDPOINT" is not set`, `"STIGMER_API_KEY" is not set`}},
		"several mistakes": {nil, []string{"STIGMER_BACKEND_ENDPOINT=here", "STIGMER_API_KEY=k", "TEMPORAL_MAX_CONCURRENCY=0",
			"STIGMER_TASK_RETRY_ATTEMPTS=0", "STIGMER_TASK_RETRY_INTERVAL=0s", "STIGMER_TIMEOUT_DRAIN=soon"}, 1, []string{
			`STIGMER_BACKEND_ENDPOINT="here" must be host:port`, "TEMPORAL_MAX_CONCURRENCY=0 must be at least 1",
			"STIGMER_TASK_RETRY_ATTEMPTS=0 must be at least 1", "STIGMER_TASK_RETRY_INTERVAL=0s must be more than 0", "soon"}},
		"log level": {nil, []string{"STIGMER_BACKEND_ENDPOINT=h:1", "STIGMER_API_KEY=k", "LOG_LEVEL=loud"}, 1, []string{
			`LOG_LEVEL: log level "loud": use debug, info, warn or error`}},
		"no Temporal": {nil, []string{"STIGMER_BACKEND_ENDPOINT=h:1", "STIGMER_API_KEY=k", "STIGMER_TIMEOUT_TEMPORAL_DIAL=50ms",
			"TEMPORAL_SERVICE_ADDRESS=" + nobody}, 1, []string{
			"Temporal does not answer at " + nobody + " within 300ms: ", "start it there, or set TEMPORAL_SERVICE_ADDRESS"}},
	} {
		t.Run(name, func(t *testing.T) {
			program := testkit.StartProcess(t, c.arguments, c.environment...)
			if code := program.Exit(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, want := range c.want {
				// Quotes are escaped where the message is in a log line.
				if said := strings.ReplaceAll(program.Log.String(), `\"`, `"`); !strings.Contains(said, want) {
					t.Errorf("%q does not say %q", said, want)
				}
			}
		})
	}
}

func TestAMissingNamespaceIsNamed(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	program := testkit.StartProcess(t, nil, stack.ProcessEnvironment("TEMPORAL_NAMESPACE=nowhere")...)
	if code := program.Exit(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if !program.Log.Contains(`has no namespace \"nowhere\"`) || !program.Log.Contains("or set TEMPORAL_NAMESPACE to one that is there") {
		t.Errorf("it says %s", program.Log.String())
	}
}

func TestARunnerWaitsForTemporal(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	gate := testkit.NewGate(t, stack.Settings.TemporalAddress)
	program := testkit.StartProcess(t, nil, stack.ProcessEnvironment("TEMPORAL_SERVICE_ADDRESS="+gate.Address)...)
	program.AwaitLog("Temporal does not answer yet")
	gate.Open()
	program.AwaitLog("workers started")
}

func TestASignalDrainsAndEnds(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		program := testkit.StartProcess(t, nil, stack.ProcessEnvironment()...)
		program.AwaitLog("workers started")
		program.Signal(signal)
		if code := program.Exit(); code != 0 {
			t.Errorf("%s: exit code %d", signal, code)
		}
		if !program.Log.Contains(`"stopped"`) {
			t.Errorf("%s: the log does not say that it stopped", signal)
		}
	}
}

func TestASignalEndsAStartThatWaits(t *testing.T) {
	t.Parallel()
	nobody := strings.TrimPrefix(closed(t), "http://")
	program := testkit.StartProcess(t, nil, "STIGMER_BACKEND_ENDPOINT=h:1", "STIGMER_API_KEY=k", "TEMPORAL_SERVICE_ADDRESS="+nobody)
	program.AwaitLog("Temporal does not answer yet")
	program.Signal(syscall.SIGTERM)
	if code := program.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestASecondSignalLeavesAtOnce(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	stack.StopRunner()
	began := make(chan struct{})
	web := hanging(t, began)
	program := testkit.StartProcess(t, nil, stack.ProcessEnvironment("STIGMER_TIMEOUT_DRAIN=1m")...)
	workflow := stack.MustApply("w", list(task("get", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+web+`"},"timeout_seconds":300}`)))
	stack.Start(workflow.GetMetadata().GetId(), nil)
	receive(t, began, "the call")
	program.Signal(syscall.SIGTERM)
	program.AwaitLog("draining")
	program.Signal(syscall.SIGTERM)
	if code := program.Exit(); code != 130 {
		t.Errorf("exit code %d", code)
	}
}

func TestADrainIsBounded(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	stack.StopRunner()
	began := make(chan struct{})
	web := hanging(t, began)
	program := testkit.StartProcess(t, nil, stack.ProcessEnvironment("STIGMER_TIMEOUT_DRAIN=500ms")...)
	workflow := stack.MustApply("w", list(task("get", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+web+`"},"timeout_seconds":300}`)))
	stack.Start(workflow.GetMetadata().GetId(), nil)
	receive(t, began, "the call")
	program.Signal(syscall.SIGTERM)
	if code := program.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
