package mcpserver

import "github.com/stigmer/stigmer/sdk/go/gen/types"

// defaultTimeoutSeconds is the platform's bound of a request when a program gives none.
const defaultTimeoutSeconds = 30

// HTTPArgs says how a server is reached over HTTP.
type HTTPArgs = types.HttpServer

// HTTPServer is a server that is reached over HTTP.
type HTTPServer struct {
	server
	args HTTPArgs
}

// HTTP declares a server at an address. What it says is checked together with the agent that it is added to.
func HTTP(ctx Context, name string, args *HTTPArgs) (*HTTPServer, error) {
	if args == nil {
		args = &HTTPArgs{}
	}
	result := &HTTPServer{server: server{name: name}, args: *args}
	result.args.Headers = present(args.Headers)
	result.args.QueryParams = present(args.QueryParams)
	if args.TimeoutSeconds == 0 {
		result.args.TimeoutSeconds = defaultTimeoutSeconds
	}
	return result, nil
}

// EnableTools limits the server to these tools.
func (h *HTTPServer) EnableTools(tools ...string) *HTTPServer {
	h.enabledTools = tools
	return h
}

// URL is the address, with scheme.
func (h *HTTPServer) URL() string { return h.args.Url }

// Headers are sent with every request.
func (h *HTTPServer) Headers() map[string]string { return h.args.Headers }

// QueryParams are added to the address.
func (h *HTTPServer) QueryParams() map[string]string { return h.args.QueryParams }

// TimeoutSeconds bounds a request.
func (h *HTTPServer) TimeoutSeconds() int32 { return h.args.TimeoutSeconds }

// Type is TypeHTTP.
func (h *HTTPServer) Type() ServerType { return TypeHTTP }
