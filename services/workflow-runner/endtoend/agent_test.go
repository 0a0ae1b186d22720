package endtoend_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	enumspb "go.temporal.io/api/enums/v1"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/app"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/testkit"
)

const ask = `{"agent":"helper","message":"How is ${ .name }?","env":{"CITY":"${ .city }","EMPTY":""},
	"config":{"model":"tiny","timeout":30}}`

func TestAnAgentsAnswerIsTheResult(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	stack.Agent("helper")
	agents := stack.Agents(func(context.Context, *agentexecutionv1.AgentExecution) (string, error) {
		return "```json\n{\"mood\": \"fine\", \"score\": 7}\n```", nil
	})
	workflow := stack.MustApply("w", list(set("s", `{"name":"Ada","city":"Rome"}`), task("ask", "AGENT_CALL", ask, exported),
		set("out", `{"mood":"${ $context[\"ask\"].mood }","score":"${ .ask.score + 1 }","id":"${ .ask.execution_id }",
			"text":"${ .ask.message }","again":"${ .ask.content == .ask.response }"}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	final := stack.Ended(id)
	if final.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED {
		t.Fatalf("%s: %s", final.GetPhase(), final.GetError())
	}
	output := final.GetOutput().AsMap()
	seen := agents.Seen(t)
	if len(seen) != 1 {
		t.Fatalf("%d executions", len(seen))
	}
	if output["mood"] != "fine" || output["score"] != 8.0 || output["again"] != true ||
		!strings.Contains(output["text"].(string), `"mood": "fine"`) || output["id"] != seen[0].GetMetadata().GetId() {
		t.Errorf("output is %v", output)
	}
	spec := seen[0].GetSpec()
	if spec.GetMessage() != "How is Ada?" || spec.GetExecutionConfig().GetModelName() != "tiny" {
		t.Errorf("the agent was asked %v", spec)
	}
	if got := spec.GetRuntimeEnv(); len(got) != 1 || got["CITY"].GetValue() != "Rome" || got["CITY"].GetIsSecret() {
		t.Errorf("the agent's environment is %v", got)
	}
	if got := final.GetTasks()[1].GetMetadata().AsMap()["execution_id"]; got != seen[0].GetMetadata().GetId() {
		t.Errorf("execution_id in the metadata is %v", got)
	}
	stack.Record("agent_call", id)
}

func TestAFailedAgentFailsTheTaskOnceWithItsOwnWords(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	stack.Agent("helper")
	agents := stack.Agents(func(context.Context, *agentexecutionv1.AgentExecution) (string, error) {
		return "", errors.New("the model is asleep")
	})
	tasks := list(task("attempt", "TRY", `{"try":[`+task("ask", "AGENT_CALL", `{"agent":"helper","message":"hi"}`)+`],"catch":{"do":[`+
		set("note", `{"type":"${ .error.type }","message":"${ .error.message }"}`)+`]}}`))
	want := map[string]any{"type": "AgentExecutionFailed", "message": "the model is asleep"}
	if diff := cmp.Diff(want, stack.Completed(tasks)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(agents.Seen(t)); n != 1 {
		t.Errorf("the agent was run %d times", n)
	}
}

func TestAnUnknownAgentIsNamed(t *testing.T) {
	t.Parallel()
	got := testkit.NewStack(t).Failed(list(task("ask", "AGENT_CALL", `{"agent":"nobody","message":"hi"}`)))
	if !strings.HasPrefix(got, `task "ask" failed: find agent "nobody" in organization "local": `) || !strings.HasSuffix(got, "(NotFound)") {
		t.Errorf("error is %q", got)
	}
}

func TestAnAgentThatTakesTooLongIsCancelled(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	stack.Agent("helper")
	agents := stack.Agents(untilCancelled)
	got := stack.Failed(list(task("ask", "AGENT_CALL", `{"agent":"helper","message":"hi","config":{"timeout":1}}`)))
	if got != `task "ask" failed: it did not end within 1s` {
		t.Errorf("error is %q", got)
	}
	stack.AwaitAgent(agents.Seen(t)[0].GetMetadata().GetId(), agentexecutionv1.ExecutionPhase_EXECUTION_CANCELLED)
}

func TestACancelledRunCancelsItsAgent(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	stack.Agent("helper")
	began := make(chan struct{})
	agents := stack.Agents(func(ctx context.Context, execution *agentexecutionv1.AgentExecution) (string, error) {
		close(began)
		return untilCancelled(ctx, execution)
	})
	workflow := stack.MustApply("w", list(task("ask", "AGENT_CALL", `{"agent":"helper","message":"hi"}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	receive(t, began, "the agent")
	stack.Cancel(id)
	if phase := stack.Ended(id).GetPhase(); phase != workflowexecutionv1.ExecutionPhase_EXECUTION_CANCELLED {
		t.Errorf("phase %s", phase)
	}
	stack.AwaitAgent(agents.Seen(t)[0].GetMetadata().GetId(), agentexecutionv1.ExecutionPhase_EXECUTION_CANCELLED)
}

// untilCancelled is an agent that never answers.
func untilCancelled(ctx context.Context, _ *agentexecutionv1.AgentExecution) (string, error) {
	testkit.BeatUntilCancelled(ctx)
	return "", ctx.Err()
}

func TestAnAgentIsStartedOnceWhenTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	var proxy *testkit.Proxy
	stack := testkit.NewStack(t, func(s *app.Settings) {
		proxy = testkit.NewProxy(t, s.BackendEndpoint)
		s.BackendEndpoint = proxy.Address
	})
	stack.Agent("helper")
	stack.MustApply("child", list(set("s", `{"x":"1"}`)))
	agents := stack.Agents(func(context.Context, *agentexecutionv1.AgentExecution) (string, error) { return "done", nil })
	proxy.Lose("AgentExecutionCommandController/create", 2)
	proxy.Lose("WorkflowExecutionCommandController/create", 1)
	output := stack.Completed(list(task("ask", "AGENT_CALL", `{"agent":"helper","message":"hi"}`), task("sub", "RUN", `{"workflow":"child"}`),
		set("out", `{"said":"${ .ask.message }","x":"${ .sub.x }"}`)))
	if diff := cmp.Diff(map[string]any{"said": "done", "x": "1"}, output); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(agents.Seen(t)); n != 1 || proxy.Lost() != 2 {
		t.Errorf("%d executions of the agent, %d answers lost", n, proxy.Lost())
	}
	if n := len(stack.Workflows("stigmer/workflow-execution/invoke/")); n != 2 {
		t.Errorf("%d executions of workflows, want the caller and its child", n)
	}
}

func TestAnAgentThatIsStartedAfterTheCancellationIsCancelledToo(t *testing.T) {
	t.Parallel()
	var proxy *testkit.Proxy
	stack := testkit.NewStack(t, func(s *app.Settings) {
		proxy = testkit.NewProxy(t, s.BackendEndpoint)
		s.BackendEndpoint = proxy.Address
	})
	stack.Agent("helper")
	stack.Agents(untilCancelled)
	arrived, release := proxy.Hold("AgentExecutionCommandController/create")
	defer release()
	workflow := stack.MustApply("w", list(task("ask", "AGENT_CALL", `{"agent":"helper","message":"hi"}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	receive(t, arrived, "the start of the agent")
	stack.Cancel(id)
	stack.AwaitClosed("workflow-exec-"+id, enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED)
	release()
	stack.AwaitAgent(stack.AwaitAnyAgent(), agentexecutionv1.ExecutionPhase_EXECUTION_CANCELLED)
}
