package resource

import (
	"strings"

	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
)

// maxNameLength limits slugs and organizations: both stand in keys, and no sensible name is longer.
const maxNameLength = 255

// Slug makes a slug of a name: lower case, spaces as `-`, nothing but `a-z`, `0-9` and `-`, and no `-` twice in a row, at
// the start or at the end. A name without letters or digits has none: "".
func Slug(name string) string {
	var slug strings.Builder
	pendingHyphen := false
	for _, r := range strings.ToLower(name) {
		switch {
		case r == ' ' || r == '-':
			pendingHyphen = slug.Len() > 0
		case isSlugLetter(r):
			if pendingHyphen {
				slug.WriteByte('-')
				pendingHyphen = false
			}
			slug.WriteRune(r)
		}
	}
	return slug.String()
}

func isSlugLetter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
}

func isSlug(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r != '-' && !isSlugLetter(r) })
}

// ResolveSlug gives the metadata a slug, made of the name unless the client chose one, and checks what keys are made of.
func ResolveSlug(metadata *apiresource.ApiResourceMetadata) error {
	if metadata.GetSlug() == "" {
		if metadata.GetName() == "" {
			return Invalid("resource name is empty, cannot generate slug: set metadata.name")
		}
		metadata.Slug = Slug(metadata.GetName())
		if metadata.GetSlug() == "" {
			return Invalid("resource name %q has no letter or digit, cannot generate slug: use a-z or 0-9 in metadata.name",
				metadata.GetName())
		}
	}
	if !isSlug(metadata.GetSlug()) {
		return Invalid("slug %q may hold only a-z, 0-9 and '-': leave metadata.slug empty to have %q made of the name",
			metadata.GetSlug(), Slug(metadata.GetName()))
	}
	if len(metadata.GetSlug()) > maxNameLength {
		return Invalid("slug has %d characters and %d are allowed: use a shorter metadata.name",
			len(metadata.GetSlug()), maxNameLength)
	}
	if len(metadata.GetOrg()) > maxNameLength {
		return Invalid("organization has %d bytes and %d are allowed: use a shorter metadata.org",
			len(metadata.GetOrg()), maxNameLength)
	}
	return nil
}
