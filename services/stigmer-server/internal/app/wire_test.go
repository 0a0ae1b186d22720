package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/internal/temporaltest"
)

func TestReflectionShowsAllServices(t *testing.T) {
	s := newIdleStack(t, temporaltest.Shared(t))
	s.start()
	var wanted []string
	for _, kind := range []string{"agent.v1.Agent", "agentinstance.v1.AgentInstance", "session.v1.Session",
		"agentexecution.v1.AgentExecution", "workflow.v1.Workflow", "workflowinstance.v1.WorkflowInstance",
		"workflowexecution.v1.WorkflowExecution", "skill.v1.Skill", "environment.v1.Environment",
		"executioncontext.v1.ExecutionContext"} {
		wanted = append(wanted, "ai.stigmer.agentic."+kind+"CommandController", "ai.stigmer.agentic."+kind+"QueryController")
	}
	wanted = append(wanted, "ai.stigmer.agentic.workflowrunner.v1.WorkflowRunnerServiceController", "grpc.health.v1.Health")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stream := must[grpc.BidiStreamingClient[reflectionv1.ServerReflectionRequest, reflectionv1.ServerReflectionResponse]](t)(
		reflectionv1.NewServerReflectionClient(s.conn).ServerReflectionInfo(ctx))
	err := stream.Send(&reflectionv1.ServerReflectionRequest{
		MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{},
	})
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, service := range must[*reflectionv1.ServerReflectionResponse](t)(stream.Recv()).GetListServicesResponse().GetService() {
		shown = append(shown, service.GetName())
	}
	for _, service := range wanted {
		if !slices.Contains(shown, service) {
			t.Errorf("%s is not shown", service)
		}
	}
	old := must[reflectionv1alpha.ServerReflection_ServerReflectionInfoClient](t)(
		reflectionv1alpha.NewServerReflectionClient(s.conn).ServerReflectionInfo(ctx))
	err = old.Send(&reflectionv1alpha.ServerReflectionRequest{
		MessageRequest: &reflectionv1alpha.ServerReflectionRequest_FileContainingSymbol{
			FileContainingSymbol: "ai.stigmer.agentic.agent.v1.Agent",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if answer := must[*reflectionv1alpha.ServerReflectionResponse](t)(old.Recv()); answer.GetErrorResponse() != nil {
		t.Errorf("the older reflection answered %s", answer)
	}
}

func TestRequestsAreCheckedBeforeTheirHandler(t *testing.T) {
	s := newIdleStack(t, temporaltest.Shared(t))
	s.start()
	broken := anAgent("Test Agent")
	broken.Spec.Instructions = "short"
	_, err := s.agents.Apply(t.Context(), broken)
	refused(t, err, codes.InvalidArgument, "spec.instructions", "at least 10 characters")
	stream, err := s.agentRunQuery.Subscribe(t.Context(), &agentexecutionv1.AgentExecutionId{})
	if err == nil {
		_, err = stream.Recv()
	}
	refused(t, err, codes.InvalidArgument, "value")
}

func TestMessagesHaveALimit(t *testing.T) {
	s := newIdleStack(t, temporaltest.Shared(t))
	s.start()
	large := anAgent("Test Agent")
	large.Spec.Instructions = strings.Repeat("x", 9<<20)
	made := must[*agentv1.Agent](t)(s.agents.Apply(t.Context(), large, grpc.MaxCallRecvMsgSize(10<<20)))
	if len(made.GetSpec().GetInstructions()) != 9<<20 {
		t.Error("a large message was cut")
	}
	large.Spec.Instructions = strings.Repeat("x", 10<<20)
	_, err := s.agents.Apply(t.Context(), large)
	refused(t, err, codes.ResourceExhausted)
}

func TestNoMethodCrashesOnAnEmptyRequest(t *testing.T) {
	s := newStack(t)
	ctx := t.Context()
	_, err := s.agents.Create(ctx, &agentv1.Agent{})
	refused(t, err, codes.InvalidArgument, "metadata")
	_, err = s.agents.Create(ctx, &agentv1.Agent{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "Agent", Metadata: &apiresource.ApiResourceMetadata{OwnerScope: 2},
	})
	refused(t, err, codes.InvalidArgument, "no spec")
	_, err = s.agentRuns.Create(ctx, &agentexecutionv1.AgentExecution{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "AgentExecution", Metadata: &apiresource.ApiResourceMetadata{Name: "a"},
	})
	refused(t, err, codes.InvalidArgument, "session_id or agent_id")
	_, err = s.agentRuns.Update(ctx, &agentexecutionv1.AgentExecution{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "AgentExecution", Metadata: &apiresource.ApiResourceMetadata{Name: "a"},
	})
	refused(t, err, codes.InvalidArgument, "metadata.id")
}
