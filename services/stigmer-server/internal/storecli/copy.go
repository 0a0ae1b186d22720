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

// copyAttempts bounds how often the copy of a directory that changes meanwhile is made again. A change is a new or removed
// file, which happens when some MB were written; several in a row within milliseconds do not happen.
const copyAttempts = 5

// errMoved says that files came or went while they were copied.
var errMoved = errors.New("files came and went")

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

// copyOnce copies all files, each after those that refer to it: the list of tables before the tables, the logs of memory
// tables before the value log. So whatever a copied file refers to is in the copy, unless it was removed meanwhile, and
// then the directory looks different from before.
func copyOnce(ctx context.Context, dir, into string) error {
	before, err := listing(dir)
	if err != nil {
		return err
	}
	files := slices.Clone(before)
	slices.SortStableFunc(files, func(a, b string) int { return rank(a) - rank(b) })
	for _, name := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := copyFile(filepath.Join(dir, name), filepath.Join(into, name))
		if errors.Is(err, fs.ErrNotExist) {
			return errMoved
		}
		if err != nil {
			return fmt.Errorf("copy %s: %w", name, err)
		}
	}
	after, err := listing(dir)
	if err != nil {
		return err
	}
	if !slices.Equal(before, after) {
		return errMoved
	}
	return nil
}

func rank(name string) int {
	return slices.Index([]string{"", ".sst", ".mem", ".vlog"}, filepath.Ext(name))
}

// listing answers the names of a store's files; the lock is its owner's and no part of it.
func listing(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the store: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if entry.Type().IsRegular() && entry.Name() != "LOCK" && !strings.HasSuffix(entry.Name(), "REWRITE") {
			names = append(names, entry.Name())
		}
	}
	return names, nil
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
