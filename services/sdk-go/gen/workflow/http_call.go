package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// HttpCallTaskConfig makes an HTTP request; the result is the decoded body.
type HttpCallTaskConfig struct {
	// Method is GET, POST, PUT, DELETE or PATCH.
	Method string `json:"method,omitempty"`
	// Endpoint says where the request goes.
	Endpoint *types.HttpEndpoint `json:"endpoint,omitempty"`
	// Headers of the request; values may be expressions.
	Headers map[string]string `json:"headers,omitempty"`
	// Body is sent as JSON; values may be references and expressions.
	Body map[string]interface{} `json:"body,omitempty"`
	// TimeoutSeconds is 1 to 300; 0 means 30.
	TimeoutSeconds int32 `json:"timeoutSeconds,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *HttpCallTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *HttpCallTaskConfig) ToProto() (*structpb.Struct, error) {
	f := fields{}.text("method", c.Method)
	if c.Endpoint != nil {
		f["endpoint"] = fields{}.text("uri", c.Endpoint.Uri).plain()
	}
	return f.texts("headers", c.Headers).object("body", c.Body).number("timeout_seconds", c.TimeoutSeconds).toStruct()
}

// FromProto reads the platform's form.
func (c *HttpCallTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
