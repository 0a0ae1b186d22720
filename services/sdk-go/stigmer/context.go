package stigmer

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/skill"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

// Context collects what a program defines: skills, agents, workflows, and typed variables that both can use. It also carries the
// context.Context of RunWithContext. All methods may be called side by side.
type Context struct {
	ctx context.Context
	// state is shared by the contexts that WithValue makes of one another.
	state *state
}

type state struct {
	mu           sync.RWMutex
	variables    map[string]Ref
	skills       []*skill.Skill
	agents       []*agent.Agent
	workflows    []*workflow.Workflow
	dependencies map[string][]string
	synthesized  bool
}

// NewContext makes a context for tests. A program gets its own from Run.
func NewContext() *Context { return NewContextWithContext(context.Background()) }

// NewContextWithContext makes a context for tests that carries ctx; nil stands for context.Background().
func NewContextWithContext(ctx context.Context) *Context {
	if ctx == nil {
		ctx = context.Background()
	}
	return &Context{
		ctx:   ctx,
		state: &state{variables: map[string]Ref{}, dependencies: map[string][]string{}},
	}
}

// Context gives the context.Context to other libraries.
func (c *Context) Context() context.Context { return c.ctx }

// WithValue gives a context that carries a value and collects into the same program.
func (c *Context) WithValue(key, val any) *Context {
	return &Context{ctx: context.WithValue(c.ctx, key, val), state: c.state}
}

// Value finds a value that the context carries.
func (c *Context) Value(key any) any { return c.ctx.Value(key) }

// Done is closed when the context is cancelled.
func (c *Context) Done() <-chan struct{} { return c.ctx.Done() }

// Err says why the context is cancelled; nil while it is not.
func (c *Context) Err() error { return c.ctx.Err() }

// RegisterSkill adds a skill to the program; skill.New does it.
func (c *Context) RegisterSkill(sk *skill.Skill) {
	c.state.mu.Lock()
	defer c.state.mu.Unlock()
	c.state.skills = append(c.state.skills, sk)
}

// RegisterAgent adds an agent to the program; agent.New does it.
func (c *Context) RegisterAgent(ag *agent.Agent) {
	c.state.mu.Lock()
	defer c.state.mu.Unlock()
	c.state.agents = append(c.state.agents, ag)
}

// RegisterWorkflow adds a workflow to the program; workflow.New does it.
func (c *Context) RegisterWorkflow(wf *workflow.Workflow) {
	c.state.mu.Lock()
	defer c.state.mu.Unlock()
	c.state.workflows = append(c.state.workflows, wf)
}

// Skills lists the skills in the order of their making.
func (c *Context) Skills() []*skill.Skill {
	c.state.mu.RLock()
	defer c.state.mu.RUnlock()
	return slices.Clone(c.state.skills)
}

// Agents lists the agents in the order of their making.
func (c *Context) Agents() []*agent.Agent {
	c.state.mu.RLock()
	defer c.state.mu.RUnlock()
	return slices.Clone(c.state.agents)
}

// Workflows lists the workflows in the order of their making.
func (c *Context) Workflows() []*workflow.Workflow {
	c.state.mu.RLock()
	defer c.state.mu.RUnlock()
	return slices.Clone(c.state.workflows)
}

// TrackDependency says that a resource must be applied after another one, both written as "skill:slug", "agent:slug" or
// "workflow:name". What an agent refers to and a workflow calls is found by itself.
func (c *Context) TrackDependency(resourceID, dependsOnID string) {
	c.state.mu.Lock()
	defer c.state.mu.Unlock()
	c.state.dependencies[resourceID] = append(c.state.dependencies[resourceID], dependsOnID)
}

// Dependencies lists what TrackDependency was told.
func (c *Context) Dependencies() map[string][]string {
	c.state.mu.RLock()
	defer c.state.mu.RUnlock()
	copied := maps.Clone(c.state.dependencies)
	for id, list := range copied {
		copied[id] = slices.Clone(list)
	}
	return copied
}

// GetDependencies lists what TrackDependency was told of one resource; nil for nothing.
func (c *Context) GetDependencies(resourceID string) []string {
	c.state.mu.RLock()
	defer c.state.mu.RUnlock()
	return slices.Clone(c.state.dependencies[resourceID])
}
