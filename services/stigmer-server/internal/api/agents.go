package api

import (
	"context"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentinstance/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// agents answers the methods of agents.
type agents struct {
	unimplementedAgents
	collection[*agentv1.Agent, *agentv1.AgentId]
}

// The methods of `unimplemented…` lie one level deeper than those of the collection, which therefore win.
type unimplementedAgents struct {
	agentv1.UnimplementedAgentCommandControllerServer
	agentv1.UnimplementedAgentQueryControllerServer
}

func newAgents(b base) *agents {
	answering := &agents{}
	answering.collection = collection[*agentv1.Agent, *agentv1.AgentId]{
		base: b, table: resource.Agents,
		made: b.ensureAgentInstance,
		removed: func(writer store.Writer, gone *agentv1.Agent) error {
			return removeInstance(writer, resource.AgentInstances, gone.GetStatus().GetDefaultInstanceId())
		},
	}
	return answering
}

// agentInstances answers the methods of agent instances.
type agentInstances struct {
	unimplementedAgentInstances
	collection[*agentinstancev1.AgentInstance, *agentinstancev1.AgentInstanceId]
}

type unimplementedAgentInstances struct {
	agentinstancev1.UnimplementedAgentInstanceCommandControllerServer
	agentinstancev1.UnimplementedAgentInstanceQueryControllerServer
}

func newAgentInstances(b base) *agentInstances {
	answering := &agentInstances{}
	answering.collection = collection[*agentinstancev1.AgentInstance, *agentinstancev1.AgentInstanceId]{
		base: b, table: resource.AgentInstances,
		check: func(reader store.Reader, instance *agentinstancev1.AgentInstance) error {
			_, err := resource.Agents.Get(reader, instance.GetSpec().GetAgentId())
			return err
		},
	}
	return answering
}

// GetByAgent lists the instances of an agent, newest first.
func (a *agentInstances) GetByAgent(
	ctx context.Context, request *agentinstancev1.GetAgentInstancesByAgentRequest,
) (*agentinstancev1.AgentInstanceList, error) {
	var page resource.Page[*agentinstancev1.AgentInstance]
	err := a.store.View(ctx, func(reader store.Reader) (err error) {
		page, err = a.table.ListNumbered(reader, func(instance *agentinstancev1.AgentInstance) bool {
			return instance.GetSpec().GetAgentId() == request.GetAgentId()
		}, request.GetPageInfo())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &agentinstancev1.AgentInstanceList{TotalCount: page.Total, Items: page.Entries}, nil
}
