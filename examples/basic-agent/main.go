// Basic agent: instructions for a language model, and nothing else.
package main

import (
	"log"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
)

const instructions = `You review code.
Name at most three problems, the worst one first, and say for each how to cure it.
When there is nothing to improve, say so in one sentence.`

func main() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		_, err := agent.New(ctx, "code-reviewer", &agent.AgentArgs{
			Description:  "Reviews a piece of code",
			Instructions: instructions,
		})
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
}
