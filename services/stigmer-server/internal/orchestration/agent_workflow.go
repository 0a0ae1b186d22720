package orchestration

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
)

// agentWorkflow runs one execution of an agent.
type agentWorkflow struct {
	timeouts settings.Timeouts
	// runnerQueue is used where the workflow does not name one in its memo.
	runnerQueue string
}

// Run has the agent-runner do the work and sees to it that the execution ends in a terminal phase.
func (w agentWorkflow) Run(ctx workflow.Context, execution *agentexecutionv1.AgentExecution) error {
	id := execution.GetMetadata().GetId()
	begun, err := begin(ctx, id)
	if begun {
		var result *agentexecutionv1.AgentExecutionStatus
		if result, err = w.work(ctx, execution); err == nil {
			err = recordResult(ctx, id, result)
		}
	}
	err = end(ctx, id, err, w.explain)
	return notifyCaller(ctx, w.timeouts, id, execution.GetSpec().GetCallbackToken(), err)
}

// work runs the two activities of the agent-runner.
func (w agentWorkflow) work(
	ctx workflow.Context, execution *agentexecutionv1.AgentExecution,
) (*agentexecutionv1.AgentExecutionStatus, error) {
	queue := runnerQueue(ctx, w.runnerQueue)
	var thread string
	preparing := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              queue,
		StartToCloseTimeout:    w.timeouts.EnsureThread,
		ScheduleToStartTimeout: w.timeouts.AgentScheduleToStart,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 5 * time.Second, BackoffCoefficient: 2, MaximumAttempts: 3,
		},
	})
	spec := execution.GetSpec()
	err := workflow.ExecuteActivity(preparing, contract.EnsureThreadActivity, spec.GetSessionId(), spec.GetAgentId()).
		Get(ctx, &thread)
	if err != nil {
		return nil, err
	}
	running := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              queue,
		StartToCloseTimeout:    w.timeouts.AgentRun,
		ScheduleToCloseTimeout: remaining(ctx, w.timeouts.AgentRun),
		ScheduleToStartTimeout: w.timeouts.AgentScheduleToStart,
		HeartbeatTimeout:       w.timeouts.AgentHeartbeat,
		RetryPolicy:            &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	var result *agentexecutionv1.AgentExecutionStatus
	err = workflow.ExecuteActivity(running, contract.ExecuteAgentActivity, execution, thread).Get(ctx, &result)
	return result, err
}

func (w agentWorkflow) explain(ctx workflow.Context, err error) string {
	return explanation{
		program: "agent-runner", queue: runnerQueue(ctx, w.runnerQueue), run: w.timeouts.AgentRun,
		runVariable: "STIGMER_TIMEOUT_AGENT_RUN", scheduleToStart: w.timeouts.AgentScheduleToStart,
		heartbeat: w.timeouts.AgentHeartbeat,
	}.of(err)
}
