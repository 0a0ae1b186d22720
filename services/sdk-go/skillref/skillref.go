// Package skillref refers to skills that are on the platform. A program does not make skills: push them with
// "stigmer skill push".
//
//	reviewer.AddSkillRefs(
//		skillref.Platform("coding-best-practices"),
//		skillref.Organization("my-org", "internal-docs", "v1.0"),
//	)
package skillref

import (
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource/apiresourcekind"
)

// Platform refers to a skill that everybody sees. Without a version it is the newest one.
func Platform(slug string, version ...string) *apiresource.ApiResourceReference {
	return reference(apiresource.ApiResourceOwnerScope_platform, "", slug, version)
}

// Organization refers to a skill of an organization. Without a version it is the newest one; an empty organization means
// the one that the program is applied to.
func Organization(org, slug string, version ...string) *apiresource.ApiResourceReference {
	return reference(apiresource.ApiResourceOwnerScope_organization, org, slug, version)
}

func reference(
	scope apiresource.ApiResourceOwnerScope, org, slug string, version []string,
) *apiresource.ApiResourceReference {
	result := &apiresource.ApiResourceReference{
		Scope: scope, Org: org, Kind: apiresourcekind.ApiResourceKind_skill, Slug: slug,
	}
	if len(version) > 0 {
		result.Version = version[0]
	}
	return result
}
