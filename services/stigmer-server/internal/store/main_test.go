package store_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if directory := os.Getenv(writerDirectory); directory != "" {
		writeUntilKilled(directory)
		return
	}
	goleak.VerifyTestMain(m)
}
