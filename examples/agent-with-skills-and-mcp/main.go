// Agent with skills and MCP: an agent that knows how texts are written here, and keeps notes with a tool server.
package main

import (
	"log"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/mcpserver"
	"github.com/stigmer/stigmer/sdk/go/stigmer"
)

func main() {
	err := stigmer.Run(func(ctx *stigmer.Context) error {
		// Which program serves the tools is known on the machine that runs the agent, not here.
		command, err := environment.New(ctx, "NOTES_SERVER", &environment.VariableArgs{
			Description: "Command that starts the notes server",
		})
		if err != nil {
			return err
		}
		notes, err := mcpserver.Stdio(ctx, "notes", &mcpserver.StdioArgs{
			Command:         "sh",
			Args:            []string{"-c", "exec $NOTES_SERVER"},
			EnvPlaceholders: map[string]string{"NOTES_SERVER": "${NOTES_SERVER}"},
		})
		if err != nil {
			return err
		}
		notes.EnableTools("add_note", "list_notes")

		librarian, err := agent.New(ctx, "librarian", &agent.AgentArgs{
			Description: "Keeps notes in the house style",
			Instructions: "You keep notes for the user. Write each note in the house style before you add it. " +
				"When asked what there is, list the notes and sum them up in one sentence.",
		})
		if err != nil {
			return err
		}
		librarian.AddMCPServer(notes).AddOrgSkillRef("house-style").AddEnvironmentVariable(*command)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}
