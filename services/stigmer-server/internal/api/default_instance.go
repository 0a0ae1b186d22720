package api

import (
	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentinstance/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowinstance/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

const (
	defaultSuffix              = "-default"
	defaultInstanceDescription = "Default instance, made together with its definition."
)

// ensureAgentInstance gives an agent its default instance, unless it has one. An agent that has one is only read: writing it
// would set all executions that are made of it at once against each other.
func (b base) ensureAgentInstance(writer store.Writer, agent *agentv1.Agent) error {
	id, err := ensureInstance(writer, b, instanceOf[*agentinstancev1.AgentInstance]{
		table: resource.AgentInstances, present: agent.GetStatus().GetDefaultInstanceId(), owner: agent.GetMetadata(),
		ownerID: func(instance *agentinstancev1.AgentInstance) string { return instance.GetSpec().GetAgentId() },
		build: func(metadata *apiresource.ApiResourceMetadata) *agentinstancev1.AgentInstance {
			return &agentinstancev1.AgentInstance{
				ApiVersion: resource.APIVersion, Kind: resource.AgentInstances.Name, Metadata: metadata,
				Spec: &agentinstancev1.AgentInstanceSpec{
					AgentId: agent.GetMetadata().GetId(), Description: defaultInstanceDescription,
				},
			}
		},
	})
	if err != nil || id == agent.GetStatus().GetDefaultInstanceId() {
		return err
	}
	agent.Status.DefaultInstanceId = id
	return resource.Agents.Save(writer, agent)
}

// ensureWorkflowInstance gives a workflow its default instance, unless it has one.
func (b base) ensureWorkflowInstance(writer store.Writer, workflow *workflowv1.Workflow) error {
	id, err := ensureInstance(writer, b, instanceOf[*workflowinstancev1.WorkflowInstance]{
		table: resource.WorkflowInstances, present: workflow.GetStatus().GetDefaultInstanceId(),
		owner:   workflow.GetMetadata(),
		ownerID: func(instance *workflowinstancev1.WorkflowInstance) string { return instance.GetSpec().GetWorkflowId() },
		build: func(metadata *apiresource.ApiResourceMetadata) *workflowinstancev1.WorkflowInstance {
			return &workflowinstancev1.WorkflowInstance{
				ApiVersion: resource.APIVersion, Kind: resource.WorkflowInstances.Name, Metadata: metadata,
				Spec: &workflowinstancev1.WorkflowInstanceSpec{
					WorkflowId: workflow.GetMetadata().GetId(), Description: defaultInstanceDescription,
				},
			}
		},
	})
	if err != nil || id == workflow.GetStatus().GetDefaultInstanceId() {
		return err
	}
	workflow.Status.DefaultInstanceId = id
	return resource.Workflows.Save(writer, workflow)
}

// instanceOf describes the default instance of an agent or a workflow.
type instanceOf[I resource.Resource] struct {
	table resource.Table[I]
	// present is the id of the instance that the owner's status names.
	present string
	owner   *apiresource.ApiResourceMetadata
	ownerID func(I) string
	build   func(*apiresource.ApiResourceMetadata) I
}

// ensureInstance answers the id of the default instance and makes it when there is none.
func ensureInstance[I resource.Resource](writer store.Writer, b base, wanted instanceOf[I]) (string, error) {
	_, err := wanted.table.Get(writer, wanted.present)
	if !execution.Gone(err) {
		return wanted.present, err
	}
	slug := wanted.owner.GetSlug() + defaultSuffix
	instance, found, err := wanted.table.FindSlug(writer, wanted.owner.GetOrg(), slug)
	if err != nil {
		return "", err
	}
	if found && wanted.ownerID(instance) == wanted.owner.GetId() {
		return instance.GetMetadata().GetId(), nil
	}
	instance = wanted.build(&apiresource.ApiResourceMetadata{
		Name: wanted.owner.GetName() + defaultSuffix, Slug: slug, Org: wanted.owner.GetOrg(),
		OwnerScope: wanted.owner.GetOwnerScope(),
	})
	err = wanted.table.Insert(writer, instance, b.ids, b.now())
	return instance.GetMetadata().GetId(), err
}

// removeInstance removes the default instance of an owner that was removed.
func removeInstance[I resource.Resource](writer store.Writer, table resource.Table[I], id string) error {
	instance, err := table.Get(writer, id)
	if execution.Gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return table.Remove(writer, instance)
}
