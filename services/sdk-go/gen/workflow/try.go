package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// TryTaskConfig runs tasks, and others when one of them fails.
type TryTaskConfig struct {
	// Try are the tasks that may fail; make them with workflow.TryBody.
	Try []*types.WorkflowTask `json:"try,omitempty"`
	// Catch says what happens then; make it with workflow.CatchBody.
	Catch *types.CatchBlock `json:"catch,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *TryTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *TryTaskConfig) ToProto() (*structpb.Struct, error) {
	f := fields{}.list("try", tasks(c.Try))
	if c.Catch != nil {
		f["catch"] = fields{}.text("as", c.Catch.As).list("do", tasks(c.Catch.Do)).plain()
	}
	return f.toStruct()
}

// FromProto reads the platform's form.
func (c *TryTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
