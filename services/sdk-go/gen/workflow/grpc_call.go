package workflow

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// GrpcCallTaskConfig calls a unary gRPC method; the server's reflection gives the types.
type GrpcCallTaskConfig struct {
	// Service is "host:port/package.Service".
	Service string `json:"service,omitempty"`
	// Method is the name of the method, without its service.
	Method string `json:"method,omitempty"`
	// Request in JSON form; values may be references and expressions.
	Request map[string]interface{} `json:"request,omitempty"`
}

// IsTaskConfig marks the settings of a task.
func (c *GrpcCallTaskConfig) IsTaskConfig() {}

// ToProto gives the platform's form.
func (c *GrpcCallTaskConfig) ToProto() (*structpb.Struct, error) {
	return fields{}.text("service", c.Service).text("method", c.Method).object("request", c.Request).toStruct()
}

// FromProto reads the platform's form.
func (c *GrpcCallTaskConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
