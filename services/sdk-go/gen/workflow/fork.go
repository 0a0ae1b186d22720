package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// ForkTaskConfig runs branches side by side.
type ForkTaskConfig struct {
	// Branches are at least two; make them with workflow.ForkBranch.
	Branches []*types.ForkBranch `json:"branches,omitempty"`
	// Compete lets the first branch that ends decide; the others are cancelled.
	Compete bool `json:"compete,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *ForkTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *ForkTaskConfig) ToProto() (*structpb.Struct, error) {
	var branches []any
	for _, branch := range c.Branches {
		if branch == nil {
			branch = &types.ForkBranch{}
		}
		branches = append(branches, fields{}.text("name", branch.Name).list("do", tasks(branch.Do)).plain())
	}
	f := fields{}.list("branches", branches)
	if c.Compete {
		f["compete"] = true
	}
	return f.toStruct()
}

// FromProto reads the platform's form.
func (c *ForkTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
