// Package skill defines skills inside a program: knowledge in Markdown that agents can load. Skills with files, or of
// others, are pushed with "stigmer skill push" and named with package skillref.
//
//	style, err := skill.New(ctx, "house-style", &skill.SkillArgs{MarkdownContent: "# House style\n..."})
//	if err != nil {
//		return err
//	}
//	reviewer.AddSkillRef(style.Ref())
package skill

import (
	"fmt"
	"strings"

	skillv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/skill/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	genskill "github.com/stigmer/stigmer/sdk/go/gen/skill"
	"github.com/stigmer/stigmer/sdk/go/internal/manifest"
	"github.com/stigmer/stigmer/sdk/go/internal/validation"
	"github.com/stigmer/stigmer/sdk/go/skillref"
	"github.com/stigmer/stigmer/sdk/go/stigmer/naming"
)

// SkillArgs says what a skill is.
type SkillArgs = genskill.SkillArgs

// Context is what New needs of a *stigmer.Context.
type Context interface {
	RegisterSkill(*Skill)
}

// Skill is a skill of the program. Its fields may be changed until the program ends.
type Skill struct {
	// Name has lower-case letters, digits and hyphens; agents refer to the skill by it.
	Name string
	// Description tells when the skill is of use.
	Description string
	// MarkdownContent is what an agent reads.
	MarkdownContent string
}

// New makes a skill and registers it with the context, which may be nil.
func New(ctx Context, name string, args *SkillArgs) (*Skill, error) {
	if args == nil {
		args = &SkillArgs{}
	}
	if err := naming.ValidateSlug(name); err != nil {
		return nil, validation.NewResourceErrorWithCause("Skill", name, "", "name: "+err.Error(), validation.ErrInvalidFormat)
	}
	created := &Skill{Name: name, Description: args.Description, MarkdownContent: args.MarkdownContent}
	if ctx != nil {
		ctx.RegisterSkill(created)
	}
	return created, nil
}

// Ref refers to the skill, for AddSkillRef of an agent.
func (s *Skill) Ref() *apiresource.ApiResourceReference { return skillref.Organization("", s.Name) }

// ToProto gives the platform's form of the skill, or an error that names everything that is wrong with it.
func (s *Skill) ToProto() (*skillv1.Skill, error) {
	report := validation.NewReport("Skill", s.Name)
	if err := naming.ValidateSlug(s.Name); err != nil {
		report.Add("name", s.Name, "format", err.Error(), validation.ErrInvalidFormat)
	}
	report.Required("skill_md", strings.TrimSpace(s.MarkdownContent), "write what an agent should know, in Markdown",
		validation.ErrRequired)
	if err := report.Err(); err != nil {
		return nil, err
	}
	return &skillv1.Skill{
		ApiVersion: "agentic.stigmer.ai/v1",
		Kind:       "Skill",
		Metadata: &apiresource.ApiResourceMetadata{
			Name:        s.Name,
			Slug:        s.Name,
			Annotations: manifest.Annotations(),
			OwnerScope:  apiresource.ApiResourceOwnerScope_organization,
		},
		Spec: &skillv1.SkillSpec{SkillMd: s.text()},
	}, nil
}

// text puts the description in front of the content, where files of skills have it.
func (s *Skill) text() string {
	if s.Description == "" || strings.HasPrefix(s.MarkdownContent, "---\n") {
		return s.MarkdownContent
	}
	return fmt.Sprintf("---\nname: %s\ndescription: %q\n---\n%s", s.Name, s.Description, s.MarkdownContent)
}

// String shows the name.
func (s *Skill) String() string { return "Skill(name=" + s.Name + ")" }
