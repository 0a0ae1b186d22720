package storecli_test

import (
	"os"
	"syscall"
	"testing"
)

// sizes answers how large the files of a directory look and how much of the disk they take.
func sizes(t *testing.T, dir string) (apparent, real int64) {
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
		apparent += info.Size()
		// Blocks are counted in units of 512 bytes, whatever the file system's own are.
		real += info.Sys().(*syscall.Stat_t).Blocks * 512
	}
	return apparent, real
}
