package app_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	agentinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentinstance/v1"
	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"
	sessionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/session/v1"
	skillv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/skill/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	workflowinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowinstance/v1"
	workflowrunnerv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowrunner/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
)

// clients are the generated clients of all services.
type clients struct {
	agents             agentv1.AgentCommandControllerClient
	agentQuery         agentv1.AgentQueryControllerClient
	agentInstances     agentinstancev1.AgentInstanceCommandControllerClient
	agentInstanceQuery agentinstancev1.AgentInstanceQueryControllerClient
	sessions           sessionv1.SessionCommandControllerClient
	sessionQuery       sessionv1.SessionQueryControllerClient
	agentRuns          agentexecutionv1.AgentExecutionCommandControllerClient
	agentRunQuery      agentexecutionv1.AgentExecutionQueryControllerClient
	workflows          workflowv1.WorkflowCommandControllerClient
	workflowQuery      workflowv1.WorkflowQueryControllerClient
	workflowInstances  workflowinstancev1.WorkflowInstanceCommandControllerClient
	workflowInstanceQ  workflowinstancev1.WorkflowInstanceQueryControllerClient
	workflowRuns       workflowexecutionv1.WorkflowExecutionCommandControllerClient
	workflowRunQuery   workflowexecutionv1.WorkflowExecutionQueryControllerClient
	environments       environmentv1.EnvironmentCommandControllerClient
	environmentQuery   environmentv1.EnvironmentQueryControllerClient
	contexts           executioncontextv1.ExecutionContextCommandControllerClient
	contextQuery       executioncontextv1.ExecutionContextQueryControllerClient
	skills             skillv1.SkillCommandControllerClient
	skillQuery         skillv1.SkillQueryControllerClient
	control            workflowrunnerv1.WorkflowRunnerServiceControllerClient
}

func newClients(conn *grpc.ClientConn) clients {
	return clients{
		agents:             agentv1.NewAgentCommandControllerClient(conn),
		agentQuery:         agentv1.NewAgentQueryControllerClient(conn),
		agentInstances:     agentinstancev1.NewAgentInstanceCommandControllerClient(conn),
		agentInstanceQuery: agentinstancev1.NewAgentInstanceQueryControllerClient(conn),
		sessions:           sessionv1.NewSessionCommandControllerClient(conn),
		sessionQuery:       sessionv1.NewSessionQueryControllerClient(conn),
		agentRuns:          agentexecutionv1.NewAgentExecutionCommandControllerClient(conn),
		agentRunQuery:      agentexecutionv1.NewAgentExecutionQueryControllerClient(conn),
		workflows:          workflowv1.NewWorkflowCommandControllerClient(conn),
		workflowQuery:      workflowv1.NewWorkflowQueryControllerClient(conn),
		workflowInstances:  workflowinstancev1.NewWorkflowInstanceCommandControllerClient(conn),
		workflowInstanceQ:  workflowinstancev1.NewWorkflowInstanceQueryControllerClient(conn),
		workflowRuns:       workflowexecutionv1.NewWorkflowExecutionCommandControllerClient(conn),
		workflowRunQuery:   workflowexecutionv1.NewWorkflowExecutionQueryControllerClient(conn),
		environments:       environmentv1.NewEnvironmentCommandControllerClient(conn),
		environmentQuery:   environmentv1.NewEnvironmentQueryControllerClient(conn),
		contexts:           executioncontextv1.NewExecutionContextCommandControllerClient(conn),
		contextQuery:       executioncontextv1.NewExecutionContextQueryControllerClient(conn),
		skills:             skillv1.NewSkillCommandControllerClient(conn),
		skillQuery:         skillv1.NewSkillQueryControllerClient(conn),
		control:            workflowrunnerv1.NewWorkflowRunnerServiceControllerClient(conn),
	}
}

// must answers what a call answered, and ends the test where it did not work.
func must[A any](t *testing.T) func(A, error) A {
	t.Helper()
	return func(answer A, err error) A {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

// refused checks the code and the words of an error.
func refused(t *testing.T, err error, code codes.Code, words ...string) {
	t.Helper()
	if status.Code(err) != code {
		t.Errorf("answered %v, not %s", err, code)
		return
	}
	for _, word := range words {
		if !strings.Contains(status.Convert(err).Message(), word) {
			t.Errorf("%q does not say %q", status.Convert(err).Message(), word)
		}
	}
}

func referenceTo(slug string) *apiresource.ApiResourceReference {
	return &apiresource.ApiResourceReference{Org: "local", Slug: slug}
}
