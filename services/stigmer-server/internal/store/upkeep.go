package store

import (
	"context"
	"errors"
	"time"

	"github.com/dgraph-io/badger/v4"
)

const (
	// garbageInterval is the time between two looks for garbage in the value log. A run writes some MB a minute at most, so
	// that a look every few minutes keeps the log within a few files.
	garbageInterval = 5 * time.Minute
	// garbageRounds bounds the value-log files that one look rewrites.
	garbageRounds = 8
	// staleShare is the share of a value-log file that must be stale before it is rewritten; half is BadgerDB's advice.
	staleShare = 0.5
	// mergeAt is the number of unmerged tables, of up to memTableSize each, from which they are merged. Reading looks into
	// each of them; merging rewrites the store.
	mergeAt = 8
)

// upkeep merges tables and cleans the value log. BadgerDB's own compactors would look for work forty times a second for as
// long as the store is open, which is most of what an idle server costs; here the writes say when there may be work.
func (s *Badger) upkeep(ctx context.Context) {
	ticker := time.NewTicker(garbageInterval)
	defer ticker.Stop()
	s.mergeTables()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.grown:
			s.mergeTables()
		case <-ticker.C:
			s.rewriteStale(ctx)
		}
	}
}

// wrote counts what is written, and has upkeep look after each memory table's worth.
func (s *Badger) wrote(bytes int) {
	if s.written.Add(int64(bytes)) < memTableSize {
		return
	}
	s.written.Store(0)
	select {
	case s.grown <- struct{}{}:
	default:
	}
}

func (s *Badger) mergeTables() {
	if s.db.Levels()[0].NumTables < mergeAt || s.checkSpace() != nil {
		return
	}
	if err := s.db.Flatten(1); err != nil {
		s.logger.Warn("tables were not merged", "error", err)
	}
}

// rewriteStale answers how many value-log files it rewrote.
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
