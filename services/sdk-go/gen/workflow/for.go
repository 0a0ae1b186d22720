package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// ForTaskConfig runs tasks once per element of a list.
type ForTaskConfig struct {
	// Each is the name under which the tasks see the element; empty means "item".
	Each string `json:"each,omitempty"`
	// In is the list: a task, a field of a task, or an expression.
	In interface{} `json:"in,omitempty"`
	// Do are the tasks of one round; make them with workflow.LoopBody.
	Do []*types.WorkflowTask `json:"do,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *ForTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *ForTaskConfig) ToProto() (*structpb.Struct, error) {
	return fields{}.text("each", c.Each).text("in", c.In).list("do", tasks(c.Do)).toStruct()
}

// FromProto reads the platform's form.
func (c *ForTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
