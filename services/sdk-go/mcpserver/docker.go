package mcpserver

import "github.com/stigmer/stigmer/sdk/go/gen/types"

// DockerArgs says how a server is started as a container.
type DockerArgs = types.DockerServer

// DockerServer is a program in a container.
type DockerServer struct {
	server
	args DockerArgs
}

// Docker declares a server that is a container. What it says is checked together with the agent that it is added to.
func Docker(ctx Context, name string, args *DockerArgs) (*DockerServer, error) {
	if args == nil {
		args = &DockerArgs{}
	}
	result := &DockerServer{server: server{name: name}, args: *args}
	result.args.EnvPlaceholders = present(args.EnvPlaceholders)
	return result, nil
}

// EnableTools limits the server to these tools.
func (d *DockerServer) EnableTools(tools ...string) *DockerServer {
	d.enabledTools = tools
	return d
}

// Image is the image with its tag.
func (d *DockerServer) Image() string { return d.args.Image }

// Args are the arguments of the entry point.
func (d *DockerServer) Args() []string { return d.args.Args }

// EnvPlaceholders is the environment of the container.
func (d *DockerServer) EnvPlaceholders() map[string]string { return d.args.EnvPlaceholders }

// Volumes are directories of the host that the container sees.
func (d *DockerServer) Volumes() []*types.VolumeMount { return d.args.Volumes }

// Network is the container's network; empty means the default one.
func (d *DockerServer) Network() string { return d.args.Network }

// Ports lead from the host into the container.
func (d *DockerServer) Ports() []*types.PortMapping { return d.args.Ports }

// ContainerName is the container's name; empty means a generated one.
func (d *DockerServer) ContainerName() string { return d.args.ContainerName }

// Type is TypeDocker.
func (d *DockerServer) Type() ServerType { return TypeDocker }
