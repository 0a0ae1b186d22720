package store

import (
	"context"
	"errors"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// staleShare is the share of a value-log file that must be stale before it is rewritten; half is BadgerDB's advice.
const staleShare = 0.5

// collectGarbage rewrites value-log files that are mostly stale, a bounded number of them at a time.
func (s *Badger) collectGarbage(ctx context.Context) {
	ticker := time.NewTicker(garbageInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.rewriteStale(ctx)
		}
	}
}

// rewriteStale answers how many files it rewrote.
func (s *Badger) rewriteStale(ctx context.Context) int {
	for done := range garbageRounds {
		if ctx.Err() != nil || s.checkSpace() != nil {
			return done
		}
		err := s.db.RunValueLogGC(staleShare)
		if errors.Is(err, badger.ErrNoRewrite) || errors.Is(err, badger.ErrRejected) {
			return done
		}
		if err != nil {
			s.logger.Warn("value log was not cleaned", "error", err)
			return done
		}
	}
	return garbageRounds
}
