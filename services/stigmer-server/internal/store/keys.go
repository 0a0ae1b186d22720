// Package store keeps resources in a BadgerDB directory. This file is its layout; nothing else makes or takes apart keys.
//
//	{kind}/{id}                      the resource, protobuf bytes; kind is a name of ApiResourceKind
//	{kind}:{slug}                    id of the resource with this slug in the organization `local`, or in none
//	{kind}:{org}:{slug}              id of the resource with this slug in another organization
//	skill_version/{id}/{hash}        a pushed version of the skill, protobuf bytes; hash is that of its archive
//	skill_version:{id}:{tag}         hash of the version that was last pushed with this tag
//	pending_start/{execution id}     empty; the execution is stored, whether Temporal took it is not known yet
//	pending_cancel/{execution id}    `cancel` or `terminate`; Temporal has not confirmed it yet
//	flush/{number}                   empty; there for a moment while the store looks after itself
//
// Kinds hold only `a-z` and `_`, slugs no `:`, so a key says by itself what it is. Ids are ULIDs behind a prefix, so the
// order of keys of a kind is the order in which its resources were made.
package store

import (
	"strings"
)

// LocalOrganization is the organization of a developer's machine. Its resources are found without naming it.
const LocalOrganization = "local"

// First parts of the keys that are no resources.
const (
	skillVersionSpace  = "skill_version"
	pendingStartSpace  = "pending_start"
	pendingCancelSpace = "pending_cancel"
	flushSpace         = "flush"
)

// ResourceKey is the key of a resource.
func ResourceKey(kind, id string) string {
	return kind + "/" + id
}

// ResourcePrefix is the prefix of all resources of a kind.
func ResourcePrefix(kind string) string {
	return kind + "/"
}

// SlugKey is the key under which a resource's id is found by its slug.
func SlugKey(kind, org, slug string) string {
	if org == "" || org == LocalOrganization {
		return kind + ":" + slug
	}
	return kind + ":" + org + ":" + slug
}

// SlugPrefix is the prefix of all slugs of a kind.
func SlugPrefix(kind string) string {
	return kind + ":"
}

// HasSlug tells whether the key is that of this slug, in any organization.
func HasSlug(key, slug string) bool {
	return strings.HasSuffix(key, ":"+slug)
}

// SkillVersionKey is the key of one pushed version of a skill.
func SkillVersionKey(skillID, hash string) string {
	return skillVersionSpace + "/" + skillID + "/" + hash
}

// SkillVersionPrefix is the prefix of all versions of a skill; an empty id means all skills.
func SkillVersionPrefix(skillID string) string {
	if skillID == "" {
		return skillVersionSpace + "/"
	}
	return skillVersionSpace + "/" + skillID + "/"
}

// SkillTagKey is the key under which the hash of a skill's version is found by its tag.
func SkillTagKey(skillID, tag string) string {
	return SkillTagPrefix(skillID) + tag
}

// SkillTagPrefix is the prefix of all tags of a skill.
func SkillTagPrefix(skillID string) string {
	return skillVersionSpace + ":" + skillID + ":"
}

// PendingStartKey marks an execution of which Temporal may not know yet.
func PendingStartKey(executionID string) string {
	return pendingStartSpace + "/" + executionID
}

// PendingCancelKey marks an execution whose end Temporal has not confirmed yet.
func PendingCancelKey(executionID string) string {
	return pendingCancelSpace + "/" + executionID
}

// PendingCancelPrefix is the prefix of all ends that Temporal has not confirmed.
func PendingCancelPrefix() string {
	return pendingCancelSpace + "/"
}

// Name tells what a key's value is: the kind of a resource held as protobuf bytes, or "" for text.
func Name(key string) (kind string) {
	space, _, isRecord := strings.Cut(key, "/")
	if !isRecord || strings.Contains(space, ":") {
		return ""
	}
	switch space {
	case skillVersionSpace:
		return "skill"
	case pendingStartSpace, pendingCancelSpace, flushSpace:
		return ""
	default:
		return space
	}
}

// LastPart is what stands behind the last separator of a key: the id of a resource, the hash of a version.
func LastPart(key string) string {
	return key[strings.LastIndexAny(key, "/:")+1:]
}
