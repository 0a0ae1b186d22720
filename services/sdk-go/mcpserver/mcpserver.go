// Package mcpserver declares tool servers that speak the Model Context Protocol. There are three kinds: a program (Stdio),
// an address (HTTP) and a container (Docker).
//
//	github, err := mcpserver.Stdio(ctx, "github", &mcpserver.StdioArgs{
//		Command:         "npx",
//		Args:            []string{"-y", "@modelcontextprotocol/server-github"},
//		EnvPlaceholders: map[string]string{"GITHUB_TOKEN": "${GITHUB_TOKEN}"},
//	})
//	if err != nil {
//		return err
//	}
//	github.EnableTools("create_issue")
//	agent.AddMCPServer(github)
//
// "${NAME}" in a value is replaced at run time by the environment of the execution.
package mcpserver

// Context is the context of stigmer.Run. Servers are not registered with it: they are part of their agent.
type Context interface{}

// MCPServer is a tool server of any kind.
type MCPServer interface {
	// Name is unique within the agent; sub-agents refer to it.
	Name() string
	// EnabledTools names the tools that may be used; empty means all.
	EnabledTools() []string
	// Type is the kind of the server.
	Type() ServerType
}

// ServerType is the kind of a tool server.
type ServerType int

const (
	// TypeStdio is a program that is spoken to over its standard streams.
	TypeStdio ServerType = iota
	// TypeHTTP is a server that is reached over HTTP.
	TypeHTTP
	// TypeDocker is a program in a container.
	TypeDocker
)

// String is "stdio", "http" or "docker".
func (t ServerType) String() string {
	switch t {
	case TypeStdio:
		return "stdio"
	case TypeHTTP:
		return "http"
	case TypeDocker:
		return "docker"
	default:
		return "unknown"
	}
}

// server is what the kinds have in common.
type server struct {
	name         string
	enabledTools []string
}

// Name is unique within the agent.
func (s *server) Name() string { return s.name }

// EnabledTools names the tools that may be used; empty means all.
func (s *server) EnabledTools() []string { return s.enabledTools }

// present gives an empty map for nil, so that callers may add to what they get.
func present(values map[string]string) map[string]string {
	if values == nil {
		return map[string]string{}
	}
	return values
}
