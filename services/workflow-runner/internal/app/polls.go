package app

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"
)

// pollGrace is how long a stop waits for Temporal to answer the polls that are open. It answers those that it knows of
// within milliseconds. One that arrives just after the worker has said goodbye it does not answer, and the SDK would
// wait for that as long as the drain may take, once per kind of poll.
const pollGrace = 300 * time.Millisecond

// polls are the open requests for work.
type polls struct {
	open   context.Context
	cancel context.CancelFunc
}

func newPolls() *polls {
	p := &polls{}
	p.open, p.cancel = context.WithCancel(context.Background())
	return p
}

// intercept lets polls end before their time.
func (p *polls) intercept(
	ctx context.Context, method string, request, reply any, connection *grpc.ClientConn,
	invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	if !strings.Contains(method, "/Poll") {
		return invoke(ctx, method, request, reply, connection, options...)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.open, cancel)()
	return invoke(ctx, method, request, reply, connection, options...)
}
