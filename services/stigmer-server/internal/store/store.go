package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// ErrNotFound says that no value has the key.
var ErrNotFound = errors.New("key not found")

// ErrClosed says that the store was closed while the call ran.
var ErrClosed = errors.New("store is closed")

// FullError says that the file system has too little room left for a write.
type FullError struct {
	Dir  string
	Free uint64
	Need uint64
}

func (e *FullError) Error() string {
	return fmt.Sprintf("%s has %d MiB left and the store needs %d MiB in reserve: free some space there, or set DB_PATH to "+
		"a directory on a larger file system", e.Dir, e.Free>>20, e.Need>>20)
}

// LockedError says that another process has the directory open.
type LockedError struct {
	Dir string
	// Owner is the process id of the other server, as far as it is known.
	Owner string
	Err   error
}

func (e *LockedError) Error() string {
	owner := "another server"
	if e.Owner != "" {
		owner += " (process " + e.Owner + ")"
	}
	return fmt.Sprintf("store %s is in use by %s: stop that one, or set DB_PATH to another directory", e.Dir, owner)
}

func (e *LockedError) Unwrap() error { return e.Err }

// Entry is one key with its value.
type Entry struct {
	Key   string
	value func() ([]byte, error)
}

// Value reads the value; only while the scan stands at this entry.
func (e Entry) Value() ([]byte, error) { return e.value() }

// Order is the order of a scan.
type Order bool

// Orders of keys; those of resources are the orders in which they were made.
const (
	OldestFirst Order = false
	NewestFirst Order = true
)

// Reader reads one consistent state. At most one scan may run at a time.
type Reader interface {
	// Get answers the value of a key, or ErrNotFound.
	Get(key string) ([]byte, error)
	// Scan walks over the entries whose keys have the prefix. An error is the last element.
	Scan(prefix string, order Order) iter.Seq2[Entry, error]
}

// Writer reads one state and its own changes of it.
type Writer interface {
	Reader
	Set(key string, value []byte) error
	Delete(key string) error
}

// Store is a transactional store of keys and values.
type Store interface {
	// View reads one state.
	View(ctx context.Context, read func(Reader) error) error
	// Update makes all changes of the function or none. It may call the function more than once, so the function must not
	// have effects elsewhere. The changes survive the end of the process from the moment Update returns.
	Update(ctx context.Context, write func(Writer) error) error
	// Close ends the store; later calls answer ErrClosed.
	Close() error
}
