package orchestration

import (
	"context"
	"sync"

	"go.temporal.io/api/taskqueue/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// polls watches what the SDK sends: on which task queues its workers poll, and whether calls get through.
type polls struct {
	mutex sync.Mutex
	// missing holds the queues on which no poll was seen yet.
	missing map[string]struct{}
	// complete is closed when polls were seen on all queues.
	complete chan struct{}
	// trouble has an element when a call did not get through.
	trouble chan struct{}
}

func watchPolls(queues ...string) *polls {
	watched := &polls{
		missing: map[string]struct{}{}, complete: make(chan struct{}), trouble: make(chan struct{}, 1),
	}
	for _, queue := range queues {
		watched.missing[queue] = struct{}{}
	}
	return watched
}

// polling is a request that waits for a task.
type polling interface{ GetTaskQueue() *taskqueue.TaskQueue }

func (p *polls) intercept(
	ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker,
	options ...grpc.CallOption,
) error {
	if poll, ok := request.(polling); ok {
		p.saw(poll.GetTaskQueue().GetName())
	}
	err := invoke(ctx, method, request, reply, conn, options...)
	if status.Code(err) == codes.Unavailable {
		p.report()
	}
	return err
}

func (p *polls) saw(queue string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if _, waited := p.missing[queue]; !waited {
		return
	}
	delete(p.missing, queue)
	if len(p.missing) == 0 {
		close(p.complete)
	}
}

// report notes that a call did not get through.
func (p *polls) report() {
	select {
	case p.trouble <- struct{}{}:
	default:
	}
}
