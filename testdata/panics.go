// A program whose function panics after it has defined an agent: nothing of it may be applied.
package main

import (
	"log"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
)

func main() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		if _, err := agent.New(ctx, "never-applied", &agent.AgentArgs{
			Instructions: "Answer every message in one short sentence.",
		}); err != nil {
			return err
		}
		var settings map[string]string
		settings["name"] = "value"
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}
