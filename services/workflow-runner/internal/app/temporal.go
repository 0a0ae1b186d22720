package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/grpc"

	"github.com/stigmer/stigmer-e2e/services/internal/polls"
)

const (
	// dialPause and longestDialPause are the pauses between attempts to reach Temporal. A dev server that starts beside
	// the runner opens its port within 0.2 s.
	dialPause        = 25 * time.Millisecond
	longestDialPause = time.Second
	// dialBudget is how long all attempts may take, in attempts' limits: 30 s with the default of 5 s. That covers a slow
	// machine that starts everything at once; whoever waits longer has a wrong address.
	dialBudget = 6
)

// dial connects to Temporal, which may be about to start.
func dial(ctx context.Context, s Settings, requests *polls.Limit, logger *slog.Logger) (client.Client, error) {
	budget := dialBudget * s.Timeouts.TemporalDial
	deadline := time.Now().Add(budget)
	for pause := dialPause; ; pause = min(2*pause, longestDialPause) {
		connected, err := attempt(ctx, s, requests, logger)
		switch {
		case err == nil:
			return connected, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case time.Now().Add(pause).After(deadline):
			return nil, fmt.Errorf("Temporal does not answer at %s within %s: %w; start it there, or set "+
				"TEMPORAL_SERVICE_ADDRESS to the address that it has", s.TemporalAddress, budget, err)
		}
		logger.WarnContext(ctx, "Temporal does not answer yet", "address", s.TemporalAddress, "error", err.Error())
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

func attempt(ctx context.Context, s Settings, requests *polls.Limit, logger *slog.Logger) (client.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeouts.TemporalDial)
	defer cancel()
	return client.DialContext(ctx, client.Options{
		HostPort:  s.TemporalAddress,
		Namespace: s.TemporalNamespace,
		Logger:    log.NewStructuredLogger(logger),
		// Reports of workers to Temporal about themselves serve an operator's console that a test never opens.
		WorkerHeartbeatInterval: -1,
		ConnectionOptions: client.ConnectionOptions{
			// Compression costs more than it saves between two processes of one machine.
			GrpcCompression:      &client.GrpcCompressionNone{},
			GetSystemInfoTimeout: s.Timeouts.TemporalDial,
			DialOptions:          []grpc.DialOption{grpc.WithChainUnaryInterceptor(requests.Intercept)},
		},
	})
}
