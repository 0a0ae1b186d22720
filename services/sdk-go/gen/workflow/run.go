package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// RunTaskConfig runs another workflow and waits for it.
type RunTaskConfig struct {
	// Workflow is the slug of the workflow.
	Workflow string `json:"workflow,omitempty"`
	// Input of the workflow; values may be references and expressions.
	Input map[string]interface{} `json:"input,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *RunTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *RunTaskConfig) ToProto() (*structpb.Struct, error) {
	return fields{}.text("workflow", c.Workflow).object("input", c.Input).toStruct()
}

// FromProto reads the platform's form.
func (c *RunTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
