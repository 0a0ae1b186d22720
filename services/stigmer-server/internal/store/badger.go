package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
)

// attempts is how often a transaction runs beside others. One that met others each time runs alone, and so succeeds: few
// meet any, and those that meet many would only be in each other's way.
const attempts = 4

// Options are what a store needs to know.
type Options struct {
	// Dir is the store's directory; it is made when missing.
	Dir string
	// Logger gets BadgerDB's messages.
	Logger *slog.Logger
	// FreeSpace answers the bytes that are free on the file system of a directory. Nil means asking the system.
	FreeSpace func(dir string) (uint64, error)
}

// Badger is a Store in a directory.
type Badger struct {
	db        *badger.DB
	dir       string
	freeSpace func(dir string) (uint64, error)
	logger    *slog.Logger

	// writes is held by each write, and exclusively by one that runs alone and by upkeep while none may run.
	writes sync.RWMutex
	// written and large count bytes since upkeep was called last, in all and of large values; grown and bloated call it.
	written, large atomic.Int64
	grown, bloated chan struct{}
	stopUpkeep     context.CancelFunc
	background     sync.WaitGroup
}

var _ Store = (*Badger)(nil)

// Open opens the store in a directory and makes it when there is none.
func Open(options Options) (*Badger, error) {
	if options.FreeSpace == nil {
		options.FreeSpace = freeSpace
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if err := prepareDirectory(options.Dir); err != nil {
		return nil, err
	}
	store := &Badger{
		dir: options.Dir, freeSpace: options.FreeSpace, logger: options.Logger, grown: make(chan struct{}, 1),
		bloated: make(chan struct{}, 1),
	}
	if err := store.needSpace(openSpace); err != nil {
		return nil, err
	}
	if err := exclusively(options.Dir, func() error { return removeUnborn(options.Dir) }); err != nil {
		return nil, openError(options.Dir, err)
	}
	db, err := badger.Open(badgerOptions(options.Dir, options.Logger))
	if err != nil {
		return nil, openError(options.Dir, err)
	}
	store.db = db
	ctx, cancel := context.WithCancel(context.Background())
	store.stopUpkeep = cancel
	store.background.Go(func() { store.upkeep(ctx) })
	return store, nil
}

// prepareDirectory makes the directory, readable by its owner only: it holds secrets.
func prepareDirectory(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make store directory: %w", err)
		}
		return nil
	case err != nil:
		return fmt.Errorf("look at store directory: %w", err)
	case !info.IsDir():
		return fmt.Errorf("store %s is a file, and a directory is needed: set DB_PATH to another path", dir)
	}
	return nil
}

// removeUnborn removes empty logs: those of a process that was killed between making a file and giving it its size, or
// between emptying it and removing it. BadgerDB opens no store that has one.
func removeUnborn(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if extension := filepath.Ext(entry.Name()); extension != ".mem" && extension != ".vlog" {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Size() > 0 {
			continue
		}
		if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

func openError(dir string, err error) error {
	if isLocked(err) {
		return &LockedError{Dir: dir, Owner: lockOwner(dir), Err: err}
	}
	return fmt.Errorf("open store %s: %w", filepath.Clean(dir), err)
}

// lockOwner reads the process id that BadgerDB leaves beside its lock; "" when there is none.
func lockOwner(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "LOCK"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// View implements Store.
func (s *Badger) View(ctx context.Context, read func(Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return closed(s.db.View(func(txn *badger.Txn) error { return read(&transaction{txn: txn}) }))
}

// Update implements Store.
func (s *Badger) Update(ctx context.Context, write func(Writer) error) error {
	var turn sync.Locker = s.writes.RLocker()
	for attempt := 1; ; attempt++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.checkSpace(); err != nil {
			return err
		}
		if attempt > attempts {
			turn = &s.writes
		}
		err := s.write(turn, write)
		if !errors.Is(err, badger.ErrConflict) || attempt > attempts {
			return closed(err)
		}
	}
}

// write makes one attempt of an update when it is its turn.
func (s *Badger) write(turn sync.Locker, write func(Writer) error) error {
	turn.Lock()
	defer turn.Unlock()
	var writer *transaction
	err := s.db.Update(func(txn *badger.Txn) error {
		writer = &transaction{txn: txn}
		return write(writer)
	})
	if err == nil {
		s.wrote(writer.bytes, writer.large)
	}
	return err
}

// Close implements Store. The memory table is flushed, so that the next open replays nothing.
func (s *Badger) Close() error {
	s.stopUpkeep()
	s.background.Wait()
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// checkSpace refuses a write for which there is no room.
func (s *Badger) checkSpace() error { return s.needSpace(reservedSpace) }

func (s *Badger) needSpace(need uint64) error {
	free, err := s.freeSpace(s.dir)
	if err != nil {
		return fmt.Errorf("ask for the free space of %s: %w", s.dir, err)
	}
	if free < need {
		return &FullError{Dir: s.dir, Free: free, Need: need}
	}
	return nil
}

func closed(err error) error {
	if errors.Is(err, badger.ErrDBClosed) || errors.Is(err, badger.ErrBlockedWrites) {
		return ErrClosed
	}
	return err
}

// transaction is a Writer over one transaction of BadgerDB.
type transaction struct {
	txn *badger.Txn
	// bytes is what was set, and large what of it lies in the value log.
	bytes, large int
}

func (t *transaction) Get(key string) ([]byte, error) {
	item, err := t.txn.Get([]byte(key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", key, err)
	}
	return item.ValueCopy(nil)
}

func (t *transaction) Set(key string, value []byte) error {
	if len(value) >= valueThreshold {
		t.large += len(value)
	} else {
		t.bytes += len(key) + len(value)
	}
	return t.txn.Set([]byte(key), value)
}

func (t *transaction) Delete(key string) error {
	return t.txn.Delete([]byte(key))
}

func (t *transaction) Scan(prefix string, order Order) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		options := badger.DefaultIteratorOptions
		options.PrefetchValues = false
		options.Prefix = []byte(prefix)
		options.Reverse = bool(order)
		walk := t.txn.NewIterator(options)
		defer walk.Close()
		start := []byte(prefix)
		if order == NewestFirst {
			// A backward walk starts at the greatest key that is not above this one.
			start = append(start, 0xff)
		}
		for walk.Seek(start); walk.ValidForPrefix([]byte(prefix)); walk.Next() {
			item := walk.Item()
			entry := Entry{Key: string(item.Key()), value: func() ([]byte, error) { return item.ValueCopy(nil) }}
			if !yield(entry, nil) {
				return
			}
		}
	}
}
