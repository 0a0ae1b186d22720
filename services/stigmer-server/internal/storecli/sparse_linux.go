package storecli

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// copyData copies the pieces that hold data, as the file system knows them. One that knows no holes answers one piece.
func copyData(source, target *os.File, size int64) error {
	for offset := int64(0); offset < size; {
		start, err := unix.Seek(int(source.Fd()), offset, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return nil
		}
		if err != nil {
			return copyNonZero(source, target, size)
		}
		end, err := unix.Seek(int(source.Fd()), start, unix.SEEK_HOLE)
		if err != nil {
			return err
		}
		if err := copyRange(source, target, start, min(end, size)); err != nil {
			return err
		}
		offset = end
	}
	return nil
}
