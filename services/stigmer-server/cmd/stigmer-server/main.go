// Command stigmer-server answers the Stigmer API; see --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/app"
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stop()
		<-signals
		os.Exit(app.Interrupted)
	}()
	os.Exit(app.Main(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
