package orchestration

import (
	"context"
	"strings"
	"sync"
	"time"

	"go.temporal.io/api/taskqueue/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// farewell is how long workers that stop may wait for Temporal: to take leave, and to have the polls answered that are
// open. It answers those that it knows of within milliseconds. One that came just after the leave it does not answer, and
// one that hangs answers nothing; the SDK would wait for that as long as a stop may take, once per kind of poll. A poll
// that is cut off later than this has brought no task.
const farewell = 300 * time.Millisecond

// polls watches what the SDK sends: on which task queues its workers poll, and whether calls get through.
type polls struct {
	mutex sync.Mutex
	// missing holds the queues on which no poll was seen yet.
	missing map[string]struct{}
	// complete is closed when polls were seen on all queues.
	complete chan struct{}
	// trouble has an element when a call did not get through.
	trouble chan struct{}
	// over ends what is open of polls and leaves.
	over context.Context
	cut  context.CancelFunc
}

func watchPolls(queues ...string) *polls {
	watched := &polls{
		missing: map[string]struct{}{}, complete: make(chan struct{}), trouble: make(chan struct{}, 1),
	}
	watched.over, watched.cut = context.WithCancel(context.Background())
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
	if strings.Contains(method, "/Poll") || strings.HasSuffix(method, "/ShutdownWorker") {
		limited, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(p.over, cancel)()
		ctx = limited
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
