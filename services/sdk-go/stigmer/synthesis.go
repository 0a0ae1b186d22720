package stigmer

import (
	"fmt"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	skillv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/skill/v1"
	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"
	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer/sdk/go/agent"
	"github.com/stigmer/stigmer/sdk/go/internal/manifest"
	"github.com/stigmer/stigmer/sdk/go/internal/validation"
	"github.com/stigmer/stigmer/sdk/go/skill"
	"github.com/stigmer/stigmer/sdk/go/workflow"
)

// Synthesize checks everything that the program defined and writes it into the directory of STIGMER_OUT_DIR; without that
// variable it only checks. Run calls it. It can be called again after an error, but not after a success.
func (c *Context) Synthesize() (err error) {
	if !c.state.begin() {
		return &validation.SynthesisError{
			Phase: "start", Message: "the resources of this context are written already: use a context of its own",
			Err: validation.ErrSynthesisAlreadyDone,
		}
	}
	defer func() {
		if err != nil {
			c.state.restart()
		}
	}()
	resources, err := convert(c.Skills(), c.Agents(), c.Workflows())
	if err != nil {
		return &validation.SynthesisError{
			Phase: "validation", Message: "nothing was written: " + err.Error(), Err: err,
		}
	}
	resources.dependencies = order(c.Dependencies(), resources)
	if directory := manifest.OutputDirectory(); directory != "" {
		if err := resources.write(directory); err != nil {
			return &validation.SynthesisError{
				Phase: "write",
				Message: fmt.Sprintf("cannot write into STIGMER_OUT_DIR %q: %v; name a directory that can be written",
					directory, err),
				Err: fmt.Errorf("%w: %w", validation.ErrManifestWrite, err),
			}
		}
	}
	return nil
}

// begin is true for one synthesis at a time, and never after a successful one.
func (s *state) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.synthesized
	s.synthesized = true
	return first
}

func (s *state) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.synthesized = false
}

// resources are the platform's forms of everything that the program defined.
type resources struct {
	skills       []*skillv1.Skill
	agents       []*agentv1.Agent
	workflows    []*workflowv1.Workflow
	dependencies map[string][]string
}

// convert goes through all resources, so that the error names the problems of all of them.
func convert(skills []*skill.Skill, agents []*agent.Agent, workflows []*workflow.Workflow) (*resources, error) {
	result := &resources{}
	var problems []error
	seen := map[string]bool{}
	for _, registered := range skills {
		converted, err := registered.ToProto()
		problems = append(problems, err, duplicate(seen, "Skill", registered.Name, registered.Name))
		result.skills = append(result.skills, converted)
	}
	for _, registered := range agents {
		converted, err := registered.ToProto()
		problems = append(problems, err, duplicate(seen, "Agent", registered.Slug, registered.Name))
		result.agents = append(result.agents, converted)
	}
	for _, registered := range workflows {
		converted, err := registered.ToProto()
		problems = append(problems, err, duplicate(seen, "Workflow", registered.Slug, registered.Document.Name))
		result.workflows = append(result.workflows, converted)
	}
	if err := validation.Join(problems...); err != nil {
		return nil, err
	}
	return result, nil
}

// duplicate finds resources that would replace each other on the platform, where the slug is the key.
func duplicate(seen map[string]bool, resourceType, slug, name string) error {
	key := resourceType + ":" + slug
	if slug == "" || !seen[key] {
		seen[key] = true
		return nil
	}
	return validation.NewResourceErrorWithCause(resourceType, name, "",
		"is defined twice, the second would replace the first: give each its own name", validation.ErrDuplicate)
}

func (r *resources) write(directory string) error {
	var files []manifest.File
	add := func(kind string, index int, message proto.Message) error {
		file, err := manifest.ResourceFile(kind, index, message)
		files = append(files, file)
		return err
	}
	for index, message := range r.skills {
		if err := add("skill", index, message); err != nil {
			return err
		}
	}
	for index, message := range r.agents {
		if err := add("agent", index, message); err != nil {
			return err
		}
	}
	for index, message := range r.workflows {
		if err := add("workflow", index, message); err != nil {
			return err
		}
	}
	dependencies, err := manifest.DependenciesFile(r.dependencies)
	if err != nil {
		return err
	}
	return manifest.Write(directory, append(files, dependencies))
}
