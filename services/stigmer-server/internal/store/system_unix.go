//go:build unix

package store

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// freeSpace asks the system for what an ordinary user may still write.
func freeSpace(dir string) (uint64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	return stat.Bavail * uint64(stat.Bsize), nil
}

// isLocked recognises BadgerDB's answer to a directory that another process has locked: it wraps EWOULDBLOCK into text.
func isLocked(err error) bool {
	return errors.Is(err, unix.EWOULDBLOCK) || strings.Contains(err.Error(), "Cannot acquire directory lock")
}

// exclusively runs a function while no store has the directory open. BadgerDB takes the same lock.
func exclusively(dir string, run func() error) error {
	opened, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer opened.Close()
	if err := unix.Flock(int(opened.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	return run()
}
