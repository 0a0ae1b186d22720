// A program with two agents that are not right and one that is: nothing of it may be applied, and both are named.
package main

import (
	"log"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/mcpserver"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
)

func main() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		if _, err := agent.New(ctx, "too-short", &agent.AgentArgs{Instructions: "Hi"}); err != nil {
			return err
		}
		if _, err := agent.New(ctx, "valid", &agent.AgentArgs{Instructions: "Answer in one short sentence."}); err != nil {
			return err
		}
		helpless, err := agent.New(ctx, "no-command", &agent.AgentArgs{Instructions: "Answer in one short sentence."})
		if err != nil {
			return err
		}
		server, err := mcpserver.Stdio(ctx, "tools", nil)
		if err != nil {
			return err
		}
		helpless.AddMCPServer(server)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}
