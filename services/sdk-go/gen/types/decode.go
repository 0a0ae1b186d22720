package types

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/structure"
)

// FromProto reads the platform's form.
func (c *AgentExecutionConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *ApiResourceReference) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *CatchBlock) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *DockerServer) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *EnvironmentSpec) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *EnvironmentValue) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *ExecutionConfig) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *ExecutionValue) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *Export) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *FlowControl) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *ForkBranch) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *HttpEndpoint) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *HttpServer) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *InlineSubAgentSpec) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *ListenTo) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *McpServerDefinition) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *McpToolSelection) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *PortMapping) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *SignalSpec) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *StdioServer) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *SubAgent) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *SwitchCase) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *VolumeMount) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *WorkflowDocument) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }

// FromProto reads the platform's form.
func (c *WorkflowTask) FromProto(s *structpb.Struct) error { return structure.Decode(s, c) }
