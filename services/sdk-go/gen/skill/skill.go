// Package skill holds the argument struct of skills. Programs use it as skill.SkillArgs.
package skill

// SkillArgs says what a skill is.
type SkillArgs struct {
	// Description tells when the skill is of use.
	Description string `json:"description,omitempty"`
	// MarkdownContent is the text that an agent gets.
	MarkdownContent string `json:"markdownContent,omitempty"`
}
