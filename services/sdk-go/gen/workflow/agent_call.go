package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// AgentCallTaskConfig runs an agent and waits for it; the result is its answer.
type AgentCallTaskConfig struct {
	// Agent is the slug of the agent: workflow.Agent(a).Slug() for one of this program.
	Agent string `json:"agent,omitempty"`
	// Scope is "platform" or "organization"; empty means the organization.
	Scope string `json:"scope,omitempty"`
	// Message says what the agent is asked; it may hold references.
	Message interface{} `json:"message,omitempty"`
	// Env of the run; values may be expressions.
	Env map[string]string `json:"env,omitempty"`
	// Config sets how the agent runs.
	Config *types.AgentExecutionConfig `json:"config,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *AgentCallTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *AgentCallTaskConfig) ToProto() (*structpb.Struct, error) {
	f := fields{}.text("agent", c.Agent).text("scope", c.Scope).text("message", c.Message).texts("env", c.Env)
	if c.Config != nil {
		config := fields{}.text("model", c.Config.Model).number("timeout", c.Config.Timeout)
		if c.Config.Temperature != 0 {
			config["temperature"] = shortest(c.Config.Temperature)
		}
		f["config"] = config.plain()
	}
	return f.toStruct()
}

// FromProto reads the platform's form.
func (c *AgentCallTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
