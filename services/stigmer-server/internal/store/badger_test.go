package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

func open(t *testing.T, dir string) *store.Badger {
	t.Helper()
	opened, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func TestANewStoreBehavesLikeAStore(t *testing.T) {
	runStoreSuite(t, func(t *testing.T) store.Store { return open(t, t.TempDir()) })
}

func TestAStoreThatWasUsedAndEmptiedBehavesLikeAStore(t *testing.T) {
	runStoreSuite(t, func(t *testing.T) store.Store {
		dir := t.TempDir()
		used := open(t, dir)
		set(t, used, "a", "1", "k/1", "2")
		err := used.Update(t.Context(), func(w store.Writer) error { return errors.Join(w.Delete("a"), w.Delete("k/1")) })
		if err = errors.Join(err, used.Close()); err != nil {
			t.Fatal(err)
		}
		return open(t, dir)
	})
}

func TestASecondStoreOnTheDirectorySaysWhoHasIt(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	defer first.Close()
	_, err := store.Open(store.Options{Dir: dir})
	locked, ok := errors.AsType[*store.LockedError](err)
	if !ok {
		t.Fatalf("the second store answered %v", err)
	}
	if locked.Owner != fmt.Sprint(os.Getpid()) || !strings.Contains(err.Error(), dir) ||
		!strings.Contains(err.Error(), "DB_PATH") {
		t.Errorf("the message is %q", err)
	}
}

func TestAFullFileSystemIsAnErrorWithTheCure(t *testing.T) {
	free := uint64(1 << 40)
	opened, err := store.Open(store.Options{
		Dir: t.TempDir(), FreeSpace: func(string) (uint64, error) { return free, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	set(t, opened, "a", "before")
	free = 31 << 20
	err = opened.Update(t.Context(), func(writer store.Writer) error { return writer.Set("a", []byte("after")) })
	if full, ok := errors.AsType[*store.FullError](err); !ok || full.Free != free {
		t.Fatalf("the update answered %v", err)
	}
	for _, words := range []string{"31 MiB left", "32 MiB in reserve", "free some space", "DB_PATH"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("the message %q lacks %q", err, words)
		}
	}
	if value, err := get(t, opened, "a"); value != "before" || err != nil {
		t.Errorf("a is %q (%v)", value, err)
	}
	free = 1 << 40
	set(t, opened, "a", "after")
}

func TestAFileInPlaceOfTheDirectoryIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stigmer.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(store.Options{Dir: file}); err == nil || !strings.Contains(err.Error(), "DB_PATH") {
		t.Errorf("open answered %v", err)
	}
}

func TestTheDirectoryIsItsOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "data")
	opened := open(t, dir)
	defer opened.Close()
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode is %v (%v)", info.Mode(), err)
	}
}

func TestMuchWritingNeitherStallsNorGrowsWithoutBound(t *testing.T) {
	dir := t.TempDir()
	opened := open(t, dir)
	// 300 MB of new versions of 50 values: more tables than may be unmerged before writes stall, were none merged.
	value := strings.Repeat("v", 60<<10)
	for round := range 100 {
		for key := range 50 {
			set(t, opened, fmt.Sprintf("execution/%d", key), fmt.Sprintf("%d %s", round, value))
		}
	}
	if got, err := get(t, opened, "execution/49"); err != nil || !strings.HasPrefix(got, "99 ") {
		t.Errorf("last value is %.5q (%v)", got, err)
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	if size := sizeOf(t, dir); size > 100<<20 {
		t.Errorf("the store holds 3 MB of values and takes %d MB", size>>20)
	}
	again := open(t, dir)
	defer again.Close()
	if found := scan(t, again, "execution/", store.OldestFirst); len(found) != 50 {
		t.Errorf("%d values came back", len(found))
	}
}

func sizeOf(t *testing.T, dir string) (size int64) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	return size
}
