package api

import (
	"time"

	"google.golang.org/grpc"

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

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/artifact"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// Parts are what the handlers work with.
type Parts struct {
	Store     store.Store
	Agents    *execution.Agents
	Workflows *execution.Workflows
	Engine    Engine
	Archives  artifact.Storage
	Now       func() time.Time
}

// Register adds all services of the API to a server.
func Register(server grpc.ServiceRegistrar, parts Parts) {
	b := base{store: parts.Store, ids: resource.NewIDs(parts.Now), now: parts.Now}

	agents := newAgents(b)
	agentv1.RegisterAgentCommandControllerServer(server, agents)
	agentv1.RegisterAgentQueryControllerServer(server, agents)
	agentInstances := newAgentInstances(b)
	agentinstancev1.RegisterAgentInstanceCommandControllerServer(server, agentInstances)
	agentinstancev1.RegisterAgentInstanceQueryControllerServer(server, agentInstances)
	sessions := newSessions(b)
	sessionv1.RegisterSessionCommandControllerServer(server, sessions)
	sessionv1.RegisterSessionQueryControllerServer(server, sessions)
	agentExecutions := &agentExecutions{base: b, keeper: parts.Agents, engine: parts.Engine}
	agentexecutionv1.RegisterAgentExecutionCommandControllerServer(server, agentExecutions)
	agentexecutionv1.RegisterAgentExecutionQueryControllerServer(server, agentExecutions)

	workflows := newWorkflows(b, parts.Engine)
	workflowv1.RegisterWorkflowCommandControllerServer(server, workflows)
	workflowv1.RegisterWorkflowQueryControllerServer(server, workflows)
	workflowInstances := newWorkflowInstances(b)
	workflowinstancev1.RegisterWorkflowInstanceCommandControllerServer(server, workflowInstances)
	workflowinstancev1.RegisterWorkflowInstanceQueryControllerServer(server, workflowInstances)
	workflowExecutions := &workflowExecutions{base: b, keeper: parts.Workflows, engine: parts.Engine}
	workflowexecutionv1.RegisterWorkflowExecutionCommandControllerServer(server, workflowExecutions)
	workflowexecutionv1.RegisterWorkflowExecutionQueryControllerServer(server, workflowExecutions)

	environments := newEnvironments(b)
	environmentv1.RegisterEnvironmentCommandControllerServer(server, environments)
	environmentv1.RegisterEnvironmentQueryControllerServer(server, environments)
	contexts := newExecutionContexts(b)
	executioncontextv1.RegisterExecutionContextCommandControllerServer(server, contexts)
	executioncontextv1.RegisterExecutionContextQueryControllerServer(server, contexts)
	skills := &skills{base: b, archives: parts.Archives}
	skillv1.RegisterSkillCommandControllerServer(server, skills)
	skillv1.RegisterSkillQueryControllerServer(server, skills)
	workflowrunnerv1.RegisterWorkflowRunnerServiceControllerServer(server, &runner{
		agents: parts.Agents, workflows: parts.Workflows, engine: parts.Engine,
	})
}
