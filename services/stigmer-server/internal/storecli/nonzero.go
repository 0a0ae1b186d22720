package storecli

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// blockSize is the size of the pieces that are looked at; a multiple of every file system's own.
const blockSize = 64 << 10

// copyNonZero copies the blocks that are not all zero, so that the rest become holes.
func copyNonZero(source, target *os.File, size int64) error {
	block, zeros := make([]byte, blockSize), make([]byte, blockSize)
	for offset := int64(0); offset < size; offset += blockSize {
		count, err := source.ReadAt(block, offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if bytes.Equal(block[:count], zeros[:count]) {
			continue
		}
		if _, err := target.WriteAt(block[:count], offset); err != nil {
			return err
		}
	}
	return nil
}
