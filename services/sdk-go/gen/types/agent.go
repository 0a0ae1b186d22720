package types

// McpServerDefinition declares a tool server of an agent. Exactly one of Stdio, Http and Docker is set.
type McpServerDefinition struct {
	// Name is unique within the agent; sub-agents refer to it.
	Name string `json:"name,omitempty"`
	// Stdio is a program that is spoken to over its standard streams.
	Stdio *StdioServer `json:"stdio,omitempty"`
	// Http is a server that is reached over HTTP.
	Http *HttpServer `json:"http,omitempty"`
	// Docker is a program in a container.
	Docker *DockerServer `json:"docker,omitempty"`
	// EnabledTools limits the tools; empty means all.
	EnabledTools []string `json:"enabledTools,omitempty"`
}

// StdioServer says how a tool server is started as a program.
type StdioServer struct {
	// Command is the program, looked for on PATH.
	Command string `json:"command,omitempty"`
	// Args are the arguments of the program.
	Args []string `json:"args,omitempty"`
	// EnvPlaceholders is the environment; values may hold "${NAME}", replaced at run time.
	EnvPlaceholders map[string]string `json:"envPlaceholders,omitempty"`
	// WorkingDir is the directory to start in.
	WorkingDir string `json:"workingDir,omitempty"`
}

// HttpServer says how a tool server is reached over HTTP.
type HttpServer struct {
	// Url is the address, with scheme.
	Url string `json:"url,omitempty"`
	// Headers are sent with every request; values may hold "${NAME}".
	Headers map[string]string `json:"headers,omitempty"`
	// QueryParams are added to the address; values may hold "${NAME}".
	QueryParams map[string]string `json:"queryParams,omitempty"`
	// TimeoutSeconds bounds a request; 0 means 30.
	TimeoutSeconds int32 `json:"timeoutSeconds,omitempty"`
}

// DockerServer says how a tool server is started as a container.
type DockerServer struct {
	// Image is the image with its tag.
	Image string `json:"image,omitempty"`
	// Args are the arguments of the entry point.
	Args []string `json:"args,omitempty"`
	// EnvPlaceholders is the environment; values may hold "${NAME}".
	EnvPlaceholders map[string]string `json:"envPlaceholders,omitempty"`
	// Volumes are directories of the host that the container sees.
	Volumes []*VolumeMount `json:"volumes,omitempty"`
	// Network is the container's network; empty means the default one.
	Network string `json:"network,omitempty"`
	// Ports lead from the host into the container.
	Ports []*PortMapping `json:"ports,omitempty"`
	// ContainerName is the container's name; empty means a generated one.
	ContainerName string `json:"containerName,omitempty"`
}

// VolumeMount shows a directory of the host inside a container.
type VolumeMount struct {
	// HostPath is the directory on the host.
	HostPath string `json:"hostPath,omitempty"`
	// ContainerPath is where the container sees it.
	ContainerPath string `json:"containerPath,omitempty"`
	// ReadOnly forbids changes.
	ReadOnly bool `json:"readOnly,omitempty"`
}

// PortMapping leads from a port of the host to one of a container.
type PortMapping struct {
	// HostPort is the port on the host.
	HostPort int32 `json:"hostPort,omitempty"`
	// ContainerPort is the port in the container.
	ContainerPort int32 `json:"containerPort,omitempty"`
	// Protocol is "tcp" or "udp"; empty means "tcp".
	Protocol string `json:"protocol,omitempty"`
}

// McpToolSelection limits what a sub-agent may use of one tool server.
type McpToolSelection struct {
	// EnabledTools names the tools; empty means all that the agent may use.
	EnabledTools []string `json:"enabledTools,omitempty"`
}

// SubAgent is a helper in [github.com/stigmer/stigmer/sdk/go/gen/agent.AgentArgs].
type SubAgent struct {
	// InlineSpec defines the helper.
	InlineSpec *InlineSubAgentSpec `json:"inlineSpec,omitempty"`
	// AgentInstanceRefs would name an existing agent; the platform has no place for it, so setting it is an error.
	AgentInstanceRefs *ApiResourceReference `json:"agentInstanceRefs,omitempty"`
}

// InlineSubAgentSpec defines a sub-agent inside its agent.
type InlineSubAgentSpec struct {
	// Name is unique within the agent.
	Name string `json:"name,omitempty"`
	// Description tells the agent when to use this helper.
	Description string `json:"description,omitempty"`
	// Instructions is the system prompt, at least 10 characters.
	Instructions string `json:"instructions,omitempty"`
	// McpServers names servers of the agent that the helper may use.
	McpServers []string `json:"mcpServers,omitempty"`
	// McpToolSelections limits the tools, by server name.
	McpToolSelections map[string]*McpToolSelection `json:"mcpToolSelections,omitempty"`
	// SkillRefs are skills whose text is added to the prompt.
	SkillRefs []*ApiResourceReference `json:"skillRefs,omitempty"`
}
