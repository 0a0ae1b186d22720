package orchestration

import (
	"context"
	"sync"

	"go.temporal.io/api/taskqueue/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/stigmer/stigmer-e2e/services/internal/polls"
)

// watch sees what the SDK sends: on which task queues its workers poll, and whether calls get through.
type watch struct {
	*polls.Limit
	mutex sync.Mutex
	// missing holds the queues on which no poll was seen yet.
	missing map[string]struct{}
	// complete is closed when polls were seen on all queues.
	complete chan struct{}
	// trouble has an element when a call did not get through.
	trouble chan struct{}
}

func newWatch(queues ...string) *watch {
	watched := &watch{
		Limit: polls.NewLimit(), missing: map[string]struct{}{}, complete: make(chan struct{}),
		trouble: make(chan struct{}, 1),
	}
	for _, queue := range queues {
		watched.missing[queue] = struct{}{}
	}
	return watched
}

// polling is a request that waits for a task.
type polling interface{ GetTaskQueue() *taskqueue.TaskQueue }

func (w *watch) intercept(
	ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker,
	options ...grpc.CallOption,
) error {
	if poll, ok := request.(polling); ok {
		w.saw(poll.GetTaskQueue().GetName())
	}
	err := w.Limit.Intercept(ctx, method, request, reply, conn, invoke, options...)
	if status.Code(err) == codes.Unavailable {
		w.report()
	}
	return err
}

func (w *watch) saw(queue string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if _, waited := w.missing[queue]; !waited {
		return
	}
	delete(w.missing, queue)
	if len(w.missing) == 0 {
		close(w.complete)
	}
}

// report notes that a call did not get through.
func (w *watch) report() {
	select {
	case w.trouble <- struct{}{}:
	default:
	}
}
