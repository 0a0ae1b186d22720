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
	free = 47 << 20
	err = opened.Update(t.Context(), func(writer store.Writer) error { return writer.Set("a", []byte("after")) })
	if full, ok := errors.AsType[*store.FullError](err); !ok || full.Free != free {
		t.Fatalf("the update answered %v", err)
	}
	for _, words := range []string{"47 MiB left", "48 MiB in reserve", "free some space", "DB_PATH"} {
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

func TestAStoreThatFilledItsFileSystemCanBeRead(t *testing.T) {
	dir := t.TempDir()
	used := open(t, dir)
	set(t, used, "a", "1")
	if err := used.Close(); err != nil {
		t.Fatal(err)
	}
	for free, works := range map[uint64]bool{40 << 20: true, 15 << 20: false} {
		again, err := store.Open(store.Options{Dir: dir, FreeSpace: func(string) (uint64, error) { return free, nil }})
		if (err == nil) != works {
			t.Errorf("with %d MiB left open answered %v", free>>20, err)
		}
		if err != nil {
			continue
		}
		if value, err := get(t, again, "a"); value != "1" || err != nil {
			t.Errorf("a is %q (%v)", value, err)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
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

// A process that is killed between making a log file and giving it its size leaves an empty one.
func TestEmptyLogsDoNotKeepAStoreClosed(t *testing.T) {
	dir := t.TempDir()
	used := open(t, dir)
	set(t, used, "a", "1")
	if err := used.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"00009.mem", "000009.vlog"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := open(t, dir)
	defer again.Close()
	if value, err := get(t, again, "a"); value != "1" || err != nil {
		t.Errorf("a is %q (%v)", value, err)
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
	for name, test := range map[string]struct{ size, rounds int }{
		// More tables than may be unmerged before writes stall, were none merged.
		"small values": {60 << 10, 80},
		// Values that lie in the value log alone, where nothing fills the tables by which garbage is found.
		"large values": {600 << 10, 12},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			opened := open(t, dir)
			value := strings.Repeat("v", test.size)
			for round := range test.rounds {
				for key := range 50 {
					set(t, opened, fmt.Sprintf("execution/%d", key), fmt.Sprintf("%d %s", round, value))
				}
			}
			if err := opened.Close(); err != nil {
				t.Fatal(err)
			}
			written, left := int64(test.size*test.rounds*50), sizeOf(t, dir)
			if left > written/2 {
				t.Errorf("%d MB of %d MB are left", left>>20, written>>20)
			}
			again := open(t, dir)
			defer again.Close()
			for _, entry := range scan(t, again, "execution/", store.OldestFirst) {
				_, value, _ := strings.Cut(entry, "=")
				if !strings.HasPrefix(value, fmt.Sprintf("%d ", test.rounds-1)) {
					t.Errorf("%.30s is not the last", entry)
				}
			}
		})
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
