package workflow

import (
	"fmt"
	"strings"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/validation"
)

// newSettings makes the empty message that belongs to a kind; nil for no kind.
func newSettings(kind apiresource.WorkflowTaskKind) proto.Message {
	switch kind {
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_SET:
		return &tasks.SetTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_HTTP_CALL:
		return &tasks.HttpCallTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_GRPC_CALL:
		return &tasks.GrpcCallTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_CALL_ACTIVITY:
		return &tasks.CallActivityTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_SWITCH:
		return &tasks.SwitchTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_FOR:
		return &tasks.ForTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_FORK:
		return &tasks.ForkTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_TRY:
		return &tasks.TryTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_LISTEN:
		return &tasks.ListenTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_WAIT:
		return &tasks.WaitTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_RAISE:
		return &tasks.RaiseTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_RUN:
		return &tasks.RunTaskConfig{}
	case apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_AGENT_CALL:
		return &tasks.AgentCallTaskConfig{}
	default:
		return nil
	}
}

// readSettings reads the JSON form of a task's settings as the message of its kind.
func readSettings(kind apiresource.WorkflowTaskKind, config *structpb.Struct) (proto.Message, error) {
	message := newSettings(kind)
	if message == nil {
		return nil, fmt.Errorf("%v has no settings", kind)
	}
	encoded, err := protojson.Marshal(config)
	if err != nil {
		return nil, err
	}
	if err := protojson.Unmarshal(encoded, message); err != nil {
		return nil, err
	}
	return message, nil
}

// writeSettings gives the JSON form of settings, with the names of the platform's messages.
func writeSettings(message proto.Message) (*structpb.Struct, error) {
	encoded, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	if err != nil {
		return nil, err
	}
	config := &structpb.Struct{}
	return config, protojson.Unmarshal(encoded, config)
}

// checkTasks reports what is wrong with the tasks of one list and those inside them, and rewrites their settings in the
// platform's spelling.
func checkTasks(report *validation.Report, list string, siblings []*workflowv1.WorkflowTask) {
	seen := map[string]bool{}
	for index, task := range siblings {
		path := taskPath(list, index, task.GetName())
		if task.GetKind() == apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_UNSPECIFIED && list == "tasks" {
			// Said already: the task is nil, or its kind is unknown.
			continue
		}
		checkTaskName(report, path, task.GetName(), seen)
		checkTask(report, path, task)
	}
}

func checkTask(report *validation.Report, path string, task *workflowv1.WorkflowTask) {
	if task.GetKind() == apiresource.WorkflowTaskKind_WORKFLOW_TASK_KIND_UNSPECIFIED {
		report.Add(path+".kind", "", "required", "is required: make the task with workflow.Set, workflow.HttpGet and so on",
			ErrInvalidTaskKind)
		return
	}
	if reason, ok := task.GetTaskConfig().GetFields()[unwritable]; ok {
		report.Add(path, "", "conversion", reason.GetStringValue(), ErrConversion)
		return
	}
	message, err := readSettings(task.GetKind(), task.GetTaskConfig())
	if err != nil {
		report.Add(path, "", "type", "settings do not fit the kind "+kindName(task.GetKind())+": "+plainReason(err),
			ErrInvalidTaskConfig)
		return
	}
	checkSettings(report, path, message)
	// Nested tasks were rewritten inside the message, so it is written only now.
	if task.TaskConfig, err = writeSettings(message); err != nil {
		report.Add(path, "", "conversion", plainReason(err), ErrConversion)
	}
}

func kindName(kind apiresource.WorkflowTaskKind) string {
	return strings.TrimPrefix(kind.String(), "WORKFLOW_TASK_KIND_")
}

// plainReason strips what protojson puts before its reasons; the line numbers in them mean nothing to a user.
func plainReason(err error) string {
	_, reason, found := strings.Cut(err.Error(), "): ")
	if !found {
		return err.Error()
	}
	return reason
}
