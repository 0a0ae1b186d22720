package execution

import (
	"context"
	"sync"
)

// backlog bounds the states that wait for one reader. It lets a reader that pauses for a moment see every state; one that
// falls further behind skips states, never the last.
const backlog = 32

// broker hands each new state of an execution to those who follow it.
type broker[E any] struct {
	mutex     sync.Mutex
	followers map[string]map[*follower[E]]struct{}
	stopped   error
}

func newBroker[E any]() *broker[E] {
	return &broker[E]{followers: map[string]map[*follower[E]]struct{}{}}
}

// follower is one reader of one execution.
type follower[E any] struct {
	mutex sync.Mutex
	// waiting holds the states that were not read yet, oldest first.
	waiting []E
	// ended is why nothing comes after them.
	ended error
	// wake has an element when there is something to read.
	wake chan struct{}
}

func (b *broker[E]) join(id string) *follower[E] {
	joined := &follower[E]{wake: make(chan struct{}, 1)}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.stopped != nil {
		joined.end(b.stopped)
		return joined
	}
	if b.followers[id] == nil {
		b.followers[id] = map[*follower[E]]struct{}{}
	}
	b.followers[id][joined] = struct{}{}
	return joined
}

func (b *broker[E]) leave(id string, left *follower[E]) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	delete(b.followers[id], left)
	if len(b.followers[id]) == 0 {
		delete(b.followers, id)
	}
}

// publish never waits for a reader. The caller makes sure that states of one execution come in their order.
func (b *broker[E]) publish(id string, state E) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for reader := range b.followers[id] {
		reader.put(state)
	}
}

// finish ends the streams of one execution.
func (b *broker[E]) finish(id string, reason error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for reader := range b.followers[id] {
		reader.end(reason)
	}
}

// stop ends all streams, also those that come later.
func (b *broker[E]) stop(reason error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.stopped = reason
	for _, readers := range b.followers {
		for reader := range readers {
			reader.end(reason)
		}
	}
}

func (f *follower[E]) put(state E) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.ended != nil {
		return
	}
	if len(f.waiting) == backlog {
		f.waiting[backlog-1] = state
	} else {
		f.waiting = append(f.waiting, state)
	}
	f.signal()
}

func (f *follower[E]) end(reason error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.ended == nil {
		f.ended = reason
	}
	f.signal()
}

func (f *follower[E]) signal() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// next waits for the next state.
func (f *follower[E]) next(ctx context.Context) (E, error) {
	for {
		if state, found, err := f.take(); found || err != nil {
			return state, err
		}
		select {
		case <-ctx.Done():
			return *new(E), ctx.Err()
		case <-f.wake:
		}
	}
}

func (f *follower[E]) take() (state E, found bool, err error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if len(f.waiting) == 0 {
		return state, false, f.ended
	}
	state = f.waiting[0]
	f.waiting = f.waiting[1:]
	return state, true, nil
}
