package store

import (
	"log/slog"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Sizes of BadgerDB's files. They are small because a store lives as long as a test or a developer's day: BadgerDB's own
// defaults reserve 2.2 GB of address space and 64 MB of memory per store.
const (
	// memTableSize limits the memory table and half its write-ahead log. A transaction may write 15 % of it, 1.2 MB, beside
	// values above valueThreshold.
	memTableSize = 8 << 20
	// valueThreshold is the size from which a value lies in the value log, where old versions of it are garbage until a file
	// is rewritten. Nearly all resources are smaller. Two values of this size fit into one transaction; none of ours writes
	// more large ones.
	valueThreshold = 512 << 10
	// valueLogFileSize limits a value-log file; the largest value, a message of 10 MB, fits.
	valueLogFileSize = 16 << 20
	// reservedSpace must be free before a write. BadgerDB writes through mmap, where a full disk is a SIGBUS that ends the
	// process. It covers what one write can cause: a new write-ahead log (16 MB), a flushed table (8 MB), its merge (8 MB)
	// and a value-log file (16 MB).
	reservedSpace = 48 << 20
	// openSpace must be free to open a store, which flushes what is in its logs. It is less than a write needs, so that a
	// store which filled its file system can still be read.
	openSpace = 16 << 20
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
		WithNumLevelZeroTables(1).
		WithNumLevelZeroTablesStall(3 * mergeAt).
		WithMetricsEnabled(false).
		WithDetectConflicts(true)
}
