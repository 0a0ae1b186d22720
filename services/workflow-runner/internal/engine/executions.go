package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	tasksv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

const (
	// defaultAgentTimeout limits an agent call that says nothing else, as the schema says.
	defaultAgentTimeout = 300 * time.Second
	// cancelLimit limits one attempt to cancel what a call started, and cancelPatience all of them: longer than a
	// restart of the server takes.
	cancelLimit    = 10 * time.Second
	cancelPatience = time.Minute
)

// tag marks the execution that a task starts: the same in every attempt, another for every task of every run.
func tag(ctx workflow.Context, st *step) string {
	where := workflow.GetInfo(ctx).WorkflowExecution
	sum := sha256.Sum256([]byte(where.ID + "\n" + where.RunID + "\n" + st.entry.shown.GetTaskId()))
	return "call-" + hex.EncodeToString(sum[:10])
}

// agentCall runs an agent and waits for it.
func (r *run) agentCall(ctx workflow.Context, st *step, config *tasksv1.AgentCallTaskConfig) (outcome, error) {
	evaluated, err := r.object(ctx, st, map[string]any{
		"agent": config.GetAgent(), "message": config.GetMessage(), "env": texts(config.GetEnv()),
	})
	if err == nil {
		err = r.public("the message to an agent", evaluated["message"])
	}
	if err != nil {
		return outcome{}, err
	}
	call := message.AgentCall{Scope: int32(config.GetScope()), Model: config.GetConfig().GetModel(), Tag: tag(ctx, st)}
	if call.Agent, err = value.Text(evaluated["agent"]); err != nil {
		return outcome{}, err
	}
	if call.Message, err = value.Text(evaluated["message"]); err != nil {
		return outcome{}, err
	}
	if call.Env, err = textMap(evaluated["env"]); err != nil {
		return outcome{}, err
	}
	st.entry.input(r.texts, evaluated)
	limit := defaultAgentTimeout
	if seconds := config.GetConfig().GetTimeout(); seconds > 0 {
		limit = time.Duration(seconds) * time.Second
	}
	ended := &agentexecutionv1.AgentExecution{}
	err = r.execute(ctx, st, contract.CallAgentActivity, limit, call, ended)
	if err != nil {
		r.cancelCall(ctx, err, message.CancelCall{Kind: message.CallOfAgent, Tag: call.Tag})
		return outcome{}, activityFailed(err, message.AgentError, limit.String())
	}
	st.entry.note("execution_id", ended.GetMetadata().GetId())
	return st.keep(agentResult(ended)), nil
}

// runWorkflow runs another workflow and waits for it.
func (r *run) runWorkflow(ctx workflow.Context, st *step, config *tasksv1.RunTaskConfig) (outcome, error) {
	given := map[string]any{"workflow": config.GetWorkflow()}
	if config.GetInput() != nil {
		given["input"] = config.GetInput().AsMap()
	}
	evaluated, err := r.object(ctx, st, given)
	if err == nil {
		err = r.public("the input of a workflow", evaluated["input"])
	}
	if err != nil {
		return outcome{}, err
	}
	call := message.WorkflowCall{Tag: tag(ctx, st)}
	if call.Workflow, err = value.Text(evaluated["workflow"]); err != nil {
		return outcome{}, err
	}
	if input, ok := evaluated["input"]; ok {
		call.Input = &value.Value{V: input}
	}
	st.entry.input(r.texts, evaluated)
	limit := r.input.Policy.RunLimit
	ended := &workflowexecutionv1.WorkflowExecution{}
	err = r.execute(ctx, st, message.CallWorkflowActivity, limit, call, ended)
	if err != nil {
		r.cancelCall(ctx, err, message.CancelCall{Kind: message.CallOfWorkflow, Tag: call.Tag})
		return outcome{}, activityFailed(err, message.WorkflowError, limit.String())
	}
	st.entry.note("execution_id", ended.GetMetadata().GetId())
	return st.keep(value.FromStruct(ended.GetStatus().GetOutput())), nil
}

// execute runs an activity that starts an execution and is completed by the server when that has ended.
func (r *run) execute(ctx workflow.Context, st *step, activity string, limit time.Duration, call, ended any) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID: st.entry.activityID(),
		// Attempts share the limit: what one of them has started goes on, whatever becomes of the attempt.
		ScheduleToCloseTimeout: limit,
		StartToCloseTimeout:    limit,
		RetryPolicy:            r.retry(),
	})
	return workflow.ExecuteActivity(ctx, activity, r.caller(), call).Get(ctx, ended)
}

// cancelCall ends what a call has started and nobody waits for any more: when the call was cancelled, or took too long.
func (r *run) cancelCall(ctx workflow.Context, err error, call message.CancelCall) {
	var timeout *temporal.TimeoutError
	switch {
	case r.limit.ended(ctx):
		call.Reason = "the calling workflow took too long"
	case ctx.Err() != nil:
		call.Reason = "the calling workflow was cancelled"
	case errors.As(err, &timeout):
		call.Reason = "the calling task waited no longer"
	default:
		return
	}
	patient, _ := workflow.NewDisconnectedContext(ctx)
	patient = workflow.WithActivityOptions(patient, workflow.ActivityOptions{
		StartToCloseTimeout:    cancelLimit,
		ScheduleToCloseTimeout: cancelPatience,
		RetryPolicy:            r.retry(),
	})
	if err := workflow.ExecuteActivity(patient, message.CancelCallActivity, call).Get(patient, nil); err != nil {
		workflow.GetLogger(ctx).Error("what a call started was not cancelled", "tag", call.Tag, "error", err)
	}
}

// neverStarted tells whether no worker took an activity.
func neverStarted(err error) bool {
	var timeout *temporal.TimeoutError
	return errors.As(err, &timeout) && timeout.TimeoutType() == enumspb.TIMEOUT_TYPE_SCHEDULE_TO_START
}

// agentResult is what later tasks see of an agent's run: its last message, and, when that is a JSON object, the fields
// of it. `content` and `response` are other names for the message, which definitions use.
func agentResult(ended *agentexecutionv1.AgentExecution) map[string]any {
	text := ""
	for _, one := range ended.GetStatus().GetMessages() {
		if one.GetType() == agentexecutionv1.MessageType_MESSAGE_AI && one.GetContent() != "" {
			text = one.GetContent()
		}
	}
	result := map[string]any{"content": text, "response": text}
	for key, field := range fields(text) {
		result[key] = field
	}
	result["message"] = text
	result["execution_id"] = ended.GetMetadata().GetId()
	return result
}

// fields are those of a JSON object that a text is, alone or in a fence of Markdown, as models write it.
func fields(text string) map[string]any {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(text, "```"); ok {
		inner = strings.TrimPrefix(inner, "json")
		text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(inner), "```"))
	}
	decoded, err := value.Decode([]byte(text))
	if err != nil {
		return nil
	}
	object, _ := decoded.(map[string]any)
	return object
}
