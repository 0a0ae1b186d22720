package app

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
)

// lastWord is how long streams of the platform's own services stay open when the server stops, so that who watches its
// health hears of it before the stream ends. It is ample for a message on loopback and small beside any other end.
const lastWord = 50 * time.Millisecond

// apiPrefix begins the names of our own methods, whose streams know by themselves when the server stops.
const apiPrefix = "/ai.stigmer."

// watches ends the streams of the health and reflection services when the server stops. They would stay open for as long
// as their clients like, and a stop would always take its whole limit.
type watches struct {
	over context.Context
	end  func()
}

func newWatches() watches {
	over, cancel := context.WithCancel(context.Background())
	return watches{over: over, end: func() { time.AfterFunc(lastWord, cancel) }}
}

func (w watches) intercept(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if strings.HasPrefix(info.FullMethod, apiPrefix) {
		return handle(server, stream)
	}
	// The handler waits for its client alone. When the stream ends under it, it ends too.
	ended := make(chan error, 1)
	go func() { ended <- handle(server, stream) }()
	select {
	case err := <-ended:
		return err
	case <-w.over.Done():
		return execution.StoppingError{}
	}
}
