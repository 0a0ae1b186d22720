package api

import (
	"context"
	"fmt"

	agentinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentinstance/v1"
	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"
	workflowinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowinstance/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// environments answers the methods of environments.
type environments struct {
	unimplementedEnvironments
	collection[*environmentv1.Environment, *apiresource.ApiResourceId]
}

type unimplementedEnvironments struct {
	environmentv1.UnimplementedEnvironmentCommandControllerServer
	environmentv1.UnimplementedEnvironmentQueryControllerServer
}

func newEnvironments(b base) *environments {
	answering := &environments{}
	answering.collection = collection[*environmentv1.Environment, *apiresource.ApiResourceId]{
		base: b, table: resource.Environments,
	}
	return answering
}

// Delete removes an environment. One that an instance refers to is removed by force only.
func (e *environments) Delete(
	ctx context.Context, input *apiresource.ApiResourceDeleteInput,
) (*environmentv1.Environment, error) {
	deleting := e.collection
	if !input.GetForce() {
		deleting.removed = refuseUsedEnvironment
	}
	return deleting.remove(ctx, input.GetResourceId())
}

// refuseUsedEnvironment answers UsedError where an instance refers to an environment.
func refuseUsedEnvironment(writer store.Writer, environment *environmentv1.Environment) error {
	own := store.SlugKey("", environment.GetMetadata().GetOrg(), environment.GetMetadata().GetSlug())
	means := func(owner *apiresource.ApiResourceMetadata, references []*apiresource.ApiResourceReference) bool {
		for _, reference := range references {
			org := reference.GetOrg()
			if org == "" {
				org = owner.GetOrg()
			}
			if store.SlugKey("", org, reference.GetSlug()) == own {
				return true
			}
		}
		return false
	}
	ofAgents, err := resource.AgentInstances.All(writer, func(instance *agentinstancev1.AgentInstance) bool {
		return means(instance.GetMetadata(), instance.GetSpec().GetEnvironmentRefs())
	})
	if err != nil {
		return err
	}
	ofWorkflows, err := resource.WorkflowInstances.All(writer, func(instance *workflowinstancev1.WorkflowInstance) bool {
		return means(instance.GetMetadata(), instance.GetSpec().GetEnvRefs())
	})
	if err != nil {
		return err
	}
	switch {
	case len(ofAgents) > 0:
		return usedBy(environment, ofAgents[0])
	case len(ofWorkflows) > 0:
		return usedBy(environment, ofWorkflows[0])
	}
	return nil
}

func usedBy(environment *environmentv1.Environment, user resource.Resource) error {
	return &UsedError{fmt.Sprintf("environment %s is used by %s %s: change that one first, or set force",
		environment.GetMetadata().GetId(), user.GetKind(), user.GetMetadata().GetId())}
}

// executionContexts answers the methods of execution contexts.
type executionContexts struct {
	unimplementedExecutionContexts
	collection[*executioncontextv1.ExecutionContext, *executioncontextv1.ExecutionContextId]
}

type unimplementedExecutionContexts struct {
	executioncontextv1.UnimplementedExecutionContextCommandControllerServer
	executioncontextv1.UnimplementedExecutionContextQueryControllerServer
}

func newExecutionContexts(b base) *executionContexts {
	answering := &executionContexts{}
	answering.collection = collection[*executioncontextv1.ExecutionContext, *executioncontextv1.ExecutionContextId]{
		base: b, table: resource.ExecutionContexts,
	}
	return answering
}

// Delete removes a context.
func (e *executionContexts) Delete(
	ctx context.Context, input *apiresource.ApiResourceDeleteInput,
) (*executioncontextv1.ExecutionContext, error) {
	return e.remove(ctx, input.GetResourceId())
}
