// Package skill holds the argument struct of a skill. The SDK itself has no use for it: such resources are made by the CLI
// and the API.
package skill

// SkillArgs says what a skill is.
type SkillArgs struct {
	// Description is one line for people.
	Description string `json:"description,omitempty"`
	// MarkdownContent is the text that an agent gets.
	MarkdownContent string `json:"markdownContent,omitempty"`
}
