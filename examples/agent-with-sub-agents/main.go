// Agent with sub-agents: an editor that hands parts of the work to helpers with instructions of their own.
package main

import (
	"log"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
	"github.com/stigmer/stigmer/sdk/go/subagent"
)

func main() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		factChecker, err := subagent.New("fact-checker", &subagent.Args{
			Description:  "Checks what a text claims",
			Instructions: "List every claim of the text that a reader could doubt, with one sentence on how to check it.",
		})
		if err != nil {
			return err
		}
		proofReader, err := subagent.New("proof-reader", &subagent.Args{
			Description:  "Corrects spelling and grammar",
			Instructions: "Give the text back with spelling and grammar corrected, and change nothing else.",
		})
		if err != nil {
			return err
		}
		editor, err := agent.New(ctx, "editor", &agent.AgentArgs{
			Description: "Makes a text ready to publish",
			Instructions: "You make texts ready to publish. Have the fact-checker look at the claims and the proof-reader at " +
				"the language, then answer with the corrected text and the claims to check.",
		})
		if err != nil {
			return err
		}
		editor.AddSubAgents(factChecker, proofReader)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}
