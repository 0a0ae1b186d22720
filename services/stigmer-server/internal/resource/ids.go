package resource

import (
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// IDs makes ids. Each is greater than the one before, also within a millisecond and when the clock goes back: the order
// of ids is the order in which resources were made. Safe for use by many goroutines.
type IDs struct {
	now func() time.Time

	mutex   sync.Mutex
	last    uint64
	entropy *ulid.MonotonicEntropy
}

// NewIDs makes a generator that takes its time from now.
func NewIDs(now func() time.Time) *IDs {
	return &IDs{now: now, entropy: ulid.Monotonic(rand.Reader, 0)}
}

// New makes an id: `{prefix}-{lower-case ULID}`.
func (g *IDs) New(prefix string) (string, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.last = max(g.last, ulid.Timestamp(g.now()))
	id, err := ulid.New(g.last, g.entropy)
	if err != nil {
		// The random part of this millisecond is used up, which takes 2^80 ids at worst and 2^47 on average.
		g.last++
		if id, err = ulid.New(g.last, g.entropy); err != nil {
			return "", fmt.Errorf("make an id: %w", err)
		}
	}
	return prefix + "-" + strings.ToLower(id.String()), nil
}
