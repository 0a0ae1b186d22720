package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// SwitchTaskConfig goes on at the first case that holds.
type SwitchTaskConfig struct {
	// Cases in the order in which they are tried; at least one.
	Cases []*types.SwitchCase `json:"cases,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *SwitchTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *SwitchTaskConfig) ToProto() (*structpb.Struct, error) {
	var cases []any
	for _, branch := range c.Cases {
		if branch == nil {
			branch = &types.SwitchCase{}
		}
		cases = append(cases, fields{}.text("name", branch.Name).text("when", branch.When).text("then", branch.Then).plain())
	}
	return fields{}.list("cases", cases).toStruct()
}

// FromProto reads the platform's form.
func (c *SwitchTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
