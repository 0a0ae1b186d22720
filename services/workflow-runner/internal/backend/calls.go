package backend

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	workflowrunnerv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowrunner/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource/apiresourcekind"
)

// Agent finds an agent by its slug.
func (c *Client) Agent(
	ctx context.Context, organization, slug string, scope apiresource.ApiResourceOwnerScope,
) (*agentv1.Agent, error) {
	reference := &apiresource.ApiResourceReference{
		Scope: scope, Org: organization, Kind: apiresourcekind.ApiResourceKind_agent, Slug: slug,
	}
	agent, err := persist(ctx, c.logger, func(ctx context.Context) (*agentv1.Agent, error) {
		return agentv1.NewAgentQueryControllerClient(c.connection).GetByReference(ctx, reference)
	})
	return agent, wrap(err, "find agent %q in organization %q", slug, organization)
}

// Workflow finds a workflow by its slug.
func (c *Client) Workflow(ctx context.Context, organization, slug string) (*workflowv1.Workflow, error) {
	reference := &apiresource.ApiResourceReference{
		Scope: apiresource.ApiResourceOwnerScope_organization, Org: organization,
		Kind: apiresourcekind.ApiResourceKind_workflow, Slug: slug,
	}
	workflow, err := persist(ctx, c.logger, func(ctx context.Context) (*workflowv1.Workflow, error) {
		return c.workflows.GetByReference(ctx, reference)
	})
	return workflow, wrap(err, "find workflow %q in organization %q", slug, organization)
}

// StartAgentExecution makes an execution exactly once; its first tag must be its own.
func (c *Client) StartAgentExecution(
	ctx context.Context, wanted *agentexecutionv1.AgentExecution,
) (*agentexecutionv1.AgentExecution, error) {
	commands := agentexecutionv1.NewAgentExecutionCommandControllerClient(c.connection)
	made, err := startOnce(ctx,
		func(ctx context.Context) (*agentexecutionv1.AgentExecution, error) {
			return commands.Create(ctx, wanted)
		},
		func(ctx context.Context) (*agentexecutionv1.AgentExecution, error) {
			return c.TaggedAgentExecution(ctx, wanted.GetMetadata().GetTags()[0])
		})
	return made, wrap(err, "start agent execution %q", wanted.GetMetadata().GetName())
}

// StartWorkflowExecution is StartAgentExecution for workflows.
func (c *Client) StartWorkflowExecution(
	ctx context.Context, wanted *workflowexecutionv1.WorkflowExecution,
) (*workflowexecutionv1.WorkflowExecution, error) {
	made, err := startOnce(ctx,
		func(ctx context.Context) (*workflowexecutionv1.WorkflowExecution, error) {
			return c.executions.Create(ctx, wanted)
		},
		func(ctx context.Context) (*workflowexecutionv1.WorkflowExecution, error) {
			return c.TaggedWorkflowExecution(ctx, wanted.GetMetadata().GetTags()[0])
		})
	return made, wrap(err, "start workflow execution %q", wanted.GetMetadata().GetName())
}

// startOnce creates something exactly once: whenever it is not certain whether an attempt worked, it looks before the
// next one.
func startOnce[E proto.Message](ctx context.Context, create, find func(context.Context) (E, error)) (E, error) {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		made, err := once(ctx, create)
		if err == nil || !temporary(err) && status.Code(err) != codes.AlreadyExists {
			return made, err
		}
		select {
		case <-ctx.Done():
			return made, fmt.Errorf("%w: %w", context.Cause(ctx), err)
		case <-time.After(pause):
		}
		if found, err := find(ctx); err == nil || !errors.Is(err, ErrNoneTagged) {
			return found, err
		}
	}
}

// ErrNoneTagged means that no execution has the tag that was looked for.
var ErrNoneTagged = errors.New("no execution has the tag")

// TaggedAgentExecution finds the execution with a tag.
func (c *Client) TaggedAgentExecution(ctx context.Context, tag string) (*agentexecutionv1.AgentExecution, error) {
	queries := agentexecutionv1.NewAgentExecutionQueryControllerClient(c.connection)
	list, err := persist(ctx, c.logger, func(ctx context.Context) (*agentexecutionv1.AgentExecutionList, error) {
		return queries.List(ctx, &agentexecutionv1.ListAgentExecutionsRequest{Tags: []string{tag}})
	})
	if err != nil {
		return nil, wrap(err, "look for agent execution %s", tag)
	}
	return first(list.GetEntries())
}

// TaggedWorkflowExecution finds the execution with a tag.
func (c *Client) TaggedWorkflowExecution(
	ctx context.Context, tag string,
) (*workflowexecutionv1.WorkflowExecution, error) {
	list, err := persist(ctx, c.logger, func(ctx context.Context) (*workflowexecutionv1.WorkflowExecutionList, error) {
		return c.runs.List(ctx, &workflowexecutionv1.ListWorkflowExecutionsRequest{Tags: []string{tag}})
	})
	if err != nil {
		return nil, wrap(err, "look for workflow execution %s", tag)
	}
	return first(list.GetEntries())
}

func first[E any](entries []E) (E, error) {
	if len(entries) == 0 {
		return *new(E), ErrNoneTagged
	}
	return entries[0], nil
}

// Cancel ends an execution. One that has ended or is gone needs nothing.
func (c *Client) Cancel(ctx context.Context, id, reason string) error {
	controls := workflowrunnerv1.NewWorkflowRunnerServiceControllerClient(c.connection)
	_, err := persist(ctx, c.logger, func(ctx context.Context) (proto.Message, error) {
		return controls.CancelExecution(ctx, &workflowrunnerv1.CancelExecutionRequest{ExecutionId: id, Reason: reason})
	})
	switch status.Code(err) {
	case codes.FailedPrecondition, codes.NotFound:
		return nil
	default:
		return wrap(err, "cancel execution %s", id)
	}
}
