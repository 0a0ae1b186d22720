// Package polls lets the workers of a service end without waiting for Temporal.
package polls

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"
)

// Grace is how long workers that stop may wait for Temporal: to take leave, and to have the polls answered that are open.
// It answers those that it knows of within milliseconds. One that came just after the leave it does not answer, and one
// that hangs answers nothing; the SDK would wait for that as long as a stop may take, once per kind of poll. A poll that is
// cut off later than this has brought no task.
const Grace = 300 * time.Millisecond

// Limit ends the polls and leaves of one connection before their time.
type Limit struct {
	over context.Context
	cut  context.CancelFunc
}

// NewLimit makes one that ends nothing yet.
func NewLimit() *Limit {
	l := &Limit{}
	l.over, l.cut = context.WithCancel(context.Background())
	return l
}

// Cut ends what is open of polls and leaves, and what comes later.
func (l *Limit) Cut() { l.cut() }

// Intercept is a grpc.UnaryClientInterceptor.
func (l *Limit) Intercept(
	ctx context.Context, method string, request, reply any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker,
	options ...grpc.CallOption,
) error {
	if strings.Contains(method, "/Poll") || strings.HasSuffix(method, "/ShutdownWorker") {
		limited, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(l.over, cancel)()
		ctx = limited
	}
	return invoke(ctx, method, request, reply, connection, options...)
}
