package agent_test

import (
	"fmt"
	"log"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/environment"
	"github.com/stigmer/stigmer/sdk/go/mcpserver"
	"github.com/stigmer/stigmer/sdk/go/skillref"
	"github.com/stigmer/stigmer/sdk/go/subagent"
)

// The first argument of New and the like is the context of stigmer.Run; nil makes things that are not applied.
func ExampleNew() {
	token, err := environment.New(nil, "GITHUB_TOKEN", &environment.VariableArgs{IsSecret: true})
	if err != nil {
		log.Fatal(err)
	}
	github, err := mcpserver.Stdio(nil, "github", &mcpserver.StdioArgs{
		Command:         "npx",
		Args:            []string{"-y", "@modelcontextprotocol/server-github"},
		EnvPlaceholders: map[string]string{"GITHUB_TOKEN": "${GITHUB_TOKEN}"},
	})
	if err != nil {
		log.Fatal(err)
	}
	security, err := subagent.New("security", &subagent.Args{
		Instructions: "Look for security problems and explain each of them",
		McpServers:   []string{"github"},
	})
	if err != nil {
		log.Fatal(err)
	}
	reviewer, err := agent.New(nil, "code-reviewer", &agent.AgentArgs{
		Instructions: "Review the pull request that you are given",
	})
	if err != nil {
		log.Fatal(err)
	}
	reviewer.
		AddEnvironmentVariable(*token).
		AddMCPServer(github.EnableTools("get_pull_request")).
		AddSubAgent(security).
		AddSkillRefs(skillref.Platform("coding-best-practices"), skillref.Organization("my-org", "house-rules", "v1.0"))

	message, err := reviewer.ToProto()
	if err != nil {
		log.Fatal(err)
	}
	spec := message.GetSpec()
	fmt.Println(message.GetMetadata().GetSlug(), len(spec.GetMcpServers()), len(spec.GetSubAgents()), len(spec.GetSkillRefs()))
	// Output: code-reviewer 1 1 2
}
