package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// RaiseTaskConfig fails the workflow, or enters the nearest catch.
type RaiseTaskConfig struct {
	// Error is the type of the error.
	Error interface{} `json:"error,omitempty"`
	// Message says what went wrong; it may be an expression.
	Message interface{} `json:"message,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *RaiseTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *RaiseTaskConfig) ToProto() (*structpb.Struct, error) {
	return fields{}.text("error", c.Error).text("message", c.Message).toStruct()
}

// FromProto reads the platform's form.
func (c *RaiseTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
