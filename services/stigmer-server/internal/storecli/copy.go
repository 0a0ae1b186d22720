package storecli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// copyAttempts bounds how often the copy of a directory that changes meanwhile is made again. A copy takes some 10 ms, and
// files go when some MB were written: a store would have to be written to at the speed of the disk for all to fail.
const copyAttempts = 20

// errMoved says that files went while they were copied.
var errMoved = errors.New("files went")

// snapshot copies a store, also one that a server has open, and answers the copy's directory. Values that were written
// before the call are in the copy.
func snapshot(ctx context.Context, dir, into string) error {
	if _, err := os.Stat(filepath.Join(dir, "MANIFEST")); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is not a store: name the directory that the server has in DB_PATH", dir)
		}
		return fmt.Errorf("look at the store: %w", err)
	}
	for range copyAttempts {
		err := copyOnce(ctx, dir, into)
		if !errors.Is(err, errMoved) {
			return err
		}
		if err := empty(into); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s changed during each of %d copies: try again when less is written to it", dir, copyAttempts)
}

// file is one file of a store.
type file struct {
	name string
	size int64
}

// copyOnce copies all files, each after those that refer to it. So whatever a copied file refers to is in the copy, unless
// it went before its turn. Files that come meanwhile hold what is in others too, or is newer than the copy.
func copyOnce(ctx context.Context, dir, into string) error {
	files, err := listing(dir)
	if err != nil {
		return err
	}
	for _, one := range inOrder(files) {
		if err := ctx.Err(); err != nil {
			return err
		}
		source := filepath.Join(dir, one.name)
		err := copyFile(source, filepath.Join(into, one.name))
		if err == nil {
			err = stillThere(source, one.size)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return errMoved
		}
		if err != nil {
			return fmt.Errorf("copy %s: %w", one.name, err)
		}
	}
	return nil
}

// stillThere answers ErrNotExist for a file that went while it was copied: BadgerDB makes it empty and removes it.
func stillThere(path string, size int64) error {
	info, err := os.Stat(path)
	if err == nil && info.Size() < size {
		return fs.ErrNotExist
	}
	return err
}

// inOrder puts the list of tables before the tables, and the logs of memory tables before the value log, which both refer
// to.
func inOrder(files []file) []file {
	rank := func(one file) int {
		return slices.Index([]string{"", ".sst", ".mem", ".vlog"}, filepath.Ext(one.name))
	}
	slices.SortStableFunc(files, func(a, b file) int { return rank(a) - rank(b) })
	return files
}

// listing answers a store's files; the lock is its owner's and no part of it.
func listing(dir string) ([]file, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the store: %w", err)
	}
	var files []file
	for _, entry := range entries {
		if !entry.Type().IsRegular() || entry.Name() == "LOCK" || strings.HasSuffix(entry.Name(), "REWRITE") {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil, errMoved
		}
		if err != nil {
			return nil, fmt.Errorf("read the store: %w", err)
		}
		files = append(files, file{entry.Name(), info.Size()})
	}
	return files, nil
}

func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies a file without its holes: BadgerDB's logs are mostly that.
func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if err := target.Truncate(info.Size()); err != nil {
		return err
	}
	return copyData(source, target, info.Size())
}

// copyRange copies one piece of a file to the same place in another. The file may have become shorter.
func copyRange(source io.ReaderAt, target io.WriterAt, start, end int64) error {
	piece := io.NewSectionReader(source, start, end-start)
	_, err := io.Copy(io.NewOffsetWriter(target, start), piece)
	return err
}
