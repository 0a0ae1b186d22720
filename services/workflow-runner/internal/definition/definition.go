// Package definition turns the tasks of a WorkflowSpec into typed ones and finds everything that is wrong with them.
package definition

import (
	"strings"

	"google.golang.org/protobuf/proto"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	tasksv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
)

// Definition is a workflow that can be run.
type Definition struct {
	Document *workflowv1.WorkflowDocument
	Tasks    []*Task
}

// Task is one step, with its settings typed and the tasks inside of it.
type Task struct {
	Name string
	Kind apiresource.WorkflowTaskKind
	// Path is where the task stands in the definition: `tasks[1]`, `tasks[2].for.do[0]`.
	Path string
	// Config is the message of `tasks.proto` that belongs to the kind.
	Config proto.Message
	// Raw is task_config as it was given.
	Raw map[string]any
	// Export is the expression of `export.as`, empty when there is none.
	Export string
	// Then is where the task's flow leads, empty when nowhere special.
	Then string
	// Blocks are the lists of tasks inside: the body of a FOR, the branches of a FORK, the two parts of a TRY.
	Blocks []*Block
}

// Block is a list of tasks inside of a task.
type Block struct {
	// Name of a branch; `do`, `try` or `catch` for the others.
	Name string
	// Path of the list: `tasks[2].for.do`.
	Path string
	// Locals are the variables that the tasks see beside those of their surroundings.
	Locals []string
	Tasks  []*Task
}

// Targets of a flow that are no names of tasks.
const (
	FlowContinue = "continue"
	FlowExit     = "exit"
	FlowEnd      = "end"
)

// IsDirective tells whether a target has a fixed meaning.
func IsDirective(target string) bool {
	return target == FlowContinue || target == FlowExit || target == FlowEnd
}

const kindPrefix = "WORKFLOW_TASK_KIND_"

// KindName is the short name of a kind: `HTTP_CALL`.
func KindName(kind apiresource.WorkflowTaskKind) string {
	return strings.TrimPrefix(kind.String(), kindPrefix)
}

// section is the name of a kind in paths: `http_call`.
func section(kind apiresource.WorkflowTaskKind) string { return strings.ToLower(KindName(kind)) }

// newConfig makes an empty message for the settings of a kind, nil for an unknown kind.
func newConfig(kind apiresource.WorkflowTaskKind) proto.Message {
	switch kind {
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_SET:
		return &tasksv1.SetTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_HTTP_CALL:
		return &tasksv1.HttpCallTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_GRPC_CALL:
		return &tasksv1.GrpcCallTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_CALL_ACTIVITY:
		return &tasksv1.CallActivityTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_SWITCH:
		return &tasksv1.SwitchTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_FOR:
		return &tasksv1.ForTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_FORK:
		return &tasksv1.ForkTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_TRY:
		return &tasksv1.TryTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_LISTEN:
		return &tasksv1.ListenTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_WAIT:
		return &tasksv1.WaitTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_RAISE:
		return &tasksv1.RaiseTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_RUN:
		return &tasksv1.RunTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_AGENT_CALL:
		return &tasksv1.AgentCallTaskConfig{}
	default:
		return nil
	}
}

// Modes of a LISTEN, and what it can listen to.
const (
	ListenOne    = "one"
	ListenAll    = "all"
	ListenSignal = "signal"
	ListenQuery  = "query"
	ListenUpdate = "update"
)
