// The workflow-runner validates workflows and runs their tasks.
package main

import (
	"os"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Stdout, os.Stderr)) }
