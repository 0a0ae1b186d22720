package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// WaitTaskConfig pauses; the pause survives restarts.
type WaitTaskConfig struct {
	// Seconds is at least 1.
	Seconds int32 `json:"seconds,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *WaitTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *WaitTaskConfig) ToProto() (*structpb.Struct, error) {
	return fields{}.number("seconds", c.Seconds).toStruct()
}

// FromProto reads the platform's form.
func (c *WaitTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
