package skill_test

import (
	"fmt"
	"log"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/skill"
)

func ExampleNew() {
	style, err := skill.New(nil, "house-style", &skill.SkillArgs{
		Description:     "How texts are written here",
		MarkdownContent: "# House style\n\nOne thought a sentence.\n",
	})
	if err != nil {
		log.Fatal(err)
	}
	writer, err := agent.New(nil, "writer", &agent.AgentArgs{Instructions: "Write what you are asked for"})
	if err != nil {
		log.Fatal(err)
	}
	writer.AddSkillRef(style.Ref())
	fmt.Println(style, writer.SkillRefs[0].GetSlug())
	// Output: Skill(name=house-style) house-style
}
