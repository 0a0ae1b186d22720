package store

import (
	"log/slog"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Sizes of BadgerDB's files. They are small because a store lives as long as a test or a developer's day: BadgerDB's own
// defaults reserve 2.2 GB of address space and 64 MB of memory per store.
const (
	// memTableSize limits the memory table and half its write-ahead log. A transaction may write 15 % of it beside values
	// above valueThreshold: 600 KB, where the largest of ours writes six values.
	memTableSize = 4 << 20
	// valueThreshold is the size from which a value lies in the value log: most resources are below it and never need
	// garbage collection. Six values of this size fit into one transaction.
	valueThreshold = 64 << 10
	// valueLogFileSize limits a value-log file; the largest value, a message of 10 MB, fits.
	valueLogFileSize = 16 << 20
	// reservedSpace must be free before a write. BadgerDB writes through mmap, where a full disk is a SIGBUS that ends the
	// process. It covers what one write can cause: a new write-ahead log (8 MB), a flushed table (4 MB), its compaction (4
	// MB) and a value-log file (16 MB).
	reservedSpace = 32 << 20
)

// badgerOptions are the options of a store. SyncWrites is off: a write is in the page cache when Update returns, so it
// survives the death of the process (SIGKILL too). After a loss of power the last writes may be missing; the log's
// checksums cut off what is torn. A store of test and development data does not pay an fsync per write for more.
func badgerOptions(dir string, logger *slog.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(badgerLogger{logger}).
		WithSyncWrites(false).
		WithMemTableSize(memTableSize).
		WithNumMemtables(2).
		WithValueThreshold(valueThreshold).
		WithValueLogFileSize(valueLogFileSize).
		// Without compression BadgerDB needs no block cache, which would cost memory and a goroutine.
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		// See upkeep: we say when tables are merged. The stall is far beyond the number at which we do, and bounds what piles
		// up while a merge runs.
		WithNumCompactors(0).
		WithNumLevelZeroTablesStall(8 * mergeAt).
		WithMetricsEnabled(false).
		WithDetectConflicts(true)
}
