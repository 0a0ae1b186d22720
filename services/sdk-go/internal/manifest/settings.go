package manifest

import (
	"os"
	"strconv"
	"time"
)

// OutputDirectory is where the CLI wants the resources. Empty means: only check the program.
func OutputDirectory() string { return os.Getenv("STIGMER_OUT_DIR") }

// generatedAt is the time of the synthesis in seconds since 1970. SOURCE_DATE_EPOCH, the usual variable for reproducible
// output, replaces the clock.
func generatedAt() string {
	fixed := os.Getenv("SOURCE_DATE_EPOCH")
	if _, err := strconv.ParseInt(fixed, 10, 64); err == nil {
		return fixed
	}
	return strconv.FormatInt(time.Now().Unix(), 10)
}
