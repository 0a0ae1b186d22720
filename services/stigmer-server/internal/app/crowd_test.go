package app_test

import (
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
)

// crowd is how many executions are made at once.
const crowd = 200

// allAtOnce makes executions and checks that each has an id of its own.
func allAtOnce[E resource.Resource](t *testing.T, create func(name string) (E, error)) {
	t.Helper()
	var group errgroup.Group
	made := make([]E, crowd)
	for index := range made {
		group.Go(func() (err error) {
			made[index], err = create(fmt.Sprintf("execution-%d", index))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, one := range made {
		ids[one.GetMetadata().GetId()] = true
	}
	if len(ids) != crowd {
		t.Errorf("%d executions have %d ids", crowd, len(ids))
	}
}

func TestACrowdRunsOneAgent(t *testing.T) {
	s := newStack(t)
	agent := s.agent()
	allAtOnce(t, func(name string) (*agentRun, error) {
		wanted := anAgentExecution(agent)
		wanted.Metadata.Name = name
		return s.agentRuns.Create(t.Context(), wanted)
	})
	list := must[*agentexecutionv1.AgentExecutionList](t)(s.agentRunQuery.List(t.Context(),
		&agentexecutionv1.ListAgentExecutionsRequest{PageSize: crowd}))
	sessions := map[string]bool{}
	for _, one := range list.GetEntries() {
		sessions[one.GetSpec().GetSessionId()] = true
	}
	if len(sessions) < len(list.GetEntries()) || len(sessions) == 0 {
		t.Errorf("%d executions share %d sessions", len(list.GetEntries()), len(sessions))
	}
}

func TestACrowdRunsOneWorkflow(t *testing.T) {
	s := newStack(t)
	s.startRunner(runner{validation: findsValid})
	made := must[*workflowv1.Workflow](t)(s.workflows.Apply(t.Context(), aWorkflow("greeting")))
	allAtOnce(t, func(name string) (*workflowexecutionv1.WorkflowExecution, error) {
		wanted := aWorkflowExecution(made.GetMetadata().GetId())
		wanted.Metadata.Name = name
		return s.workflowRuns.Create(t.Context(), wanted)
	})
}
