package engine

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	tasksv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

const (
	// defaultCallTimeout limits a call of a service that says nothing else, as the schema does for HTTP_CALL.
	defaultCallTimeout = 30 * time.Second
	// callGrace is what an activity gets beyond the limit of its call, to say that the limit has passed.
	callGrace = 5 * time.Second
	// heartbeatLimit is after which silence a runner is taken for lost: ten of its heartbeats.
	heartbeatLimit = 10 * time.Second
	// longestInterval bounds the pauses between attempts, as in the contract.
	longestInterval = time.Minute
)

// caller tells an activity for which run it works.
func (r *run) caller() message.Caller {
	return message.Caller{
		ExecutionID: r.input.ExecutionID, Organization: r.input.Organization, Nonce: r.input.Nonce, HasSecrets: r.hasSecrets,
	}
}

// retry is how often, and after which pauses, a failure that may pass is tried again.
func (r *run) retry() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval:    r.input.Policy.RetryInterval,
		BackoffCoefficient: 2,
		MaximumInterval:    max(longestInterval, r.input.Policy.RetryInterval),
		MaximumAttempts:    int32(r.input.Policy.RetryAttempts),
	}
}

// call runs an activity of the runner that calls a service, and keeps its result.
func (r *run) call(ctx workflow.Context, st *step, activity, kind string, limit time.Duration, input any) (outcome, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID:          st.entry.activityID(),
		StartToCloseTimeout: limit + callGrace,
		HeartbeatTimeout:    heartbeatLimit,
		RetryPolicy:         r.retry(),
	})
	var result message.Result
	err := workflow.ExecuteActivity(ctx, activity, r.caller(), input).Get(ctx, &result)
	if err != nil {
		return outcome{}, activityFailed(err, kind, limit.String())
	}
	for key, note := range result.Notes {
		st.entry.note(key, note)
	}
	return st.keep(result.Value.V), nil
}

func (r *run) httpCall(ctx workflow.Context, st *step, config *tasksv1.HttpCallTaskConfig) (outcome, error) {
	given := map[string]any{"uri": config.GetEndpoint().GetUri(), "headers": texts(config.GetHeaders())}
	if config.GetBody() != nil {
		given["body"] = config.GetBody().AsMap()
	}
	evaluated, err := r.object(ctx, st, given)
	if err != nil {
		return outcome{}, err
	}
	request := message.HTTPRequest{Method: config.GetMethod(), Timeout: defaultCallTimeout}
	if config.GetTimeoutSeconds() > 0 {
		request.Timeout = time.Duration(config.GetTimeoutSeconds()) * time.Second
	}
	if request.URI, err = value.Text(evaluated["uri"]); err != nil {
		return outcome{}, err
	}
	if request.Headers, err = textMap(evaluated["headers"]); err != nil {
		return outcome{}, err
	}
	if body, ok := evaluated["body"]; ok {
		request.Body = &value.Value{V: body}
	}
	evaluated["method"] = request.Method
	st.entry.input(r.texts, evaluated)
	return r.call(ctx, st, message.HTTPActivity, message.HTTPError, request.Timeout, request)
}

func (r *run) grpcCall(ctx workflow.Context, st *step, config *tasksv1.GrpcCallTaskConfig) (outcome, error) {
	given := map[string]any{"service": config.GetService(), "method": config.GetMethod()}
	if config.GetRequest() != nil {
		given["request"] = config.GetRequest().AsMap()
	}
	evaluated, err := r.object(ctx, st, given)
	if err != nil {
		return outcome{}, err
	}
	st.entry.input(r.texts, evaluated)
	request := message.GRPCRequest{Timeout: defaultCallTimeout, Request: value.Value{V: evaluated["request"]}}
	if request.Service, err = value.Text(evaluated["service"]); err != nil {
		return outcome{}, err
	}
	if request.Method, err = value.Text(evaluated["method"]); err != nil {
		return outcome{}, err
	}
	return r.call(ctx, st, message.GRPCActivity, message.GRPCError, request.Timeout, request)
}

// callActivity has a worker of the user's do something. That worker is not ours, so it gets no secrets.
func (r *run) callActivity(ctx workflow.Context, st *step, config *tasksv1.CallActivityTaskConfig) (outcome, error) {
	var arguments []any
	if config.GetInput() != nil {
		evaluated, err := r.object(ctx, st, config.GetInput().AsMap())
		if err == nil {
			err = r.public("the input of an activity", evaluated)
		}
		if err != nil {
			return outcome{}, err
		}
		arguments = append(arguments, value.Value{V: evaluated})
		st.entry.input(r.texts, evaluated)
	}
	policy := r.input.Policy
	st.entry.note("activity", config.GetActivity())
	st.entry.note("task_queue", policy.ActivityQueue)
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID:             st.entry.activityID(),
		TaskQueue:              policy.ActivityQueue,
		ScheduleToStartTimeout: policy.TaskWait,
		StartToCloseTimeout:    policy.TaskTimeout,
		RetryPolicy:            r.retry(),
	})
	var result value.Value
	err := workflow.ExecuteActivity(ctx, config.GetActivity(), arguments...).Get(ctx, &result)
	if err != nil {
		took := fmt.Sprintf("%s; start one that polls the task queue %q", policy.TaskWait, policy.ActivityQueue)
		if !neverStarted(err) {
			took = policy.TaskTimeout.String()
		}
		return outcome{}, activityFailed(err, message.ActivityError, took)
	}
	return st.keep(result.V), nil
}

// public refuses what holds a secret where people can read it.
func (r *run) public(where string, v any) error {
	if names := r.texts.Names(v); len(names) > 0 {
		return fmt.Errorf("the secret %s would be readable in %s; secrets can be used in HTTP_CALL, GRPC_CALL, SET and the "+
			"env of AGENT_CALL", names[0], where)
	}
	return nil
}

func textMap(v any) (map[string]string, error) {
	object, _ := v.(map[string]any)
	made := make(map[string]string, len(object))
	for name, element := range object {
		text, err := value.Text(element)
		if err != nil {
			return nil, err
		}
		made[name] = text
	}
	return made, nil
}
