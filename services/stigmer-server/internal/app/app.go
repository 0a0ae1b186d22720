// Package app puts the server together, runs it and ends it.
package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"go.temporal.io/sdk/worker"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"github.com/stigmer/stigmer-e2e/services/internal/build"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/api"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/artifact"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/orchestration"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// maxMessage limits what the server sends and receives; skill archives are the largest.
const maxMessage = 10 << 20

// leastPing is how often clients may ask whether the connection lives. gRPC's own limit, once in five minutes, cuts off
// clients whose keepalive is an ordinary one.
const leastPing = 5 * time.Second

// Names in the health service.
const (
	// healthServer is SERVING while calls are answered.
	healthServer = ""
	// HealthTemporal is SERVING while the server is connected to Temporal and its workers poll.
	HealthTemporal = "temporal"
)

const (
	serving    = grpc_health_v1.HealthCheckResponse_SERVING
	notServing = grpc_health_v1.HealthCheckResponse_NOT_SERVING
)

// Serve serves on a listener until the context ends, then stops in order. It calls ready once, when calls are answered.
func Serve(
	ctx context.Context, settings config.Settings, logger *slog.Logger, listener net.Listener, ready func(),
) error {
	// Without this the SDK reads and hashes the executable when the first worker starts; a build id in the worker's options
	// does not keep it from that.
	worker.SetBinaryChecksum(build.ID())
	checks := health.NewServer()
	checks.SetServingStatus(healthServer, notServing)
	checks.SetServingStatus(HealthTemporal, notServing)
	engine := orchestration.NewEngine(settings.Temporal, settings.Timeouts, logger, func(connected bool) {
		checks.SetServingStatus(HealthTemporal, map[bool]grpc_health_v1.HealthCheckResponse_ServingStatus{
			true: serving, false: notServing,
		}[connected])
	})

	group, running := errgroup.WithContext(ctx)
	connecting, disconnect := context.WithCancel(context.WithoutCancel(ctx))
	defer disconnect()
	// Temporal is dialled and workers start while the store opens.
	group.Go(func() error { return engine.Run(connecting) })
	opened, err := store.Open(store.Options{Dir: settings.StoreDir, Logger: logger})
	if err != nil {
		disconnect()
		return errors.Join(err, group.Wait(), listener.Close())
	}
	agents, workflows := execution.NewAgents(opened, logger, time.Now), execution.NewWorkflows(opened, logger, time.Now)
	engine.Open(agents, workflows)
	watches := newWatches()
	server := grpc.NewServer(append(api.Interceptors(logger), grpc.ChainStreamInterceptor(watches.intercept),
		grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: leastPing, PermitWithoutStream: true}))...)
	api.Register(server, api.Parts{
		Store: opened, Agents: agents, Workflows: workflows, Engine: engine,
		Archives: artifact.NewStorage(settings.StorageDir), Now: time.Now,
	})
	grpc_health_v1.RegisterHealthServer(server, checks)
	reflection.Register(server)

	group.Go(func() error { return server.Serve(listener) })
	group.Go(func() error {
		<-running.Done()
		stop(settings.Timeouts.Drain, logger, checks, server, func() {
			agents.Stop()
			workflows.Stop()
			watches.end()
		})
		disconnect()
		return nil
	})
	checks.SetServingStatus(healthServer, serving)
	logger.Info("serving", "listen_address", listener.Addr().String(), "store_dir", settings.StoreDir)
	ready()
	return errors.Join(group.Wait(), opened.Close())
}

// stop ends the server: health checks fail first, then streams end, then calls get the time they need, within the limit.
func stop(
	limit time.Duration, logger *slog.Logger, checks *health.Server, server *grpc.Server, endStreams func(),
) {
	logger.Info("stopping", "limit", limit.String())
	checks.Shutdown()
	endStreams()
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.GracefulStop()
	}()
	select {
	case <-done:
	case <-time.After(limit):
		logger.Warn("calls were cut off", "limit", limit.String())
		server.Stop()
		<-done
	}
}
