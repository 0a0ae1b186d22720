package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/types/known/structpb"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/serverless"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
)

const secretValue = "hunter2-run"

func aSecret() map[string]*executioncontextv1.ExecutionValue {
	return map[string]*executioncontextv1.ExecutionValue{"TOKEN": {Value: secretValue, IsSecret: true}}
}

// workflowIDs are those of all workflows of the namespace, as soon as a certain one is listed.
func (s *stack) workflowIDs(wanted string) (ids []string) {
	s.t.Helper()
	connected := s.temporal.Client(s.t, s.settings.Temporal.Namespace)
	eventually(s.t, func() error {
		list, err := connected.ListWorkflow(s.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{})
		ids = nil
		for _, one := range list.GetExecutions() {
			ids = append(ids, one.GetExecution().GetWorkflowId())
		}
		if err == nil && !slices.Contains(ids, wanted) {
			err = fmt.Errorf("%s is not among %v", wanted, ids)
		}
		return err
	})
	return ids
}

// records are the histories of all workflows of the namespace, each as a text with its payloads readable.
func (s *stack) records(wanted string) map[string]string {
	s.t.Helper()
	connected := s.temporal.Client(s.t, s.settings.Temporal.Namespace)
	texts := map[string]string{}
	for _, id := range s.workflowIDs(wanted) {
		events := connected.GetWorkflowHistory(s.t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		var text strings.Builder
		for events.HasNext() {
			event, err := events.Next()
			if err != nil {
				s.t.Fatal(err)
			}
			text.WriteString(protojson.Format(event))
			_ = protorange.Range(event.ProtoReflect(), func(at protopath.Values) error {
				if data, ok := at.Index(-1).Value.Interface().([]byte); ok {
					text.Write(data)
				}
				return nil
			})
		}
		texts[id] = text.String()
	}
	return texts
}

// keepsSecret checks that no history and no log holds the value of the secret.
func (s *stack) keepsSecret(workflow string) {
	s.t.Helper()
	for id, text := range s.records(workflow) {
		if at := strings.Index(text, secretValue); at >= 0 {
			s.t.Errorf("the history of %s holds a secret: %s", id, text[max(0, at-200):at])
		}
	}
	if strings.Contains(s.log.String(), secretValue) {
		s.t.Error("the log holds a secret")
	}
}

func TestTheSecretsOfAnAgentReachTheRunnerAndNoHistory(t *testing.T) {
	s := newStack(t)
	seen := make(chan *agentRun, 2)
	s.startRunner(runner{agent: func(ctx context.Context, run *agentRun) (*agentRunStatus, error) {
		stored, err := s.agentRunQuery.Get(ctx, &agentexecutionv1.AgentExecutionId{Value: run.GetMetadata().GetId()})
		seen <- run
		seen <- stored
		return &agentRunStatus{Phase: completed}, err
	}})
	run := s.runAgent(func(run *agentRun) { run.Spec.RuntimeEnv = aSecret() })
	if got := run.GetSpec().GetRuntimeEnv()["TOKEN"].GetValue(); got != secretValue {
		t.Errorf("the client was answered %q", got)
	}
	s.end(run)
	given, stored := <-seen, <-seen
	if given.GetSpec().GetMessage() != "hello" || given.GetSpec().GetSessionId() == "" {
		t.Errorf("the runner was given %s", given)
	}
	if got := stored.GetSpec().GetRuntimeEnv()["TOKEN"]; got.GetValue() != secretValue || !got.GetIsSecret() {
		t.Errorf("the runner found %v", got.GetIsSecret())
	}
	s.keepsSecret("stigmer/agent-execution/invoke/" + run.GetMetadata().GetId())
}

func TestTheSecretsOfAWorkflowReachTheRunnerAndNoHistory(t *testing.T) {
	s := newStack(t)
	seen, names := make(chan *workflowRun, 1), make(chan *environmentv1.EnvironmentValue, 1)
	s.startRunner(runner{
		validation: func(spec *workflowv1.WorkflowSpec) (*serverless.ServerlessWorkflowValidation, error) {
			names <- spec.GetEnvSpec().GetData()["TOKEN"]
			return findsValid(spec)
		},
		workflow: func(ctx context.Context, run *workflowRun) (*workflowRunStatus, error) {
			stored, err := s.workflowRunQuery.Get(ctx, &workflowexecutionv1.WorkflowExecutionId{Value: run.GetMetadata().GetId()})
			seen <- stored
			return &workflowRunStatus{Phase: workflowCompleted}, err
		},
	})
	wanted := aWorkflow("greeting")
	wanted.Spec.EnvSpec = &environmentv1.EnvironmentSpec{Data: map[string]*environmentv1.EnvironmentValue{
		"TOKEN": {Value: secretValue, IsSecret: true, Description: "for the service"},
	}}
	made := must[*workflowv1.Workflow](t)(s.workflows.Apply(t.Context(), wanted))
	if got := <-names; got.GetValue() != "" || !got.GetIsSecret() || got.GetDescription() != "for the service" {
		t.Errorf("the validation saw %v of the variable", got.GetDescription())
	}
	if got := made.GetSpec().GetEnvSpec().GetData()["TOKEN"].GetValue(); got != secretValue {
		t.Errorf("the workflow was stored with %q", got)
	}
	starting := aWorkflowExecution(made.GetMetadata().GetId())
	starting.Spec.RuntimeEnv = aSecret()
	run := must[*workflowRun](t)(s.workflowRuns.Create(t.Context(), starting))
	s.workflowEnd(run)
	if got := (<-seen).GetSpec().GetRuntimeEnv()["TOKEN"].GetValue(); got != secretValue {
		t.Errorf("the runner found %q", got)
	}
	s.keepsSecret("stigmer/workflow-execution/invoke/" + run.GetMetadata().GetId())
}

func TestARunnerThatAsksForNothingGetsTheValuesInItsArguments(t *testing.T) {
	s := newStack(t, func(settings *config.Settings) { settings.Temporal.EnvironmentInArguments = true })
	agents, workflows := make(chan *agentRun, 1), make(chan *workflowRun, 1)
	s.startRunner(runner{
		validation: findsValid,
		agent: func(_ context.Context, run *agentRun) (*agentRunStatus, error) {
			agents <- run
			return &agentRunStatus{Phase: completed}, nil
		},
		workflow: func(_ context.Context, run *workflowRun) (*workflowRunStatus, error) {
			workflows <- run
			return &workflowRunStatus{Phase: workflowCompleted}, nil
		},
	})
	s.end(s.runAgent(func(run *agentRun) { run.Spec.RuntimeEnv = aSecret() }))
	made := must[*workflowv1.Workflow](t)(s.workflows.Apply(t.Context(), aWorkflow("greeting")))
	starting := aWorkflowExecution(made.GetMetadata().GetId())
	starting.Spec.RuntimeEnv = aSecret()
	s.workflowEnd(must[*workflowRun](t)(s.workflowRuns.Create(t.Context(), starting)))
	if got := (<-agents).GetSpec().GetRuntimeEnv()["TOKEN"].GetValue(); got != secretValue {
		t.Errorf("the agent-runner was given %q", got)
	}
	if got := (<-workflows).GetSpec().GetRuntimeEnv()["TOKEN"].GetValue(); got != secretValue {
		t.Errorf("the workflow-runner was given %q", got)
	}
}

func TestACallerIsToldTheOutcomeAndNothingElse(t *testing.T) {
	s := newStack(t)
	s.startRunner(runner{agent: func(context.Context, *agentRun) (*agentRunStatus, error) {
		arguments, err := structpb.NewStruct(map[string]any{"path": "notes"})
		call := &agentexecutionv1.ToolCall{Id: "one", Name: "read_file", Args: arguments}
		return &agentRunStatus{
			Phase: completed, ToolCalls: []*agentexecutionv1.ToolCall{call},
			Messages: []*agentexecutionv1.AgentMessage{
				{Type: agentexecutionv1.MessageType_MESSAGE_AI, Content: "Let me see.", ToolCalls: []*agentexecutionv1.ToolCall{call}},
				{Type: agentexecutionv1.MessageType_MESSAGE_TOOL, Content: "a tool's own words"},
				{Type: agentexecutionv1.MessageType_MESSAGE_AI, Content: "Here you are."},
				{Type: agentexecutionv1.MessageType_MESSAGE_AI, ToolCalls: []*agentexecutionv1.ToolCall{call}},
			},
		}, err
	}})
	called := s.startCaller(s.agent(), func(run *agentRun) { run.Spec.RuntimeEnv = aSecret() })
	result, err := called.wait(t)
	if err != nil {
		t.Fatal(err)
	}
	messages := result.GetStatus().GetMessages()
	if len(messages) != 1 || messages[0].GetContent() != "Here you are." || len(messages[0].GetToolCalls()) != 0 {
		t.Errorf("caller heard %s", messages)
	}
	if result.GetSpec() != nil || len(result.GetStatus().GetToolCalls()) != 0 || result.GetStatus().GetAudit() != nil {
		t.Errorf("caller got %s", result)
	}
	s.keepsSecret(called.run.GetID())
}
