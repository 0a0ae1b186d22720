// Package backend talks to the stigmer-server.
package backend

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	workflowinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowinstance/v1"
)

const (
	// callTimeout limits one call. The server answers within milliseconds; one that takes longer hangs or is about to be
	// restarted, and the call is made again.
	callTimeout = 5 * time.Second
	// firstPause and longestPause are the pauses between attempts: short at first, since a restart of the server takes
	// a tenth of a second; long later, so that many runs do not keep a server down that comes up slowly.
	firstPause   = 50 * time.Millisecond
	longestPause = 2 * time.Second
	// messageLimit bounds what the server may send: what it accepts itself.
	messageLimit = 10 << 20
)

// Options say where the server is and who asks.
type Options struct {
	// Endpoint is host:port.
	Endpoint string
	// Key is sent with every call as a bearer token.
	Key string
	// TLS is off for servers on loopback.
	TLS bool
}

// Client is a connection to the server.
type Client struct {
	connection *grpc.ClientConn
	logger     *slog.Logger

	executions   workflowexecutionv1.WorkflowExecutionCommandControllerClient
	runs         workflowexecutionv1.WorkflowExecutionQueryControllerClient
	instances    workflowinstancev1.WorkflowInstanceQueryControllerClient
	workflows    workflowv1.WorkflowQueryControllerClient
	environments environmentv1.EnvironmentQueryControllerClient
}

// New makes a client. It connects at the first call.
func New(options Options, logger *slog.Logger) (*Client, error) {
	secured := insecure.NewCredentials()
	if options.TLS {
		secured = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	connection, err := grpc.NewClient(options.Endpoint,
		grpc.WithTransportCredentials(secured),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: firstPause, Multiplier: 1.6, Jitter: 0.2, MaxDelay: longestPause},
			MinConnectTimeout: callTimeout,
		}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(messageLimit)),
		grpc.WithUnaryInterceptor(func(ctx context.Context, method string, request, reply any,
			connection *grpc.ClientConn, invoke grpc.UnaryInvoker, callOptions ...grpc.CallOption) error {
			return invoke(authorized(ctx, options.Key), method, request, reply, connection, callOptions...)
		}),
		grpc.WithStreamInterceptor(func(ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn,
			method string, open grpc.Streamer, callOptions ...grpc.CallOption) (grpc.ClientStream, error) {
			return open(authorized(ctx, options.Key), description, connection, method, callOptions...)
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("STIGMER_BACKEND_ENDPOINT %q: %w; it must be host:port", options.Endpoint, err)
	}
	return &Client{
		connection:   connection,
		logger:       logger,
		executions:   workflowexecutionv1.NewWorkflowExecutionCommandControllerClient(connection),
		runs:         workflowexecutionv1.NewWorkflowExecutionQueryControllerClient(connection),
		instances:    workflowinstancev1.NewWorkflowInstanceQueryControllerClient(connection),
		workflows:    workflowv1.NewWorkflowQueryControllerClient(connection),
		environments: environmentv1.NewEnvironmentQueryControllerClient(connection),
	}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.connection.Close() }

func authorized(ctx context.Context, key string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
}

// once makes one call with a limit.
func once[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return call(ctx)
}

// persist makes a call until the server answers it or the context ends, so that a restart of the server is not noticed
// by a run. Answers that would not change are returned at once.
func persist[T any](ctx context.Context, logger *slog.Logger, call func(context.Context) (T, error)) (T, error) {
	pause := firstPause
	for {
		result, err := once(ctx, call)
		if err == nil || !temporary(err) {
			return result, err
		}
		logger.WarnContext(ctx, "the server does not answer; trying again", "error", err.Error(), "pause", pause.String())
		select {
		case <-ctx.Done():
			return result, fmt.Errorf("%w: %w", context.Cause(ctx), err)
		case <-time.After(pause):
			pause = min(2*pause, longestPause)
		}
	}
}

// temporary tells whether a call may do better later.
func temporary(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted:
		return true
	default:
		return false
	}
}
