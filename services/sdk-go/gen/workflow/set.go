package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// SetTaskConfig puts values into the workflow's state.
type SetTaskConfig struct {
	// Variables by name; each may be an expression. At least one.
	Variables map[string]string `json:"variables,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *SetTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *SetTaskConfig) ToProto() (*structpb.Struct, error) {
	return fields{}.texts("variables", c.Variables).toStruct()
}

// FromProto reads the platform's form.
func (c *SetTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
