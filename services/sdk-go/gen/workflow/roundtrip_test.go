package workflow_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/gen/workflow"
)

// settings is what the argument structs of all kinds have in common.
type settings interface {
	IsTaskConfig()
	ToProto() (*structpb.Struct, error)
	FromProto(*structpb.Struct) error
}

func TestSettingsOfEveryKindAreReadAsTheyAreWritten(t *testing.T) {
	input := map[string]any{"number": 1.5, "list": []any{"a", true, nil}, "object": map[string]any{"b": "c"}}
	nested := []*types.WorkflowTask{{
		Name: "inside", Kind: "WORKFLOW_TASK_KIND_SET", TaskConfig: map[string]any{"variables": map[string]any{"a": "b"}},
		Export: &types.Export{As: "${.}"}, Flow: &types.FlowControl{Then: "end"},
	}}
	for _, pair := range [][2]settings{
		{&workflow.SetTaskConfig{Variables: map[string]string{"a": "b"}}, &workflow.SetTaskConfig{}},
		{&workflow.HttpCallTaskConfig{
			Method: "POST", Endpoint: &types.HttpEndpoint{Uri: "http://a"}, Headers: map[string]string{"H": "v"},
			Body: input, TimeoutSeconds: 7,
		}, &workflow.HttpCallTaskConfig{}},
		{&workflow.GrpcCallTaskConfig{Service: "s", Method: "m", Request: input}, &workflow.GrpcCallTaskConfig{}},
		{&workflow.CallActivityTaskConfig{Activity: "a", Input: input}, &workflow.CallActivityTaskConfig{}},
		{&workflow.SwitchTaskConfig{Cases: []*types.SwitchCase{{Name: "n", When: "w", Then: "t"}}}, &workflow.SwitchTaskConfig{}},
		{&workflow.ForTaskConfig{Each: "e", In: "${ .list }", Do: nested}, &workflow.ForTaskConfig{}},
		{&workflow.ForkTaskConfig{
			Branches: []*types.ForkBranch{{Name: "l", Do: nested}, {Name: "r", Do: nested}}, Compete: true,
		}, &workflow.ForkTaskConfig{}},
		{&workflow.TryTaskConfig{Try: nested, Catch: &types.CatchBlock{As: "e", Do: nested}}, &workflow.TryTaskConfig{}},
		{&workflow.ListenTaskConfig{
			To: &types.ListenTo{Mode: "all", Signals: []*types.SignalSpec{{Id: "i", Type: "signal"}}},
		}, &workflow.ListenTaskConfig{}},
		{&workflow.WaitTaskConfig{Seconds: 3}, &workflow.WaitTaskConfig{}},
		{&workflow.RaiseTaskConfig{Error: "e", Message: "m"}, &workflow.RaiseTaskConfig{}},
		{&workflow.RunTaskConfig{Workflow: "w", Input: input}, &workflow.RunTaskConfig{}},
		{&workflow.AgentCallTaskConfig{
			Agent: "a", Scope: "platform", Message: "m", Env: map[string]string{"K": "v"},
			Config: &types.AgentExecutionConfig{Model: "x", Timeout: 9, Temperature: 0.1},
		}, &workflow.AgentCallTaskConfig{}},
	} {
		written, err := pair[0].ToProto()
		if err != nil {
			t.Fatal(err)
		}
		if err := pair[1].FromProto(written); err != nil {
			t.Errorf("%T: %v", pair[0], err)
		}
		again, err := pair[1].ToProto()
		if err != nil || !proto.Equal(written, again) {
			t.Errorf("%T: wrote %v, then %v (%v)", pair[0], written, again, err)
		}
	}
}
