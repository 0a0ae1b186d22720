package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// ListenTaskConfig waits for signals.
type ListenTaskConfig struct {
	// To says for which, and for how many of them.
	To *types.ListenTo `json:"to,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *ListenTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *ListenTaskConfig) ToProto() (*structpb.Struct, error) {
	if c.To == nil {
		return fields{}.toStruct()
	}
	var signals []any
	for _, signal := range c.To.Signals {
		if signal == nil {
			signal = &types.SignalSpec{}
		}
		signals = append(signals, fields{}.text("id", signal.Id).text("type", signal.Type).plain())
	}
	f := fields{}
	f["to"] = fields{}.text("mode", c.To.Mode).list("signals", signals).plain()
	return f.toStruct()
}

// FromProto reads the platform's form.
func (c *ListenTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
