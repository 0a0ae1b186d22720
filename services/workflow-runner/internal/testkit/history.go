package testkit

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
)

var record = flag.Bool("record-histories", false, "write the histories of runs to internal/engine/testdata/histories")

// Record writes the history of an execution's interpreting workflow for the replay test, when the flag says so.
func (s *Stack) Record(name, executionID string) {
	s.T.Helper()
	if !*record {
		return
	}
	whole := s.History(contract.ServerlessWorkflowIDPrefix + executionID)
	for _, event := range whole.GetEvents() {
		anonymous(event.ProtoReflect())
	}
	written, err := protojson.MarshalOptions{Multiline: true, Indent: " "}.Marshal(whole)
	if err != nil {
		s.T.Fatal(err)
	}
	_, here, _, _ := runtime.Caller(0)
	directory := filepath.Join(filepath.Dir(here), "..", "engine", "testdata", "histories")
	if err := os.MkdirAll(directory, 0o755); err != nil {
		s.T.Fatal(err)
	}
	// The marshaller puts spaces in at random, so that nobody relies on them.
	text := strings.ReplaceAll(string(written), ":  ", ": ") + "\n"
	if err := os.WriteFile(filepath.Join(directory, name+".json"), []byte(text), 0o644); err != nil {
		s.T.Fatal(err)
	}
}

// anonymous takes the names of machines and processes out of a message.
func anonymous(message protoreflect.Message) {
	if queue, ok := message.Interface().(*taskqueue.TaskQueue); ok && queue.GetKind() == enumspb.TASK_QUEUE_KIND_STICKY {
		queue.Name = "sticky"
	}
	message.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.Name() == "identity":
			message.Set(field, protoreflect.ValueOfString("test"))
		case field.Kind() == protoreflect.MessageKind && !field.IsList() && !field.IsMap():
			anonymous(v.Message())
		}
		return true
	})
}

// History is that of a workflow.
func (s *Stack) History(workflowID string) *history.History {
	s.T.Helper()
	events := s.Temporal.GetWorkflowHistory(s.T.Context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	whole := &history.History{}
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			s.T.Fatal(err)
		}
		whole.Events = append(whole.Events, event)
	}
	return whole
}

// Workflows are the ids of all workflows of the namespace whose id starts with a prefix.
func (s *Stack) Workflows(prefix string) []string {
	s.T.Helper()
	var ids []string
	request := &workflowservice.ListWorkflowExecutionsRequest{Namespace: s.Namespace}
	for {
		page, err := s.Temporal.WorkflowService().ListWorkflowExecutions(s.T.Context(), request)
		if err != nil {
			s.T.Fatal(err)
		}
		for _, one := range page.GetExecutions() {
			if id := one.GetExecution().GetWorkflowId(); strings.HasPrefix(id, prefix) {
				ids = append(ids, id)
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return ids
		}
	}
}

// Readable is a history as text, with its payloads as they were before they were encoded.
func Readable(whole *history.History) string {
	var text strings.Builder
	for _, event := range whole.GetEvents() {
		text.WriteString(protojson.Format(event))
		_ = protorange.Range(event.ProtoReflect(), func(at protopath.Values) error {
			if data, ok := at.Index(-1).Value.Interface().([]byte); ok {
				text.Write(data)
				text.WriteString("\n")
			}
			return nil
		})
	}
	return text.String()
}
