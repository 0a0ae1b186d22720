package execution_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/execution"
)

// stream collects what a follower sees.
type stream struct {
	seen  chan *agentexecutionv1.AgentExecution
	ended chan error
}

// follow follows an execution. What is seen beyond the capacity holds the follower up.
func (b *books) follow(ctx context.Context, id string, capacity int) *stream {
	s := &stream{seen: make(chan *agentexecutionv1.AgentExecution, capacity), ended: make(chan error, 1)}
	go func() {
		s.ended <- b.agents.Follow(ctx, id, func(state *agentexecutionv1.AgentExecution) error {
			select {
			case s.seen <- state:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		close(s.seen)
	}()
	return s
}

func TestAFollowerSeesTheStoredStateFirstAndEachLaterOne(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	followed := b.follow(t.Context(), id, 100)
	first := <-followed.seen
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: inProgress})
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Messages: says("text")})
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: completed})
	phases := []string{first.GetStatus().GetPhase().String()}
	for state := range followed.seen {
		phases = append(phases, state.GetStatus().GetPhase().String())
	}
	wanted := "EXECUTION_PENDING EXECUTION_IN_PROGRESS EXECUTION_IN_PROGRESS EXECUTION_COMPLETED"
	if got := strings.Join(phases, " "); got != wanted {
		t.Errorf("seen %s", got)
	}
	if err := <-followed.ended; err != nil {
		t.Error(err)
	}
}

func TestFollowingWhatHasEndedEnds(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: failed, Error: "why"})
	followed := b.follow(t.Context(), id, 10)
	states := 0
	for state := range followed.seen {
		states++
		if state.GetStatus().GetPhase() != failed {
			t.Errorf("seen %s", state.GetStatus())
		}
	}
	if err := <-followed.ended; err != nil || states != 1 {
		t.Errorf("saw %d states and ended with %v", states, err)
	}
}

func TestFollowingNothingIsNotFound(t *testing.T) {
	b := newBooks(t)
	followed := b.follow(t.Context(), "aex-none", 1)
	if err := <-followed.ended; grpcstatus.Code(err) != codes.NotFound || err.Error() != "AgentExecution not found: aex-none" {
		t.Errorf("ended with %v", err)
	}
}

// Between the look at the stored state and joining the followers there must be no gap: each round lets a follower join
// while the execution takes its last step.
func TestNoStateIsLostWhileJoining(t *testing.T) {
	b := newBooks(t)
	for range 200 {
		id := b.agentExecution()
		var group sync.WaitGroup
		group.Go(func() { b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: completed}) })
		limited, cancel := context.WithTimeout(t.Context(), time.Minute)
		followed := b.follow(limited, id, 10)
		var last *agentexecutionv1.AgentExecution
		for state := range followed.seen {
			last = state
		}
		if err := <-followed.ended; err != nil || last.GetStatus().GetPhase() != completed {
			t.Fatalf("ended with %v at %s", err, last.GetStatus().GetPhase())
		}
		group.Wait()
		cancel()
	}
}

func TestASlowFollowerHoldsUpNobodyAndSeesTheEnd(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// The slow one reads nothing until all is over.
	slow := b.follow(ctx, id, 0)
	first := <-slow.seen
	quick := make([]*stream, 20)
	for index := range quick {
		quick[index] = b.follow(ctx, id, 1000)
		<-quick[index].seen
	}
	for round := range 300 {
		b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: inProgress, Messages: says(fmt.Sprint(round))})
	}
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: completed})
	for index, one := range quick {
		if err := <-one.ended; err != nil {
			t.Errorf("follower %d ended with %v", index, err)
		}
	}
	states := []*agentexecutionv1.AgentExecution{first}
	for state := range slow.seen {
		states = append(states, state)
	}
	if err := <-slow.ended; err != nil {
		t.Error(err)
	}
	if last := states[len(states)-1].GetStatus(); last.GetPhase() != completed || last.GetMessages()[0].GetContent() != "299" {
		t.Errorf("the slow one ended at %s", last)
	}
	if len(states) > 40 {
		t.Errorf("%d states waited for the slow one", len(states))
	}
	inOrder := slices.IsSortedFunc(states, func(a, b *agentexecutionv1.AgentExecution) int {
		return a.GetStatus().GetAudit().GetStatusAudit().GetUpdatedAt().AsTime().Compare(
			b.GetStatus().GetAudit().GetStatusAudit().GetUpdatedAt().AsTime())
	})
	if !inOrder {
		t.Error("the slow one saw states out of order")
	}
}

func TestConcurrentReportsReachFollowersInTheOrderOfTheStore(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	followed := b.follow(t.Context(), id, 1000)
	<-followed.seen
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for round := range 20 {
				b.report(id, &agentexecutionv1.AgentExecutionStatus{
					Phase: inProgress, Messages: says(fmt.Sprintf("%d/%d", worker, round)),
				})
			}
		})
	}
	group.Wait()
	stored, err := b.agents.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: completed})
	var last string
	for state := range followed.seen {
		last = state.GetStatus().GetMessages()[0].GetContent()
	}
	if wanted := stored.GetStatus().GetMessages()[0].GetContent(); last != wanted {
		t.Errorf("followers saw %s last, the store has %s", last, wanted)
	}
}

func TestRemovingAnExecutionEndsItsStreams(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	followed := b.follow(t.Context(), id, 10)
	<-followed.seen
	if _, err := b.agents.Remove(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := <-followed.ended; grpcstatus.Code(err) != codes.NotFound {
		t.Errorf("stream ended with %v", err)
	}
	noted, err := b.agents.PendingCancellations(t.Context())
	if noted[id] != execution.AskToEnd || err != nil {
		t.Errorf("noted is %v (%v)", noted, err)
	}
}

func TestAServerThatStopsTellsItsStreams(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	followed := b.follow(t.Context(), id, 10)
	<-followed.seen
	b.agents.Stop()
	late := b.follow(t.Context(), id, 10)
	for _, one := range []*stream{followed, late} {
		if err := <-one.ended; grpcstatus.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), "subscribe again") {
			t.Errorf("stream ended with %v", err)
		}
	}
	b.report(id, &agentexecutionv1.AgentExecutionStatus{Phase: completed})
}

func TestAFollowerThatLeavesIsForgotten(t *testing.T) {
	b := newBooks(t)
	id := b.agentExecution()
	ctx, cancel := context.WithCancel(t.Context())
	followed := b.follow(ctx, id, 10)
	<-followed.seen
	cancel()
	if err := <-followed.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("stream ended with %v", err)
	}
	if count := b.agents.Followers(id); count != 0 {
		t.Errorf("%d followers are left", count)
	}
}
