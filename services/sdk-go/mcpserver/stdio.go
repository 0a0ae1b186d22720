package mcpserver

import "github.com/stigmer/stigmer/sdk/go/gen/types"

// StdioArgs says how a server is started as a program.
type StdioArgs = types.StdioServer

// StdioServer is a program that is spoken to over its standard streams.
type StdioServer struct {
	server
	args StdioArgs
}

// Stdio declares a server that is a program. What it says is checked together with the agent that it is added to.
func Stdio(ctx Context, name string, args *StdioArgs) (*StdioServer, error) {
	if args == nil {
		args = &StdioArgs{}
	}
	result := &StdioServer{server: server{name: name}, args: *args}
	result.args.EnvPlaceholders = present(args.EnvPlaceholders)
	return result, nil
}

// EnableTools limits the server to these tools.
func (s *StdioServer) EnableTools(tools ...string) *StdioServer {
	s.enabledTools = tools
	return s
}

// Command is the program, looked for on PATH.
func (s *StdioServer) Command() string { return s.args.Command }

// Args are the arguments of the program.
func (s *StdioServer) Args() []string { return s.args.Args }

// EnvPlaceholders is the environment of the program.
func (s *StdioServer) EnvPlaceholders() map[string]string { return s.args.EnvPlaceholders }

// WorkingDir is the directory to start in.
func (s *StdioServer) WorkingDir() string { return s.args.WorkingDir }

// Type is TypeStdio.
func (s *StdioServer) Type() ServerType { return TypeStdio }
