// Workflow calling an agent: what the agent answers is used by the next task.
package main

import (
	"log"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

func main() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		summarizer, err := agent.New(ctx, "summarizer", &agent.AgentArgs{
			Description:  "Sums up a text",
			Instructions: "Sum up the text that you are given in one sentence, in the language of the text.",
		})
		if err != nil {
			return err
		}
		text, err := environment.New(ctx, "TEXT", &environment.VariableArgs{Description: "Text to sum up"})
		if err != nil {
			return err
		}
		wf, err := workflow.New(ctx, "texts/summarize", &workflow.WorkflowArgs{
			Version:     "1.0.0",
			Description: "Has an agent sum up a text",
		})
		if err != nil {
			return err
		}
		wf.AddEnvironmentVariable(*text)

		answer := wf.CallAgent("ask", &workflow.AgentCallArgs{
			Agent:   workflow.Agent(summarizer).Slug(),
			Message: workflow.Interpolate("Sum up this text:\n\n", workflow.RuntimeEnv("TEXT")),
			Config:  &types.AgentExecutionConfig{Timeout: 120},
		})
		wf.Set("result", &workflow.SetArgs{Variables: map[string]string{
			"summary": answer.Field("response").Expression(),
		}})
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}
