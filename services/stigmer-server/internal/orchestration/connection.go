// Package orchestration runs executions on Temporal: the connection, the workflows and their activities.
//
// Temporal records whatever passes through it and shows it to everybody who may read histories. So the values of
// environments do not: a runner asks the server for the `runtime_env` of its execution, the validation of a workflow gets
// the names in its `env_spec` alone, and who waits for an execution gets its outcome, not the execution. The messages keep
// the contract's shapes, with those fields empty. The real Stigmer's workflow-runner takes the values of `runtime_env` from
// the argument of its activity and asks for nothing; STIGMER_ENVIRONMENT_IN_ARGUMENTS leaves them there, readable in every
// history. The real agent-runner reads them there too, and makes no use of them.
//
// What runners report is recorded as they report it, for it is the result of their activities: the final status of an
// agent and the outcome of a workflow. Both of our runners put `***` where a secret stood.
package orchestration

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/stigmer/stigmer-e2e/services/internal/polls"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/config"
)

const (
	// firstRetry and lastRetry bound the pause before another attempt to reach Temporal, which doubles each time: quick
	// enough that a restart of Temporal is hardly felt, slow enough to cost nothing while it is away for a day.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 2 * time.Second
	// probeInterval is how often the connection is tried while nothing looks wrong. Most losses show at once, since polls
	// break; this finds a Temporal that hangs.
	probeInterval = 2 * time.Second
)

// Connection keeps a client and workers at Temporal for as long as Temporal is there, and comes back when it is.
type Connection struct {
	where    config.Temporal
	timeouts settings.Timeouts
	logger   *slog.Logger
	// attach starts the workers of a new client and answers how to stop them. Fatal is told when a worker gave up.
	attach func(c client.Client, fatal func(error)) (stop func(), err error)
	// arrived runs when Temporal is there and the workers poll; it ends with its context.
	arrived func(context.Context, client.Client)
	// serving is told about each change.
	serving func(bool)

	current atomic.Pointer[link]
}

// link is a connection that is there.
type link struct {
	client client.Client
	calls  *watch
	// lost ends when the connection is found to be lost.
	lost context.Context
}

// Run keeps the connection until the context ends.
func (c *Connection) Run(ctx context.Context) error {
	pause := firstRetry
	for ctx.Err() == nil {
		was, err := c.session(ctx)
		if ctx.Err() != nil {
			break
		}
		if was {
			pause = firstRetry
		}
		c.logger.Warn("temporal is away", "address", c.where.Address, "namespace", c.where.Namespace, "error", err,
			"retry_in", pause.String())
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, lastRetry)
	}
	return nil
}

// session connects, works, and returns when the connection is lost; it answers whether there was one.
func (c *Connection) session(ctx context.Context) (was bool, err error) {
	queues := c.where.Queues
	watched := newWatch(queues.AgentStigmer, queues.WorkflowStigmer, queues.ValidationStigmer)
	dialing, cancel := context.WithTimeout(ctx, c.timeouts.TemporalDial)
	defer cancel()
	connected, err := client.DialContext(dialing, c.options(watched))
	if err != nil {
		return false, fmt.Errorf("connect: %w", err)
	}
	defer connected.Close()
	fatal := make(chan error, 1)
	stop, err := c.attach(connected, func(err error) {
		select {
		case fatal <- err:
		default:
		}
	})
	defer func() {
		defer time.AfterFunc(polls.Grace, watched.Cut).Stop()
		stop()
	}()
	if err != nil {
		return false, fmt.Errorf("start workers (does the namespace %q exist?): %w", c.where.Namespace, err)
	}
	select {
	case <-watched.complete:
	case err := <-fatal:
		return false, err
	case <-dialing.Done():
		return false, errors.New("workers do not poll")
	}
	return true, c.hold(ctx, connected, watched, fatal)
}

func (c *Connection) options(watched *watch) client.Options {
	return client.Options{
		HostPort:  c.where.Address,
		Namespace: c.where.Namespace,
		Logger:    sdkLogger{c.logger},
		// Reports of workers to Temporal about themselves serve an operator's console that a test never opens.
		WorkerHeartbeatInterval: -1,
		ConnectionOptions: client.ConnectionOptions{
			// Compression costs more than it saves between two processes of one machine.
			GrpcCompression:      &client.GrpcCompressionNone{},
			GetSystemInfoTimeout: c.timeouts.TemporalDial,
			DialOptions: []grpc.DialOption{
				grpc.WithChainUnaryInterceptor(watched.intercept),
				grpc.WithConnectParams(grpc.ConnectParams{
					Backoff: backoff.Config{BaseDelay: firstRetry, Multiplier: 2, MaxDelay: lastRetry},
				}),
			},
		},
	}
}

// hold works with a connection until it is lost.
func (c *Connection) hold(ctx context.Context, connected client.Client, watched *watch, fatal <-chan error) error {
	working, cancel := context.WithCancel(ctx)
	c.current.Store(&link{client: connected, calls: watched, lost: working})
	c.serving(true)
	c.logger.Info("temporal is there", "address", c.where.Address, "namespace", c.where.Namespace)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.arrived(working, connected)
	}()
	defer func() {
		c.current.Store(nil)
		c.serving(false)
		cancel()
		<-done
	}()
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-fatal:
			return fmt.Errorf("worker gave up: %w", err)
		case <-watched.trouble:
		case <-ticker.C:
		}
		if err := c.probe(ctx, connected); err != nil {
			return fmt.Errorf("connection is lost: %w", err)
		}
	}
}

// patience is how many attempts' worth of time a call gets from a Temporal that is there: one that is merely slow is not
// given up. A call ends at once when the connection is found to be lost.
const patience = 3

// call runs a function with the client of the connection, for a bounded time.
func (c *Connection) call(
	ctx context.Context, limit time.Duration, run func(context.Context, client.Client) error,
) error {
	here := c.current.Load()
	if here == nil {
		return c.unavailable(nil)
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer context.AfterFunc(here.lost, cancel)()
	err := run(limited, here.client)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case here.lost.Err() != nil:
		return c.unavailable(err)
	default:
		return err
	}
}

// patiently is how long a start or a cancellation may take.
func (c *Connection) patiently() time.Duration { return patience * c.timeouts.TemporalDial }

// probe asks for the namespace, which must exist for anything to work.
func (c *Connection) probe(ctx context.Context, connected client.Client) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeouts.TemporalDial)
	defer cancel()
	_, err := connected.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{
		Namespace: c.where.Namespace,
	})
	return err
}

// Client answers the client of the connection, or UnavailableError.
func (c *Connection) Client() (client.Client, error) {
	if here := c.current.Load(); here != nil {
		return here.client, nil
	}
	return nil, c.unavailable(nil)
}

func (c *Connection) unavailable(cause error) error {
	return &UnavailableError{Address: c.where.Address, Namespace: c.where.Namespace, Cause: cause}
}

// suspect has the connection tried at once.
func (c *Connection) suspect() {
	if here := c.current.Load(); here != nil {
		here.calls.report()
	}
}
