package structure_test

import (
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/gen/workflow"
	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

func structOf(t *testing.T, fields map[string]any) *structpb.Struct {
	t.Helper()
	result, err := structpb.NewStruct(fields)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestBothSpellingsAreRead(t *testing.T) {
	for _, name := range []string{"timeoutSeconds", "timeout_seconds"} {
		var config workflow.HttpCallTaskConfig
		err := config.FromProto(structOf(t, map[string]any{name: 5, "method": "GET", "endpoint": map[string]any{"uri": "u"}}))
		if err != nil || config.TimeoutSeconds != 5 || config.Method != "GET" || config.Endpoint.Uri != "u" {
			t.Errorf("%s: got %+v and %v", name, config, err)
		}
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	before := workflow.AgentCallTaskConfig{
		Agent: "a", Message: "m", Env: map[string]string{"K": "v"},
		Config: &types.AgentExecutionConfig{Model: "x", Timeout: 3, Temperature: 0.5},
	}
	written, err := before.ToProto()
	if err != nil {
		t.Fatal(err)
	}
	var after workflow.AgentCallTaskConfig
	if err := after.FromProto(written); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, after) {
		t.Errorf("got %+v, want %+v", after, before)
	}
}

func TestListsMapsAndNestedTasksAreRead(t *testing.T) {
	var sub types.InlineSubAgentSpec
	err := sub.FromProto(structOf(t, map[string]any{
		"name": "s", "mcp_servers": []any{"a", "b"}, "unknown": 1,
		"mcpToolSelections": map[string]any{"a": map[string]any{"enabledTools": []any{"read"}}},
		"skillRefs":         []any{map[string]any{"slug": "docs"}},
	}))
	if err != nil || len(sub.McpServers) != 2 || sub.McpToolSelections["a"].EnabledTools[0] != "read" ||
		sub.SkillRefs[0].Slug != "docs" {
		t.Errorf("got %+v and %v", sub, err)
	}
	var volume types.VolumeMount
	if err := volume.FromProto(structOf(t, map[string]any{"read_only": true})); err != nil || !volume.ReadOnly {
		t.Errorf("got %+v and %v", volume, err)
	}
	var task types.WorkflowTask
	err = task.FromProto(structOf(t, map[string]any{
		"name": "t", "task_config": map[string]any{"seconds": 1}, "export": map[string]any{"as": "${.}"},
	}))
	if err != nil || task.TaskConfig["seconds"] != 1.0 || task.Export.As != "${.}" || task.Flow != nil {
		t.Errorf("got %+v and %v", task, err)
	}
}

func TestATypeThatCannotBeReadIsNamed(t *testing.T) {
	var target struct {
		Field []map[string]chan int `json:"field"`
	}
	err := structure.Decode(structOf(t, map[string]any{"field": []any{map[string]any{"x": 1}}}), &target)
	if err == nil || !strings.Contains(err.Error(), `field: [0]: "x": a field of type chan int cannot be read`) {
		t.Errorf("got %v", err)
	}
}
