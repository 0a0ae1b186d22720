package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

const (
	// mergeAt is the number of unmerged tables, of up to memTableSize each, from which they are merged. Reading looks into
	// each of them; merging rewrites the store.
	mergeAt = 8
	// reclaimAfter is the size of large values written after which their garbage is looked for. A long conversation writes
	// many versions of itself into the value log; this bounds the log to a few times as much.
	reclaimAfter = 64 << 20
	// reclaimFiles bounds the value-log files that one look rewrites: more than what was written since the last.
	reclaimFiles = 8
	// staleShare is the share of a value-log file that must be stale before it is rewritten; half is BadgerDB's advice.
	staleShare = 0.5
)

// upkeep merges tables and cleans the value log when the writes say that there may be work. BadgerDB's own compactors look
// for work forty times a second for as long as the store is open, which is most of what an idle server would cost.
func (s *Badger) upkeep(ctx context.Context) {
	s.mergeTables()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.grown:
			s.mergeTables()
		case <-s.bloated:
			s.reclaim(ctx)
		}
	}
}

// wrote counts what was written, and calls upkeep after a memory table's worth.
func (s *Badger) wrote(bytes, large int) {
	if s.written.Add(int64(bytes)) >= memTableSize {
		s.written.Store(0)
		wake(s.grown)
	}
	if s.large.Add(int64(large)) >= reclaimAfter {
		s.large.Store(0)
		wake(s.bloated)
	}
}

func wake(signal chan struct{}) {
	select {
	case signal <- struct{}{}:
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

// reclaim rewrites value-log files that are mostly stale. BadgerDB learns what is stale when it merges tables, so what is
// in memory becomes tables and these are merged first. Writes wait meanwhile, for some 100 ms.
func (s *Badger) reclaim(ctx context.Context) {
	s.writes.Lock()
	defer s.writes.Unlock()
	err := errors.Join(s.checkSpace(), s.flush("1"), s.flush("2"))
	if err == nil {
		err = s.db.Flatten(1)
	}
	for done := 0; err == nil && done < reclaimFiles && ctx.Err() == nil; done++ {
		err = s.db.RunValueLogGC(staleShare)
	}
	if err != nil && !errors.Is(err, badger.ErrNoRewrite) {
		s.logger.Warn("value log was not cleaned", "error", err)
	}
}

// flush makes a table of what is in memory. BadgerDB does that before it drops keys, and only if there are such keys. It
// merges two tables or more, never one.
func (s *Badger) flush(name string) error {
	marker := []byte(flushSpace + "/" + name)
	err := s.db.Update(func(txn *badger.Txn) error { return txn.Set(marker, nil) })
	if err == nil {
		err = s.db.DropPrefix(marker)
	}
	if err != nil {
		return fmt.Errorf("flush memory table: %w", err)
	}
	return nil
}
