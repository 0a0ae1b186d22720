// Command stigmer-store shows what lies in a store of stigmer-server; see --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/storecli"
)

func main() {
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return storecli.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
}
