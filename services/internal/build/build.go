// Package build tells what a program was built from.
package build

import "runtime/debug"

// Digest is the digest of the sources, set by the linker (-X …/internal/build.Digest=…). The harness refuses a program
// whose digest is not that of the checkout it runs from.
var Digest = "unknown"

// Version is the version of the reference services; they are versioned together.
const Version = "0.1.0"

// Line is what `--version` prints: `NAME VERSION sources DIGEST`, one line, read by the harness.
func Line(program string) string {
	return program + " " + Version + " sources " + Digest
}

// ID identifies the build to Temporal. It must be set on every worker: without it the SDK hashes the executable at the
// first worker, which costs 42 ms and more of CPU.
func ID() string {
	if Digest != "unknown" {
		return Digest
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version + "-" + info.GoVersion
	}
	return "unknown"
}
