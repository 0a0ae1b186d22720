package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// CallActivityTaskConfig runs an activity of the workflow's task queue.
type CallActivityTaskConfig struct {
	// Activity is the registered name.
	Activity string `json:"activity,omitempty"`
	// Input is the argument; values may be references and expressions.
	Input map[string]interface{} `json:"input,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *CallActivityTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *CallActivityTaskConfig) ToProto() (*structpb.Struct, error) {
	return fields{}.text("activity", c.Activity).object("input", c.Input).toStruct()
}

// FromProto reads the platform's form.
func (c *CallActivityTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
