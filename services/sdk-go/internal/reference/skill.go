// Package reference turns references of argument structs into those of the platform, and checks them.
package reference

import (
	"fmt"
	"regexp"

	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource/apiresourcekind"
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	"github.com/stigmer/stigmer/sdk/go/internal/validation"
)

// versionPattern is the platform's: a tag, "latest", a hash, or nothing.
var versionPattern = regexp.MustCompile(`^[a-zA-Z0-9._-]*$`)

// Skills converts references to skills. An empty kind is a skill; an empty scope is left to the platform, which takes the
// organization.
func Skills(references []*types.ApiResourceReference) ([]*apiresource.ApiResourceReference, error) {
	var converted []*apiresource.ApiResourceReference
	for index, reference := range references {
		if reference == nil {
			continue
		}
		scope, err := scopeOf(reference.Scope)
		if err != nil {
			return nil, validation.NewValidationErrorWithCause(
				fmt.Sprintf("skill_refs[%d].scope", index), reference.Scope, "in", err.Error(), validation.ErrInvalidFormat)
		}
		if reference.Kind != "" && reference.Kind != apiresourcekind.ApiResourceKind_skill.String() {
			return nil, validation.NewValidationErrorWithCause(
				fmt.Sprintf("skill_refs[%d].kind", index), reference.Kind, "const",
				fmt.Sprintf("must be \"skill\" or empty, is %q", reference.Kind), validation.ErrInvalidFormat)
		}
		converted = append(converted, &apiresource.ApiResourceReference{
			Scope: scope, Org: reference.Org, Kind: apiresourcekind.ApiResourceKind_skill, Slug: reference.Slug,
		})
	}
	return converted, nil
}

func scopeOf(text string) (apiresource.ApiResourceOwnerScope, error) {
	switch text {
	case "":
		return apiresource.ApiResourceOwnerScope_api_resource_owner_scope_unspecified, nil
	case "platform":
		return apiresource.ApiResourceOwnerScope_platform, nil
	case "organization":
		return apiresource.ApiResourceOwnerScope_organization, nil
	default:
		return 0, fmt.Errorf("must be \"platform\" or \"organization\", is %q", text)
	}
}

// CheckSkills reports what is wrong with references to skills.
func CheckSkills(report *validation.Report, path string, references []*apiresource.ApiResourceReference) {
	for index, reference := range references {
		field := fmt.Sprintf("%s[%d]", path, index)
		if reference.GetKind() != apiresourcekind.ApiResourceKind_skill {
			report.Add(field+".kind", reference.GetKind().String(), "const",
				"must refer to a skill: make it with skillref.Platform or skillref.Organization", validation.ErrInvalidFormat)
			continue
		}
		report.Required(field+".slug", reference.GetSlug(), "name the skill as it was pushed", validation.ErrRequired)
		if !versionPattern.MatchString(reference.GetVersion()) {
			report.Add(field+".version", reference.GetVersion(), "pattern",
				fmt.Sprintf("%q must be a tag of letters, digits, '.', '_' and '-', or a version hash", reference.GetVersion()),
				validation.ErrInvalidFormat)
		}
	}
}
