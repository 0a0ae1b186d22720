// A program of one file, outside any module: stigmer apply --config testdata/basic_agent.go
package main

import (
	"log"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
)

func main() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		_, err := agent.New(ctx, "test-agent", &agent.AgentArgs{
			Instructions: "Answer every message in one short and friendly sentence.",
			Description:  "Smallest agent of the tests",
		})
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
}
