package workflow

import (
	"github.com/stigmer/stigmer/sdk/go/agent"
	genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"
)

// AgentCallTaskConfig is the settings of an AGENT_CALL task.
type AgentCallTaskConfig = genworkflow.AgentCallTaskConfig

// AgentCallArgs is the settings of an AGENT_CALL task.
type AgentCallArgs = AgentCallTaskConfig

// AgentCall makes a task that runs an agent and waits for its answer.
func AgentCall(name string, args *AgentCallArgs) *Task {
	if args == nil {
		args = &AgentCallArgs{}
	}
	if args.Env == nil {
		args.Env = map[string]string{}
	}
	return &Task{Name: name, Kind: TaskKindAgentCall, Config: args}
}

// CallAgent adds a task that runs an agent and waits for its answer.
func (w *Workflow) CallAgent(name string, args *AgentCallArgs) *Task {
	return w.add(AgentCall(name, args))
}

// AgentRef refers to an agent that a task calls.
type AgentRef struct {
	slug  string
	scope string
}

// Agent refers to an agent of this program.
func Agent(a *agent.Agent) AgentRef {
	// That is the owner which agents of a program get.
	return AgentRef{slug: firstOf(a.Slug, a.Name), scope: "organization"}
}

// AgentBySlug refers to an agent that is on the platform. The scope is "platform" or "organization".
func AgentBySlug(slug string, scope ...string) AgentRef {
	reference := AgentRef{slug: slug}
	if len(scope) > 0 {
		reference.scope = scope[0]
	}
	return reference
}

// Slug is the name of the agent, for AgentCallArgs.Agent.
func (r AgentRef) Slug() string { return r.slug }

// Scope is who owns the agent, for AgentCallArgs.Scope; empty means the organization.
func (r AgentRef) Scope() string { return r.scope }
